"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from property.api import voting

router = SimpleRouter()
router.register("resolutions", voting.ResolutionViewSet)
router.register("rule-sets", voting.RuleSetViewSet)

urlpatterns = [path("", include(router.urls))]
