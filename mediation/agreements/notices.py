"""What notices may say about obligations and confirmations: numbers, states, days. Who is told: the mediator, and the
clerks of the court applied to; parties are told by people, and on their own page.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import Appointment, Role, User
from governance.notices import notice_context, notify_if_kept
from mediation.confirmation.days import day_of_term
from mediation.confirmation.states import OWN_WAYS
from mediation.disputes.impartial import impartial_of
from mediation.disputes.mediators import mediators_of
from mediation.models import ConfirmationState, JudicialConfirmation, Obligation

DECIDED = ("confirmation.admitted", "confirmation.not_admitted", "confirmation.valid", "confirmation.rejected",
           "confirmation.withdrawn", "confirmation.papers_lacking")  # fmt: skip


@notice_context(
    "mediation.judicialconfirmation",
    variables={
        "number": _("number"), "dispute": _("dispute"), "state": _("state"), "last_day": _("last day to apply"),
        "day": _("reminded on day"),
    },
    rows=lambda: JudicialConfirmation.objects.with_rows(),
)  # fmt: skip
def confirmation_words(row: JudicialConfirmation, *, public: bool) -> dict:
    """Return a confirmation in texts; no names, no words of the dispute."""
    begins = row.agreement.effective_on
    return {
        "number": row.number, "dispute": row.dispute.number, "state": row.get_state_display(),
        "last_day": f"{row.last_day:%Y-%m-%d}",
        "day": str(row.reminded_day or day_of_term(begins, row.last_day)),
        "url": reverse("admin:mediation_judicialconfirmation_change", args=[row.pk]),
    }  # fmt: skip


@notice_context(
    "mediation.obligation",
    variables={
        "dispute": _("dispute"), "agreement": _("mediation agreement"), "state": _("state"),
        "due": _("to be performed by"),
    },
    rows=lambda: Obligation.objects.with_rows(),
)  # fmt: skip
def obligation_words(row: Obligation, *, public: bool) -> dict:
    """Return an obligation in texts; not what is owed nor by whom."""
    return {
        "dispute": row.dispute.number, "agreement": row.agreement.number, "state": row.get_state_display(),
        "due": f"{row.due_on:%Y-%m-%d}", "url": reverse("admin:mediation_obligation_change", args=[row.pk]),
    }  # fmt: skip


def tell_of(people, key: str, rows, pk: int) -> None:
    """Tell people of a row, which is loaded with what the notice says of it."""
    if people:
        notify_if_kept(people, key, subject=rows.with_rows().get(pk=pk))


@on("confirmation.reminded")
def mediator_reminded(event, row: JudicialConfirmation) -> None:
    tell_of(mediators_of(row.dispute), "confirmation_reminder", JudicialConfirmation.objects, row.pk)


@on("confirmation.wanted")
def mediator_told_of_a_wish(event, row: JudicialConfirmation) -> None:
    """A party asked for what was recorded as not wanted: the term runs, the others must be asked."""
    if "party" in event.payload:
        tell_of(mediators_of(row.dispute), "confirmation_wanted", JudicialConfirmation.objects, row.pk)


@on("confirmation.consent_recorded")
def mediator_told_of_an_own_word(event, row: JudicialConfirmation) -> None:
    """A party said so on the own page, where no mediator was by; whose word it is is read on the page. Of what opens
    the term again ``confirmation.wanted`` tells."""
    if event.payload["how"] in OWN_WAYS and row.state == ConfirmationState.ELIGIBLE:
        tell_of(mediators_of(row.dispute), "confirmation_wish", JudicialConfirmation.objects, row.pk)


@on("confirmation.applied", "confirmation.corrected")
def clerks_told(event, row: JudicialConfirmation) -> None:
    """The clerks of the court applied to; of a correction where it goes to another court."""
    if event.payload.get("court_before") == row.court_id:
        return
    held = Appointment.objects.in_force().filter(unit_id=row.court_id, role=Role.JUDGES_CLERK)
    clerks = User.objects.filter(pk__in=held.values("user_id")).order_by("pk")
    tell_of(impartial_of(row.dispute, clerks), "confirmation_applied", JudicialConfirmation.objects, row.pk)


@on(*DECIDED)
def mediator_told(event, row: JudicialConfirmation) -> None:
    people = [user for user in mediators_of(row.dispute) if user.pk != event.actor_id]
    tell_of(people, "confirmation_decided", JudicialConfirmation.objects, row.pk)


@on("confirmation.court_corrected")
def mediator_told_otherwise(event, row: JudicialConfirmation) -> None:
    """What the mediator was told, and told the parties, was not so; that it was received nobody had been told."""
    if event.payload["from"] != ConfirmationState.RECEIVED:
        tell_of(mediators_of(row.dispute), "confirmation_corrected", JudicialConfirmation.objects, row.pk)


@on("obligation.overdue")
def performance_missed(event, row: Obligation) -> None:
    tell_of(mediators_of(row.dispute), "obligation_overdue", Obligation.objects, row.pk)
