"""What all steps of joint work have in common: the figures on the event, whether all parties agreed, new rows."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import Grant, Rule, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform, steps_of
from mediation.disputes.acting import words_check
from mediation.disputes.consents import all_agreed
from mediation.disputes.states import OPEN
from mediation.models import Dispute

REASON_LENGTH = 500


def told_of(row: Model) -> dict:
    """Return what every event about a row of a dispute tells: numbers only."""
    return {"dispute": row.dispute.number}


def carry(row: Model, name: str, *, actor: User, payload: dict | None = None, reason: str = "", photos=(),
          **given):  # fmt: skip
    """``perform`` with the figures of the row on the event; returns the fresh row. Photos are not kept here."""
    words_check(reason=reason, longest=2000)
    figures = told_of(row) if hasattr(row, "dispute_id") else {}
    with atomically():
        return perform(row, name, actor=actor, reason=reason, payload=figures | (payload or {}), **given)[0]


def may(row: Model, name: str, actor: User) -> bool:
    """Whether ``actor`` may do the step in the state the row is in; otherwise ``perform`` says what is wrong."""
    found = steps_of(type(row))[name]
    return row.state in found.sources and grant_for(found.allow, row, actor) is not None


def at_once(label: str, *names: str) -> None:
    """Let ``carry`` alone carry out these transitions, which take the moment as ``at``."""
    for name in names:
        _at_once(label, name)


def _at_once(label: str, name: str) -> None:
    def service(row, *, actor, occurred_at=None, **given):
        at = occurred_at or timezone.now()
        return carry(row, name, actor=actor, occurred_at=at, at=at, **given)

    carries_out(label, name)(service)


def dispute_held(dispute: Dispute, rule: Rule, actor: User, *, states=OPEN) -> tuple[Dispute, Grant]:
    """Return the dispute locked, and the role in which ``actor`` works on it.

    Raises NotPermitted; Conflict unless it is in one of ``states``.
    """
    held = Dispute.objects.lock(dispute.pk)
    grant = grant_for(rule, held, actor)
    if grant is None:
        raise NotPermitted(_("You do not work on this dispute."))
    if held.state not in states:
        raise Conflict(_("This is not possible now: the dispute is “%(state)s”.") % {
            "state": held.get_state_display()}, code="state")  # fmt: skip
    return held, grant


def stored(row: Model, event: str, *, actor: User, grant: Grant, at: datetime, **figures):
    """Judge and store a new row and record its event. Raises Invalid naming the field."""
    try:
        row.full_clean(exclude=["state", "dispute"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error
    row.save(force_insert=True)
    payload = (told_of(row) if hasattr(row, "dispute_id") else {}) | {"to": row.state} | figures
    events.record(event, row, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return row


def parties_check(dispute: Dispute, what: str, about: User) -> None:
    """Refuse to go on before every party agreed, and say which unit asks them. Raises Conflict."""
    if not all_agreed(dispute, what, about):
        text = _("Every party must have agreed to %(name)s first: %(unit)s asks them and records it.")
        raise Conflict(text % {"name": about.name, "unit": dispute.unit}, code="consent_missing")
