"""Models of mediation, by topic."""

from mediation.agreements.states import (
    AgreementForm,
    AgreementState,
    AuthorisationScope,
    ObligationState,
    PaperSentence,
    SignatureHow,
    SignatureOf,
)
from mediation.confirmation.states import ConfirmationState, CourtBasis, CourtGround, WishAnswer, WishHow
from mediation.disputes.states import (
    ConsentAnswer,
    ConsentTo,
    DeclineGround,
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    PartyKind,
    PartySide,
    RecusalGround,
    RecusalState,
    ReferredTo,
    ReportGround,
    TellingWay,
    TerminationGround,
)
from mediation.files.states import FileKind
from mediation.followup.states import CounsellingState, VisitKind, VisitPerformed, VisitState, VisitWay
from mediation.joint.states import (
    EscalationDirection,
    EscalationState,
    HelperStanding,
    HelperState,
    InvitationState,
    NoteKind,
    SittingKind,
    SittingState,
    TaskState,
    TrackKind,
    TrackState,
)
from mediation.models.access import AccessKind, BreakGlass, DisputeAccess
from mediation.models.agreement import Agreement, AgreementClause, AgreementSignature, SignatureDay
from mediation.models.authorisation import AgentAuthorisation
from mediation.models.confirmation import ConfirmationConsent, JudicialConfirmation
from mediation.models.consent import Consent, RoutesTold
from mediation.models.dispute import Dispute, DisputeType, TierChange
from mediation.models.file import DisputeFile
from mediation.models.follow_up import CounsellingReferral, FollowUpVisit
from mediation.models.former import FormerAnswer, FormerResult
from mediation.models.hazard import Hazard
from mediation.models.joint import DepartmentTask, EscalationRequest, Track
from mediation.models.link import PartyLink, PartyReply
from mediation.models.obligation import Obligation
from mediation.models.paper_text import PaperText
from mediation.models.party import FormerName, Party
from mediation.models.police import PoliceReport
from mediation.models.recusal import Recusal
from mediation.models.respected_helper import HelperInvitation, RespectedHelper
from mediation.models.rule import MediationRule
from mediation.models.signal import Signal, SignalBatch, SignalKey, SignalSource
from mediation.models.sitting import MediationNote, Sitting
from mediation.models.warning import EarlyWarning, HotIssue, StreamNull, WarningEvent, WarningWatch
from mediation.papers.states import ReplyPerformed
from mediation.prevention.states import HazardSource, HazardState, HazardUrgency, SignalChannel
from mediation.warning.states import WarningLevel, WarningMethod, WarningState, WarningStream

__all__ = [
    "AccessKind",
    "AgentAuthorisation",
    "Agreement",
    "AgreementClause",
    "AgreementForm",
    "AgreementSignature",
    "AgreementState",
    "AuthorisationScope",
    "BreakGlass",
    "ConfirmationConsent",
    "ConfirmationState",
    "Consent",
    "ConsentAnswer",
    "ConsentTo",
    "CounsellingReferral",
    "CounsellingState",
    "CourtBasis",
    "CourtGround",
    "DeclineGround",
    "DepartmentTask",
    "Dispute",
    "DisputeAccess",
    "DisputeFile",
    "DisputeSource",
    "DisputeState",
    "DisputeTier",
    "DisputeType",
    "DisputeUrgency",
    "EarlyWarning",
    "EscalationDirection",
    "EscalationRequest",
    "EscalationState",
    "FileKind",
    "FollowUpVisit",
    "FormerAnswer",
    "FormerName",
    "FormerResult",
    "Hazard",
    "HazardSource",
    "HazardState",
    "HazardUrgency",
    "HelperInvitation",
    "HelperStanding",
    "HelperState",
    "HotIssue",
    "InvitationState",
    "JudicialConfirmation",
    "MediationNote",
    "MediationRule",
    "NoteKind",
    "Obligation",
    "ObligationState",
    "PaperSentence",
    "PaperText",
    "Party",
    "PartyKind",
    "PartyLink",
    "PartyReply",
    "PartySide",
    "PoliceReport",
    "Recusal",
    "RecusalGround",
    "RecusalState",
    "ReferredTo",
    "ReplyPerformed",
    "ReportGround",
    "RespectedHelper",
    "RoutesTold",
    "Signal",
    "SignalBatch",
    "SignalChannel",
    "SignalKey",
    "SignalSource",
    "SignatureDay",
    "SignatureHow",
    "SignatureOf",
    "Sitting",
    "SittingKind",
    "SittingState",
    "StreamNull",
    "TaskState",
    "TellingWay",
    "TerminationGround",
    "TierChange",
    "Track",
    "TrackKind",
    "TrackState",
    "VisitKind",
    "VisitPerformed",
    "VisitState",
    "VisitWay",
    "WarningEvent",
    "WarningLevel",
    "WarningMethod",
    "WarningState",
    "WarningStream",
    "WarningWatch",
    "WishAnswer",
    "WishHow",
]
