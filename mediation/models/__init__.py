"""Models of mediation, by topic."""

from mediation.agreements.states import (
    AgreementForm,
    AgreementState,
    ObligationState,
    SignatureHow,
    SignatureOf,
)
from mediation.confirmation.states import ConfirmationState, ConsentAnswer, ConsentHow, CourtBasis, Ground
from mediation.disputes.states import (
    DisputeSource,
    DisputeState,
    DisputeTier,
    DisputeUrgency,
    PartyKind,
    PartySide,
)
from mediation.models.access import AccessKind, BreakGlass, DisputeAccess
from mediation.models.agreement import Agreement, AgreementClause, AgreementSignature
from mediation.models.confirmation import ConfirmationConsent, JudicialConfirmation
from mediation.models.dispute import Dispute, DisputeType, TierChange
from mediation.models.obligation import Obligation
from mediation.models.party import Party

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
    "ConsentAnswer",
    "ConsentHow",
    "CourtBasis",
    "Dispute",
    "DisputeAccess",
    "DisputeSource",
    "DisputeState",
    "DisputeTier",
    "DisputeType",
    "DisputeUrgency",
    "Ground",
    "JudicialConfirmation",
    "Obligation",
    "ObligationState",
    "Party",
    "PartyKind",
    "PartySide",
    "SignatureHow",
    "SignatureOf",
    "TierChange",
]
