"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from partners.api import ledger

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)

urlpatterns = [path("", include(router.urls))]
