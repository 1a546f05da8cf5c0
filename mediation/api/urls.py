"""Addresses of mediation under ``/api/v1/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from mediation.api import (
    agreements,
    authorisations,
    disputes,
    files,
    followup,
    hazards,
    joint,
    paper_texts,
    papers,
    rules,
    signal_batches,
    signals,
    warning,
)

router = SimpleRouter()
router.register("mediation/types", disputes.DisputeTypeViewSet)
router.register("mediation/paper-texts", paper_texts.PaperTextViewSet)
router.register("mediation/rules", rules.MediationRuleViewSet)
router.register("mediation/disputes", disputes.DisputeViewSet)
router.register("mediation/recusals", disputes.RecusalViewSet)
router.register("mediation/takeovers", joint.TakeoverViewSet)
router.register("mediation/tracks", joint.TrackViewSet)
router.register("mediation/tasks", joint.DepartmentTaskViewSet)
router.register("mediation/sittings", joint.SittingViewSet)
router.register("mediation/notes", joint.NoteViewSet)
router.register("mediation/helpers", joint.RespectedHelperViewSet)
router.register("mediation/helper-invitations", joint.HelperInvitationViewSet)
router.register("mediation/files", files.DisputeFileViewSet)
router.register("mediation/hazards", hazards.HazardViewSet)
router.register("mediation/signals", signals.SignalViewSet)
router.register("mediation/signal-batches", signal_batches.SignalBatchViewSet)
router.register("mediation/signal-sources", signals.SignalSourceViewSet)
router.register("mediation/authorisations", authorisations.AuthorisationViewSet)
router.register("mediation/agreements", agreements.AgreementViewSet)
router.register("mediation/obligations", agreements.ObligationViewSet)
router.register("mediation/confirmations", agreements.ConfirmationViewSet)
router.register("mediation/warnings", warning.EarlyWarningViewSet)
router.register("mediation/warning-watches", warning.WarningWatchViewSet)
router.register("mediation/hot-issues", warning.HotIssueViewSet)
router.register("mediation/accesses", papers.DisputeAccessViewSet)
router.register("mediation/own", papers.OwnDisputeViewSet, basename="own-dispute")
router.register("mediation/visits", followup.VisitViewSet)
router.register("mediation/counselling", followup.CounsellingViewSet)

urlpatterns = [
    path("mediation/suggestions/", joint.SuggestionsView.as_view()),
    path("mediation/signal-intake/<slug:code>/", signals.SignalIntakeView.as_view(), name="signal-intake"),
    path("mediation/measures/", followup.MeasuresView.as_view(), name="mediation-measures"),
    path("", include(router.urls)),
]
