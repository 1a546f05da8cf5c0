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
from partners.models.need import Need, NeedCategory, NeedGroup, NeedLimit, NeedRaiser, NeedSource, NeedUrgency
from partners.models.need_visit import NeedVisit
from partners.needs.need_workflow import NeedState

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
    "Need",
    "NeedCategory",
    "NeedGroup",
    "NeedLimit",
    "NeedRaiser",
    "NeedSource",
    "NeedState",
    "NeedUrgency",
    "NeedVisit",
    "Part",
    "Transfer",
    "TransferKind",
]
