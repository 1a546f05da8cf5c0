"""Who may view and change what of credit files. Transitions carry their own rule."""

from governance.permissions import permit
from partners.credit.querysets import LOOKS, RUNS, SETS

LOOKING, RUNNING, SETTING = frozenset(LOOKS), frozenset(RUNS), frozenset(SETS)

permit("partners.creditformula", view=LOOKING, add=SETTING, change=SETTING)
for name in ("creditweight", "creditlevel"):
    permit(f"partners.{name}", view=LOOKING, add=SETTING, change=SETTING, delete=SETTING)
permit("partners.creditnote", view=LOOKING, add=RUNNING)
permit("partners.creditprofile", view=LOOKING)
permit("partners.creditcomputation", view=LOOKING)
permit("partners.creditline", view=LOOKING)
permit("partners.creditappeal", view=LOOKING)
permit("partners.creditlist", view=LOOKING, add=RUNNING)
permit("partners.creditcandidate", view=LOOKING)
