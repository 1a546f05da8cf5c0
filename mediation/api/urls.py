"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import agreements, followup

router = SimpleRouter()
router.register("mediation/agreements", agreements.AgreementViewSet)
router.register("mediation/obligations", agreements.ObligationViewSet)
router.register("mediation/confirmations", agreements.ConfirmationViewSet)
router.register("mediation/visits", followup.VisitViewSet)
router.register("mediation/counselling", followup.CounsellingViewSet)

urlpatterns = [
    path("mediation/measures/", followup.MeasuresView.as_view(), name="mediation-measures"),
    path("", include(router.urls)),
]
