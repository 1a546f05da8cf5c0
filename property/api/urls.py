"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from property.api import party

router = SimpleRouter()
router.register("party-organisations", party.OrganisationViewSet)
router.register("party-memberships", party.MembershipViewSet)
router.register("cross-appointments", party.CrossAppointmentViewSet)

urlpatterns = [path("", include(router.urls))]
