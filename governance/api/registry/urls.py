"""Addresses of the registry under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from governance.api.registry import own, views

OWN = r"^me/dwellings/(?P<reference>(?:residency|ownership)-[0-9]{1,18})"

router = SimpleRouter()
router.register("estates", views.EstateViewSet)
router.register("buildings", views.BuildingViewSet)
router.register("dwellings", views.DwellingViewSet)
router.register("residencies", views.ResidencyViewSet)
router.register("ownerships", views.OwnershipViewSet)

urlpatterns = [
    path("registry/estates/", own.EstateLookupView.as_view(), name="registry-estates"),
    path("registry/dwellings/", own.DwellingLookupView.as_view(), name="registry-dwellings"),
    path("me/dwellings/", own.OwnDwellingsView.as_view(), name="own-dwellings"),
    re_path(rf"{OWN}/end/$", own.OwnEndView.as_view(), name="own-end"),
    re_path(rf"{OWN}/withdraw/$", own.OwnWithdrawView.as_view(), name="own-withdraw"),
    re_path(rf"{OWN}/name_voter/$", own.OwnVoterView.as_view(), name="own-voter"),
    path("", include(router.urls)),
]
