"""What notices say about recusals: numbers and states. Who is told: everybody who works on the dispute."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import notice_context, notify_if_kept
from mediation.disputes.mediators import working_on
from mediation.models import Recusal


@notice_context(
    "mediation.recusal",
    variables={"dispute": _("dispute"), "state": _("state"), "mediator": _("mediator")},
    rows=lambda: Recusal.objects.with_rows(),
)
def recusal_words(row: Recusal, *, public: bool) -> dict:
    """Return a recusal in texts: neither who asks for it nor why."""
    return {
        "dispute": row.dispute.number, "state": row.get_state_display(), "mediator": str(row.mediator),
        "url": reverse("admin:mediation_recusal_change", args=[row.pk]),
    }  # fmt: skip


@on("recusal.asked")
def unit_told(event, row: Recusal) -> None:
    """Nothing goes on before it is decided: who works on the dispute hears of it at once."""
    found = Recusal.objects.with_rows().get(pk=row.pk)
    people = [user for user in working_on(found.dispute) if user.pk != event.actor_id]
    notify_if_kept(people, "recusal_asked", subject=found)
