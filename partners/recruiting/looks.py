"""Colours of the states around partners, for every door."""

from partners.recruiting.offer_workflow import OfferState, PlaceState, SlotState
from partners.recruiting.papers_workflow import AgreementState, QualificationState
from partners.recruiting.workflow import PartnerState

PARTNER_TONES = {
    PartnerState.APPLIED: "amber", PartnerState.APPROVED: "blue", PartnerState.ACTIVE: "green",
    PartnerState.SUSPENDED: "red", PartnerState.LEFT: "grey", PartnerState.DECLINED: "grey",
    PartnerState.WITHDRAWN: "grey",
}  # fmt: skip
QUALIFICATION_TONES = {
    QualificationState.SUBMITTED: "amber", QualificationState.VERIFIED: "green", QualificationState.REFUSED: "grey",
    QualificationState.WITHDRAWN: "grey", QualificationState.EXPIRED: "red", QualificationState.REVOKED: "red",
}  # fmt: skip
AGREEMENT_TONES = {
    AgreementState.OPEN: "amber", AgreementState.SIGNED: "green", AgreementState.OVER: "grey",
    AgreementState.VOID: "grey",
}  # fmt: skip
OFFER_TONES = {
    OfferState.PROPOSED: "amber", OfferState.OPEN: "green", OfferState.DECLINED: "grey", OfferState.ENDED: "grey",
}  # fmt: skip
SLOT_TONES = {SlotState.PLANNED: "blue", SlotState.CANCELLED: "grey"}
PLACE_TONES = {PlaceState.TAKEN: "green", PlaceState.CANCELLED: "grey", PlaceState.DROPPED: "red"}
