"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from mediation.api import disputes
from rest_framework.routers import SimpleRouter

router = SimpleRouter()
router.register("mediation/types", disputes.DisputeTypeViewSet)
router.register("mediation/disputes", disputes.DisputeViewSet)
router.register("mediation/recusals", disputes.RecusalViewSet)

urlpatterns = [
    path("", include(router.urls)),
]
