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
from partners.models.redemption import Coupon, Redemption
from partners.models.reward import Audience, LimitPer, Reward, RewardKind, StockEntry, StockKind
from partners.rewards.workflow import RedemptionState, RewardState

__all__ = [
    "SIDES",
    "Account",
    "AccountKind",
    "Adjustment",
    "AdjustmentStage",
    "Audience",
    "Coupon",
    "Draw",
    "Entry",
    "Hold",
    "HoldStage",
    "LimitPer",
    "Lot",
    "Part",
    "Redemption",
    "RedemptionState",
    "Reward",
    "RewardKind",
    "RewardState",
    "StockEntry",
    "StockKind",
    "Transfer",
    "TransferKind",
]
