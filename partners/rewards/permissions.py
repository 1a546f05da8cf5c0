"""Who may view and change what belongs to redemption. Transitions carry their own rule."""

from governance.permissions import permit
from partners.rewards.querysets import LOOK, RUN_BY

RUNNING = frozenset(RUN_BY)
LOOKING = frozenset([*RUN_BY, *LOOK])

permit("partners.reward", view=LOOKING, add=RUNNING)
permit("partners.redemption", view=LOOKING)
permit("partners.stockentry", view=LOOKING)
permit("partners.coupon")
