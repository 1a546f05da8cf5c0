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
    "Transfer",
    "TransferKind",
]
