"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import hazards, signals

router = SimpleRouter()
router.register("mediation/hazards", hazards.HazardViewSet)
router.register("mediation/signals", signals.SignalViewSet)
router.register("mediation/signal-sources", signals.SignalSourceViewSet)

urlpatterns = [
    path("mediation/signal-intake/<slug:code>/", signals.SignalIntakeView.as_view(), name="signal-intake"),
    path("", include(router.urls)),
]
