"""Colours of agreements, obligations and confirmations, for every door."""

from mediation.models import AgreementState as A
from mediation.models import ConfirmationState as C
from mediation.models import ObligationState as O

AGREEMENT_TONES = {
    A.DRAFT: "grey", A.SIGNED_BY_PARTIES: "blue", A.SIGNED_BY_MEDIATOR: "blue", A.EFFECTIVE: "green",
    A.DISCARDED: "grey", A.REPLACED: "grey",
}  # fmt: skip
OBLIGATION_TONES = {
    O.DUE: "blue", O.PERFORMED: "green", O.PART: "amber", O.OVERDUE: "red", O.URGED: "red",
    O.TOLD_OF_LITIGATION: "grey", O.REPLACED: "grey",
}  # fmt: skip
CONFIRMATION_TONES = {
    C.ELIGIBLE: "amber", C.NOT_WANTED: "grey", C.JOINTLY_APPLIED: "blue", C.RECEIVED: "blue", C.ADMITTED: "violet",
    C.VALID: "green", C.REJECTED: "red", C.WITHDRAWN: "grey", C.REPLACED: "grey",
}  # fmt: skip
