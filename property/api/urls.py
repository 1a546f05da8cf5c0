"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from property.api import others, own, party, serving, voting

router = SimpleRouter()
router.register("party-organisations", party.OrganisationViewSet)
router.register("party-memberships", party.MembershipViewSet)
router.register("cross-appointments", party.CrossAppointmentViewSet)
router.register("service-lists", serving.ServiceListViewSet)
router.register("service-records", serving.ServiceRecordViewSet)
router.register("property-contracts", others.ContractViewSet)
router.register("parcels", others.ParcelViewSet)
router.register("care-receivers", others.ReceiverViewSet)
router.register("care-visits", others.VisitViewSet)
router.register("resolutions", voting.ResolutionViewSet)
router.register("rule-sets", voting.RuleSetViewSet)

urlpatterns = [
    path("me/estates/", own.OwnEstatesView.as_view(), name="own-estates"),
    path("me/estates/<str:code>/services/", own.OwnServicesView.as_view(), name="own-services"),
    path("me/estates/<str:code>/records/", own.OwnRecordsView.as_view(), name="own-records"),
    path("me/services/<int:item_id>/rating/", own.OwnRatingView.as_view(), name="own-rating"),
    path("me/parcels/", own.OwnParcelsView.as_view(), name="own-parcels"),
    path("me/repairs/", own.OwnRepairsView.as_view(), name="own-repairs"),
    path("", include("property.api.costs_urls")),
    path("", include(router.urls)),
]
