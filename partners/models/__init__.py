"""Models of community partners."""

from partners.models.agreement import AgreementTerms, PartnerAgreement, Recruitment
from partners.models.ledger import (
    SIDES,
    Account,
    AccountKind,
    Draw,
    Entry,
    Lot,
    Part,
    Transfer,
    TransferKind,
)
from partners.models.ledger_work import Adjustment, AdjustmentStage, Hold, HoldStage
from partners.models.offer import Offer, OfferAccess, OfferKind, OfferPlace, OfferSlot
from partners.models.partner import Partner, PartnerKind, Profession, Qualification, QualificationKind

__all__ = [
    "SIDES",
    "Account",
    "AccountKind",
    "Adjustment",
    "AdjustmentStage",
    "AgreementTerms",
    "Draw",
    "Entry",
    "Hold",
    "HoldStage",
    "Lot",
    "Offer",
    "OfferAccess",
    "OfferKind",
    "OfferPlace",
    "OfferSlot",
    "Part",
    "Partner",
    "PartnerAgreement",
    "PartnerKind",
    "Profession",
    "Qualification",
    "QualificationKind",
    "Recruitment",
    "Transfer",
    "TransferKind",
]
