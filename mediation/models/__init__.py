"""Models of mediation, by topic."""

from mediation.agreements.states import (
    AgreementForm,
    AgreementState,
    ObligationState,
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
from mediation.followup.states import CounsellingState, VisitKind, VisitPerformed, VisitState, VisitWay
from mediation.models.access import AccessKind, BreakGlass, DisputeAccess
from mediation.models.agreement import Agreement, AgreementClause, AgreementSignature
from mediation.models.confirmation import ConfirmationConsent, JudicialConfirmation
from mediation.models.consent import Consent, RoutesTold
from mediation.models.dispute import Dispute, DisputeType, TierChange
from mediation.models.follow_up import CounsellingReferral, FollowUpVisit
from mediation.models.obligation import Obligation
from mediation.models.party import Party
from mediation.models.police import PoliceReport
from mediation.models.recusal import Recusal
from mediation.models.rule import MediationRule

__all__ = [
    "AccessKind",
    "Agreement",
    "AgreementClause",
    "AgreementForm",
    "AgreementSignature",
    "AgreementState",
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
    "Dispute",
    "DisputeAccess",
    "DisputeSource",
    "DisputeState",
    "DisputeTier",
    "DisputeType",
    "DisputeUrgency",
    "FollowUpVisit",
    "JudicialConfirmation",
    "MediationRule",
    "Obligation",
    "ObligationState",
    "Party",
    "PartyKind",
    "PartySide",
    "PoliceReport",
    "Recusal",
    "RecusalGround",
    "RecusalState",
    "ReferredTo",
    "ReportGround",
    "RoutesTold",
    "SignatureHow",
    "SignatureOf",
    "TellingWay",
    "TerminationGround",
    "TierChange",
    "VisitKind",
    "VisitPerformed",
    "VisitState",
    "VisitWay",
    "WishAnswer",
    "WishHow",
]
