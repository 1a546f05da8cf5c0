"""What notices say about recusals and about parties who say no: numbers and states.

Of a recusal everybody who works on the dispute is told; of a "no" on the own page the mediator.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import notice_context, notify_if_kept
from mediation.disputes.mediators import mediators_of, working_on
from mediation.disputes.states import ConsentAnswer, TellingWay
from mediation.models import Consent, Dispute, Recusal


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


@notice_context(
    "mediation.consent",
    variables={"dispute": _("dispute"), "answer": _("answer of the party")},
    rows=lambda: Consent.objects.select_related("dispute__area").defer("dispute__area__boundary"),
)
def answer_words(row: Consent, *, public: bool) -> dict:
    """Return what a party answered in texts; not who answered. It is told before the dispute ends by it."""
    return {
        "dispute": row.dispute.number, "answer": row.get_answer_display(),
        "url": reverse("admin:mediation_dispute_change", args=[row.dispute_id]) + "#answers",
    }  # fmt: skip


@on("dispute.consent_recorded")
def mediator_told(event, dispute: Dispute) -> None:
    """A party said no, or withdrew, on the own page: the mediator, who was not there, tells the others."""
    if event.payload["how"] == TellingWay.LINK and event.payload["answer"] != ConsentAnswer.AGREED:
        row = Consent.objects.select_related("dispute__area").get(pk=event.payload["consent"])
        notify_if_kept(mediators_of(row.dispute), "party_said_no", subject=row)
