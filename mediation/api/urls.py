"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import (
    warning,
)

router = SimpleRouter()
router.register("mediation/warnings", warning.EarlyWarningViewSet)
router.register("mediation/warning-watches", warning.WarningWatchViewSet)
router.register("mediation/hot-issues", warning.HotIssueViewSet)

urlpatterns = [
    path("", include(router.urls)),
]
