"""Models of community partners."""

from partners.models.agreement import AgreementTerms, PartnerAgreement, Recruitment
from partners.models.earning import Earning, EarningRule, KindUse, Per, ServiceKind
from partners.models.hours import HoursCertificate, VolunteerHours
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
from partners.models.service import Donation, GiftSort, NumberSeries, ServiceRecord
from partners.models.settlement import MonthlyClosing, SettlementRate, SettlementSheet

__all__ = [
    "Donation",
    "Earning",
    "EarningRule",
    "GiftSort",
    "HoursCertificate",
    "KindUse",
    "MonthlyClosing",
    "NumberSeries",
    "Per",
    "ServiceKind",
    "ServiceRecord",
    "SettlementRate",
    "SettlementSheet",
    "VolunteerHours",
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
