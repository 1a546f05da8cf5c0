"""What notices say about recusals and about parties who say no: numbers and states.

Of a recusal everybody who works on the dispute is told, of its decision the former and the new mediator; of a "no" on
the own page the mediator.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import User
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


def former_mediator_told(row: Recusal) -> None:
    """Tell a mediator that somebody else has upheld their recusal. The notice leads to the list of recusals, since the
    dispute and the recusal are theirs to read no longer."""
    found = Recusal.objects.with_rows().get(pk=row.pk)
    notify_if_kept([found.mediator], "recusal_upheld_former", subject=found,
                   context={"url": reverse("admin:mediation_recusal_changelist")})  # fmt: skip


@on("dispute.assigned")
def successor_told(event, dispute: Dispute) -> None:
    """Who mediates instead of somebody who was recused hears of it."""
    if event.payload.get("recusal") and event.payload["mediator"] not in (None, event.actor_id):
        found = Recusal.objects.with_rows().get(pk=event.payload["recusal"])
        people = User.objects.filter(pk=event.payload["mediator"]).exclude(pk=found.decided_by_id)
        notify_if_kept(people, "recusal_successor", subject=found)


@on("recusal.rejected")
def rejection_told(event, row: Recusal) -> None:
    """The mediator goes on, and who recorded the request tells the party."""
    found = Recusal.objects.with_rows().get(pk=row.pk)
    people = {user.pk: user for user in (found.mediator, found.recorded_by) if user and user.pk != event.actor_id}
    notify_if_kept(people.values(), "recusal_rejected", subject=found)


@on("recusal.withdrawn")
def withdrawal_told(event, row: Recusal) -> None:
    """Who was asked to decide has nothing to decide any more."""
    found = Recusal.objects.with_rows().get(pk=row.pk)
    people = [user for user in working_on(found.dispute) if user.pk != event.actor_id]
    notify_if_kept(people, "recusal_withdrawn", subject=found)


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
