"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from partners.api import ledger, rewards

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("points/rewards", rewards.RewardViewSet)
router.register("points/redemptions", rewards.RedemptionViewSet)
router.register("points/stock-entries", rewards.StockEntryViewSet)

urlpatterns = [
    path("points/codes/look-up/", rewards.CodeLookUpView.as_view(), name="points-code-look-up"),
    path("points/codes/take/", rewards.CodeTakeView.as_view(), name="points-code-take"),
    path("points/merchant-month/", rewards.MerchantMonthView.as_view(), name="points-merchant-month"),
    path("", include(router.urls)),
]
