"""Who may view and change what of earning points. Transitions carry their own rule."""

from governance.configuration import lies_in
from governance.permissions import ADMIN_ONLY, permit
from partners.earning.querysets import LOOKS, RUNS

LOOKING, RUNNING = frozenset(LOOKS), frozenset(RUNS)

permit("partners.servicekind", view=LOOKING, add=ADMIN_ONLY, change=ADMIN_ONLY)
permit("partners.earningrule", view=LOOKING, add=RUNNING | ADMIN_ONLY, change=RUNNING | ADMIN_ONLY)
permit("partners.earning", view=LOOKING)
permit("partners.servicerecord", view=LOOKING, add=RUNNING)
permit("partners.donation", view=LOOKING, add=RUNNING)
permit("partners.volunteerhours", view=LOOKING)
permit("partners.hourscertificate", view=LOOKING, add=RUNNING)
permit("partners.settlementrate", view=LOOKING, add=RUNNING, change=RUNNING)
permit("partners.settlementsheet", view=LOOKING, add=RUNNING)
permit("partners.monthlyclosing", view=LOOKING)
lies_in("partners.servicekind", lambda kind: [])
