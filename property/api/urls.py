"""Addresses of red property under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from property.api import (
    assembly,
    assembly_mine,
    gatherings,
    gatherings_mine,
    others,
    own,
    party,
    serving,
    stewards,
    voting,
)

router = SimpleRouter()
router.register("assemblies", assembly.AssemblyViewSet)
router.register("assembly-sessions", assembly.AssemblySessionViewSet)
router.register("assembly-invitations", assembly.InvitationViewSet)
router.register("agenda-items", assembly.AgendaItemViewSet)
router.register("follow-up-items", assembly.FollowUpItemViewSet)
router.register("neighbour-events", gatherings.NeighbourEventViewSet)
router.register("sign-ups", gatherings.SignUpViewSet)
router.register("volunteering", gatherings.VolunteeringViewSet)
router.register("event-photos", gatherings.EventPhotoViewSet)
router.register("photo-consents", gatherings.PhotoConsentViewSet)
router.register("skill-entries", gatherings.SkillEntryViewSet)
router.register("skill-matches", gatherings.SkillMatchViewSet)
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
    path("gathering-check-in/", gatherings_mine.CheckInView.as_view(), name="gathering-check-in"),
    path("me/gatherings/", gatherings_mine.OwnGatheringsView.as_view(), name="own-gatherings"),
    path("me/gatherings/<int:pk>/", gatherings_mine.OwnGatheringView.as_view(), name="own-gathering"),
    path("me/gatherings/<int:pk>/sign-up/", gatherings_mine.OwnSignUpView.as_view(), name="own-sign-up"),
    path("me/gatherings/<int:pk>/feedback/", gatherings_mine.OwnFeedbackView.as_view(), name="own-feedback"),
    path("me/volunteer-tasks/<int:pk>/", gatherings_mine.OwnVolunteeringView.as_view(), name="own-volunteering"),
    path("me/skill-categories/", gatherings_mine.SkillCategoriesView.as_view(), name="skill-categories"),
    path("me/skills/", gatherings_mine.OwnSkillsView.as_view(), name="own-skills"),
    path("me/skills/<int:pk>/suggestions/", gatherings_mine.OwnSuggestionsView.as_view(), name="own-suggestions"),
    path("me/skill-matches/", gatherings_mine.OwnMatchesView.as_view(), name="own-skill-matches"),
    path("me/estates/", own.OwnEstatesView.as_view(), name="own-estates"),
    path("me/estates/<str:code>/services/", own.OwnServicesView.as_view(), name="own-services"),
    path("me/estates/<str:code>/records/", own.OwnRecordsView.as_view(), name="own-records"),
    path("me/services/<int:item_id>/rating/", own.OwnRatingView.as_view(), name="own-rating"),
    path("me/parcels/", own.OwnParcelsView.as_view(), name="own-parcels"),
    path("me/repairs/", own.OwnRepairsView.as_view(), name="own-repairs"),
    path("", include("property.api.costs_urls")),
    path("", include(router.urls)),
]
