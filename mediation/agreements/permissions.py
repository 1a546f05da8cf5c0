"""Who may view and keep agreements. Transitions and drafting carry their own rules."""

from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from mediation.disputes.permissions import READERS, WORKERS

permit("mediation.agreement", view=READERS, add=WORKERS)
permit("mediation.agentauthorisation", view=READERS)
permit("mediation.agreementclause", view=READERS)
permit("mediation.agreementsignature", view=READERS)
permit("mediation.signatureday", view=READERS)
permit("mediation.obligation", view=READERS)
permit("mediation.papertext", view=READERS | {Role.JUDGES_CLERK}, add=ADMIN_ONLY, change=ADMIN_ONLY)
