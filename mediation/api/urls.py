"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import agreements, disputes, papers

router = SimpleRouter()
router.register("mediation/types", disputes.DisputeTypeViewSet)
router.register("mediation/disputes", disputes.DisputeViewSet)
router.register("mediation/recusals", disputes.RecusalViewSet)
router.register("mediation/agreements", agreements.AgreementViewSet)
router.register("mediation/obligations", agreements.ObligationViewSet)
router.register("mediation/confirmations", agreements.ConfirmationViewSet)
router.register("mediation/accesses", papers.DisputeAccessViewSet)
router.register("mediation/own", papers.OwnDisputeViewSet, basename="own-dispute")

urlpatterns = [path("", include(router.urls))]
