"""Addresses of community partners under ``/api/v1/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from partners.api import directory, ledger, recruiting

router = SimpleRouter()
router.register("points/accounts", ledger.AccountViewSet)
router.register("partners/qualifications", recruiting.QualificationViewSet)
router.register("partners/agreements", recruiting.PartnerAgreementViewSet)
router.register("partners/offers", recruiting.OfferViewSet)
router.register("partners/dates", recruiting.OfferSlotViewSet)
router.register("partners/places", recruiting.OfferPlaceViewSet)
router.register("partners", recruiting.PartnerViewSet)

urlpatterns = [
    re_path(r"^partners/recruitment/(?P<code>[0-9]{12})/$", directory.RecruitmentView.as_view()),
    re_path(r"^partners/directory/(?P<code>[0-9]{12})/$", directory.DirectoryView.as_view()),
    path("", include(router.urls)),
]
