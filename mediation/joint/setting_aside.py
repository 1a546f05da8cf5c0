"""A suggestion that a higher tier take a dispute over is not taken: somebody has looked at it, and says why."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import REASON_NEEDED, Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from mediation.disputes.acting import tell, words_check
from mediation.disputes.querysets import HANDLES
from mediation.joint.acting import REASON_LENGTH, dispute_held
from mediation.joint.suggestions import SET_ASIDE, codes_for
from mediation.models import Dispute


def suggestions_set_aside(dispute: Dispute, *, actor: User, reason: str, occurred_at: datetime | None = None) -> None:
    """Do not suggest any more, in this round, for the reasons that stand there now; another reason suggests it anew.

    Raises NotPermitted; Conflict (it has ended; ``nothing`` is suggested); Invalid naming ``reason``.
    """
    words_check(reason=reason, longest=REASON_LENGTH)
    with atomically():
        held, grant = dispute_held(dispute, HANDLES, actor)
        if not reason.strip():
            raise Invalid(REASON_NEEDED, field="reason", code="required")
        codes = codes_for(held)
        if not codes:
            raise Conflict(_("No higher tier is suggested for it."), code="nothing")
        tell(SET_ASIDE, held, actor=actor, grant=grant, at=occurred_at or timezone.now(), text=reason.strip(),
             codes=codes, round=held.reopened)  # fmt: skip
