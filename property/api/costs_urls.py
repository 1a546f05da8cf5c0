"""Addresses of shared costs under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from property.api import costs, own_costs

router = SimpleRouter()
router.register("estate-books", costs.EstateBooksViewSet)
router.register("maintenance-funds", costs.MaintenanceFundViewSet)
router.register("fund-entries", costs.FundEntryViewSet)
router.register("cost-periods", costs.CostPeriodViewSet)
router.register("charges", costs.ChargeViewSet)
router.register("payments", costs.PaymentViewSet)
router.register("public-income", costs.IncomeViewSet)
router.register("disclosures", costs.DisclosureViewSet)

PK = r"(?P<pk>[0-9]{1,18})"
urlpatterns = [
    path("me/charges/", own_costs.OwnChargesView.as_view(), name="own-charges"),
    path("me/statements/", own_costs.OwnStatementsView.as_view(), name="own-statements"),
    path("me/disclosures/", own_costs.OwnDisclosuresView.as_view(), name="own-disclosures"),
    re_path(rf"^me/statements/{PK}/$", own_costs.OwnStatementView.as_view(), name="own-statement"),
    re_path(
        rf"^me/statements/{PK}/(?P<kind>xlsx|docx)/$", own_costs.OwnStatementFileView.as_view(),
        name="own-statement-file",
    ),
    re_path(rf"^me/payments/{PK}/receipt/$", own_costs.OwnReceiptView.as_view(), name="own-receipt"),
    path("", include(router.urls)),
]  # fmt: skip
