"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import agreements

router = SimpleRouter()
router.register("mediation/agreements", agreements.AgreementViewSet)
router.register("mediation/obligations", agreements.ObligationViewSet)
router.register("mediation/confirmations", agreements.ConfirmationViewSet)

urlpatterns = [path("", include(router.urls))]
