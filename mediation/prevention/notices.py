"""What notices may say about a hazard: its number, where and of which type; never its words.

Rules of notices ring with the village mediators (``hazard.reported_urgent``, ``hazard.reported``,
``hazard.watch_ended``, ``hazard.moved``) and the township's centre (``hazard.late``, and ``hazard.reassessed`` or
``hazard.looked`` where it became more than the village's alone); who reported one is told the outcome here.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import User
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from mediation.models import Hazard

OUTCOME = "hazard_outcome"


@notice_context(
    "mediation.hazard",
    variables={
        "number": _("number of the hazard"), "place": _("place"), "type": _("dispute type"), "state": _("state"),
        "due": _("to be assessed by"),
    },
    rows=lambda: Hazard.objects.with_rows(),
    parties=lambda hazard: Parties(reporter=hazard.reporter_id),
)  # fmt: skip
def hazard_words(hazard: Hazard, *, public: bool) -> dict:
    """Return a hazard in texts; the place is its area, as the words of the place may name people. Who has an account
    only (a volunteer of the stewards) opens no page of people at work."""
    page = reverse("cases_pages:home") if public else reverse("phone_hazards:hazard", args=[hazard.pk])
    return {
        "number": hazard.number, "place": hazard.area.name, "state": hazard.get_state_display(),
        "type": str(hazard.type or _("type not known")), "due": moment(hazard.assess_by),
        "url": page,
    }  # fmt: skip


@on("hazard.watched", "hazard.excluded", "hazard.converted")
def reporter_told(event, hazard: Hazard) -> None:
    """Who reported it is told the outcome; a place without the template tells nobody."""
    people = User.objects.filter(pk=hazard.reporter_id, is_active=True).exclude(pk=event.actor_id)
    notify_if_kept(people, OUTCOME, subject=Hazard.objects.with_rows().get(pk=hazard.pk))
