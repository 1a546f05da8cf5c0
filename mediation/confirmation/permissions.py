"""Who may view judicial confirmations: who works on the dispute, and the court's clerk."""

from governance.models import Role
from governance.permissions import permit
from mediation.disputes.permissions import READERS

permit("mediation.judicialconfirmation", view=READERS | {Role.JUDGES_CLERK})
permit("mediation.confirmationconsent", view=READERS)
