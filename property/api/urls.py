"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from property.api import assembly, assembly_mine, others, own, party, serving, stewards, voting

router = SimpleRouter()
router.register("assemblies", assembly.AssemblyViewSet)
router.register("assembly-sessions", assembly.AssemblySessionViewSet)
router.register("assembly-invitations", assembly.InvitationViewSet)
router.register("agenda-items", assembly.AgendaItemViewSet)
router.register("follow-up-items", assembly.FollowUpItemViewSet)
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
router.register("dispute-sightings", stewards.SightingViewSet)
router.register("steward-duties", stewards.DutyViewSet)
router.register("steward-hours", stewards.HoursViewSet)
router.register("steward-members", stewards.MemberViewSet)
router.register("steward-plans", stewards.PlanViewSet)
router.register("steward-requests", stewards.RequestViewSet)
router.register("steward-shifts", stewards.ShiftViewSet)
router.register("steward-teams", stewards.TeamViewSet)
router.register("steward-visits", stewards.OutreachViewSet)

urlpatterns = [
    path("assembly-sign-in/", assembly_mine.SignInView.as_view(), name="assembly-sign-in"),
    path("me/assemblies/", assembly_mine.OwnAssembliesView.as_view(), name="own-assemblies"),
    path("me/assembly-sessions/", assembly_mine.OwnSessionsView.as_view(), name="own-assembly-sessions"),
    path("me/assembly-sessions/<int:pk>/", assembly_mine.OwnSessionView.as_view(), name="own-assembly-session"),
    path("me/steward-teams/", stewards.NearTeamsView.as_view(), name="own-steward-teams"),
    path("me/topics/", assembly_mine.OwnTopicsView.as_view(), name="own-topics"),
    path("me/topics/<int:pk>/second/", assembly_mine.SecondView.as_view(), name="own-topic-second"),
    path("me/estates/", own.OwnEstatesView.as_view(), name="own-estates"),
    path("me/estates/<str:code>/services/", own.OwnServicesView.as_view(), name="own-services"),
    path("me/estates/<str:code>/records/", own.OwnRecordsView.as_view(), name="own-records"),
    path("me/services/<int:item_id>/rating/", own.OwnRatingView.as_view(), name="own-rating"),
    path("me/parcels/", own.OwnParcelsView.as_view(), name="own-parcels"),
    path("me/repairs/", own.OwnRepairsView.as_view(), name="own-repairs"),
    path("", include("property.api.costs_urls")),
    path("", include(router.urls)),
]
