"""Who may view files of disputes at all; which ones is the querysets' matter, adding and taking away the services'."""

from governance.permissions import permit
from mediation.disputes.permissions import READERS
from mediation.joint.permissions import ORGANS

permit("mediation.disputefile", view=READERS | ORGANS)
