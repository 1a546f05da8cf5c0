"""Who may view visits and referrals. Transitions carry their own rules."""

from governance.models import Role
from governance.permissions import permit
from mediation.disputes.permissions import READERS, WORKERS

permit("mediation.followupvisit", view=READERS)
permit("mediation.counsellingreferral", view=READERS | {Role.COUNSELLOR}, add=WORKERS)
