"""Models of community partners."""

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
from partners.models.survey import QuestionKind, Survey, SurveyMode, SurveyQuestion, SurveyTemplate
from partners.models.survey_sheet import SheetWay, SurveyAnswer, SurveyAnswerSheet, SurveyMark
from partners.surveys.workflow import SurveyState

__all__ = [
    "SIDES",
    "Account",
    "AccountKind",
    "Adjustment",
    "AdjustmentStage",
    "Draw",
    "Entry",
    "Hold",
    "HoldStage",
    "Lot",
    "Part",
    "QuestionKind",
    "SheetWay",
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
]
