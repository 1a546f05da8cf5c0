"""Models of community partners."""

from partners.models.agreement import AgreementTerms, PartnerAgreement, Recruitment
from partners.models.credit import (
    CreditComputation,
    CreditFormula,
    CreditKey,
    CreditLevel,
    CreditLine,
    CreditNote,
    CreditProfile,
    CreditWeight,
)
from partners.models.credit_work import CreditAppeal, CreditCandidate, CreditList, CreditPurpose
from partners.models.earning import Earning, EarningRule, KindUse, Per, ServiceKind
from partners.models.hours import HoursCertificate, VolunteerHours
from partners.models.ledger import SIDES, Account, AccountKind, Draw, Entry, Lot, Part, Transfer, TransferKind
from partners.models.ledger_work import Adjustment, AdjustmentStage, Hold, HoldStage
from partners.models.need import Need, NeedCategory, NeedGroup, NeedLimit, NeedRaiser, NeedSource, NeedUrgency
from partners.models.need_visit import NeedVisit
from partners.models.offer import Offer, OfferAccess, OfferKind, OfferPlace, OfferSlot
from partners.models.partner import Partner, PartnerKind, Profession, Qualification, QualificationKind
from partners.models.project import BudgetLine, BudgetSort, Clash, Project, ProjectAttendance, ProjectLog, ProjectTask
from partners.models.project_claim import Claim, ProjectOutcome
from partners.models.project_evaluation import (
    Evaluation,
    EvaluationForm,
    EvaluationGrade,
    EvaluationItem,
    EvaluationMark,
    Party,
    Scale,
)
from partners.models.redemption import Coupon, Redemption
from partners.models.reward import Audience, LimitPer, Reward, RewardKind, StockEntry, StockKind
from partners.models.service import Donation, GiftSort, NumberSeries, ServiceRecord
from partners.models.settlement import AccountClosing, MonthlyClosing, SettlementRate, SettlementSheet
from partners.models.survey import QuestionKind, Survey, SurveyMode, SurveyQuestion, SurveyTemplate
from partners.models.survey_sheet import SheetWay, SurveyAnswer, SurveyAnswerSheet, SurveyMark
from partners.needs.need_workflow import NeedState
from partners.rewards.workflow import RedemptionState, RewardState
from partners.surveys.workflow import SurveyState

__all__ = [
    "Account",
    "AccountClosing",
    "AccountKind",
    "Adjustment",
    "AdjustmentStage",
    "AgreementTerms",
    "Audience",
    "BudgetLine",
    "BudgetSort",
    "Claim",
    "Clash",
    "Coupon",
    "CreditAppeal",
    "CreditCandidate",
    "CreditComputation",
    "CreditFormula",
    "CreditKey",
    "CreditLevel",
    "CreditLine",
    "CreditList",
    "CreditNote",
    "CreditProfile",
    "CreditPurpose",
    "CreditWeight",
    "Donation",
    "Draw",
    "Earning",
    "EarningRule",
    "Entry",
    "Evaluation",
    "EvaluationForm",
    "EvaluationGrade",
    "EvaluationItem",
    "EvaluationMark",
    "GiftSort",
    "Hold",
    "HoldStage",
    "HoursCertificate",
    "KindUse",
    "LimitPer",
    "Lot",
    "MonthlyClosing",
    "Need",
    "NeedCategory",
    "NeedGroup",
    "NeedLimit",
    "NeedRaiser",
    "NeedSource",
    "NeedState",
    "NeedUrgency",
    "NeedVisit",
    "NumberSeries",
    "Offer",
    "OfferAccess",
    "OfferKind",
    "OfferPlace",
    "OfferSlot",
    "Part",
    "Partner",
    "PartnerAgreement",
    "PartnerKind",
    "Party",
    "Per",
    "Profession",
    "Project",
    "ProjectAttendance",
    "ProjectLog",
    "ProjectOutcome",
    "ProjectTask",
    "Qualification",
    "QualificationKind",
    "QuestionKind",
    "Recruitment",
    "Redemption",
    "RedemptionState",
    "Reward",
    "RewardKind",
    "RewardState",
    "SIDES",
    "Scale",
    "ServiceKind",
    "ServiceRecord",
    "SettlementRate",
    "SettlementSheet",
    "SheetWay",
    "StockEntry",
    "StockKind",
    "Survey",
    "SurveyAnswer",
    "SurveyAnswerSheet",
    "SurveyMark",
    "SurveyMode",
    "SurveyQuestion",
    "SurveyState",
    "SurveyTemplate",
    "Transfer",
    "TransferKind",
    "VolunteerHours",
]
