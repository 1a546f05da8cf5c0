"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from partners.api import earning, earning_books, ledger

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("points/kinds", earning.PointsKindViewSet)
router.register("points/rules", earning.PointsRuleViewSet)
router.register("points/records", earning.PointsRecordViewSet, basename="points-record")
router.register("points/donations", earning.PointsDonationViewSet)
router.register("points/adjustments", earning_books.PointsAdjustmentViewSet)
router.register("points/settlements", earning_books.SettlementSheetViewSet)
router.register("points/hours", earning_books.VolunteerHoursViewSet)
router.register("points/certificates", earning_books.HoursCertificateViewSet)

urlpatterns = [
    path("points/reports/liability/", earning_books.LiabilityView.as_view()),
    path("points/reports/categories/", earning_books.CategoriesView.as_view()),
    path("", include(router.urls)),
]
