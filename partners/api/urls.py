"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from partners.api import ledger, needs, needs_mine

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("needs", needs.NeedViewSet)
router.register("need-categories", needs.NeedCategoryViewSet)
router.register("need-visits", needs.NeedVisitViewSet)

urlpatterns = [
    path("me/needs/", needs_mine.OwnNeedsView.as_view(), name="own-needs"),
    path("me/needs/<int:pk>/", needs_mine.OwnNeedView.as_view(), name="own-need"),
    path("", include(router.urls)),
]
