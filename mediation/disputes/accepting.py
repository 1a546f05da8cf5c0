"""Asking for consent, accepting, beginning, and a longer term."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import day_check
from mediation.disputes.acting import DISPUTE, carry, may
from mediation.disputes.consents import A, answers_of, refuses_mediator
from mediation.disputes.days import ready_on, round_began_at, said_moment
from mediation.disputes.impartial import is_party
from mediation.disputes.routes import way_check
from mediation.disputes.rules import term_end
from mediation.disputes.states import ConsentTo, DisputeState, PartySide, RecusalState
from mediation.disputes.term import term_timer
from mediation.models import Dispute


@carries_out(DISPUTE, "submit_for_consent")
def dispute_submit_for_consent(dispute: Dispute, *, actor: User, on: date | None = None,
                               occurred_at: datetime | None = None, **given) -> Dispute:  # fmt: skip
    """Ask the parties, on a day (default today). Raises Conflict unless somebody asks for something of somebody else,
    Invalid naming ``on`` (ahead, before it was registered)."""
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "submit_for_consent", actor):
            sides = set(held.parties.values_list("side", flat=True))
            if not {PartySide.APPLICANT, PartySide.RESPONDENT} <= sides:
                raise Conflict(_("Enter an applicant and a respondent first."), field="parties", code="parties")
            at = said_moment(on, at, earliest=timezone.localdate(held.registered_at), after=held.registered_at)
        return carry(held, "submit_for_consent", actor=actor, occurred_at=at, **given)


@carries_out(DISPUTE, "tell_rights")
def dispute_tell_rights(dispute: Dispute, *, actor: User, how: str, on: date | None = None,
                        occurred_at: datetime | None = None, **given) -> Dispute:  # fmt: skip
    """Record that all parties were told of their rights and duties, how, and on which day (default today).

    Raises Invalid naming ``how`` or ``on``; as ``perform``.
    """
    at = occurred_at or timezone.now()
    way_check(how)
    day = day_check(on or timezone.localdate(at), "on")
    payload = {"on": day.isoformat(), "how": how}
    return carry(dispute, "tell_rights", actor=actor, occurred_at=at, on=day, payload=payload, **given)


@carries_out(DISPUTE, "accept")
def dispute_accept(dispute: Dispute, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                   **given) -> Dispute:  # fmt: skip
    """Accept for mediation: every party has agreed, nobody refuses the mediator; the term begins. ``on``: the day on
    which it was accepted, where that is typed in later (default today).

    Raises Conflict naming what is missing (``consents``, ``mediator``, ``police``), Invalid naming ``on`` (ahead,
    before it was registered or the last party agreed).
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "accept", actor):
            ready_check(held)
            at = said_moment(on, at, earliest=ready_on(held), after=held.registered_at)
        until = term_end(held.area, timezone.localdate(at))
        fresh = carry(held, "accept", actor=actor, occurred_at=at, at=at, term_until=until,
                      payload={"term_until": until.isoformat(), "mediator": held.mediator_id}, **given)  # fmt: skip
        term_timer(fresh)
    return fresh


@carries_out(DISPUTE, "begin")
def dispute_begin(dispute: Dispute, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                  **given) -> Dispute:  # fmt: skip
    """Begin the mediation, on a day (default today); a reopened one needs the parties' consent anew, and gets a term of
    its own. Raises as ``dispute_accept``; Invalid naming ``on``: before it was accepted, or reopened."""
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "begin", actor):
            ready_check(held)
            at = said_moment(on, at, earliest=ready_on(held), after=round_began_at(held))
        until = held.term_until or term_end(held.area, timezone.localdate(at))
        fresh = carry(held, "begin", actor=actor, occurred_at=at, at=at, term_until=until,
                      payload={"term_until": until.isoformat(), "mediator": held.mediator_id}, **given)  # fmt: skip
        if held.state == DisputeState.REOPENED:
            term_timer(fresh)
    return fresh


def ready_check(dispute: Dispute) -> None:
    """Refuse to mediate without the parties' consent, against one of them, by a person asked to step aside, or before
    the police know of violence against somebody who cannot help themselves (反家暴法 14). Raises Conflict."""
    if dispute.mediator is None:
        raise Conflict(_("Appoint a mediator first."), field="mediator", code="mediator")
    answers = answers_of(dispute, ConsentTo.MEDIATION)
    parties = list(dispute.parties.values_list("pk", "without_capacity"))
    agreed = [pk for pk, _unable in parties if pk in answers and answers[pk].answer == A.AGREED]
    if not parties or len(agreed) < len(parties):
        told = {"agreed": len(agreed), "all": len(parties)}
        raise Conflict(
            _("%(agreed)s of %(all)s parties have agreed to be mediated: without all of them there is no mediation.")
            % told, field="consents", code="consents",
        )  # fmt: skip
    if is_party(dispute.parties.all(), dispute.mediator):
        raise Conflict(_("The mediator is a party: appoint somebody else."), field="mediator", code="mediator_party")
    if refuses_mediator(dispute, dispute.mediator):
        raise Conflict(_("A party refuses this mediator."), field="mediator", code="mediator_refused")
    recusal_check(dispute)
    if dispute.recusals.filter(mediator=dispute.mediator, state=RecusalState.UPHELD).exists():
        raise Conflict(_("The mediator was recused: appoint somebody else."), field="mediator", code="mediator_recused")
    if duty_to_report(dispute) and not dispute.police_reports.exists():
        raise Conflict(
            _("Violence in a family against somebody without full capacity: report it to the police first."),
            field="police", code="police",
        )  # fmt: skip


def recusal_check(dispute: Dispute) -> None:
    """Refuse while somebody asks that the mediator stands aside, and nobody has decided. Raises Conflict."""
    if dispute.recusals.filter(mediator=dispute.mediator_id, state=RecusalState.ASKED).exists():
        raise Conflict(_("Recusal of the mediator is asked for: decide it first."), field="mediator", code="recusal")


def duty_to_report(dispute: Dispute) -> bool:
    """Whether the police must be told (反家暴法 14): domestic violence, and a party without full capacity."""
    return dispute.domestic_violence and dispute.parties.filter(without_capacity=True).exists()


@carries_out(DISPUTE, "extend")
def dispute_extend(dispute: Dispute, *, actor: User, until: date, **given) -> Dispute:
    """Extend the term to the day that every party agreed to. Raises Conflict naming ``until``."""
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "extend", actor):
            answers = answers_of(held, ConsentTo.EXTENSION)
            parties = held.parties.values_list("pk", flat=True)
            fits = [pk in answers and answers[pk].answer == A.AGREED and answers[pk].until == until for pk in parties]
            if not fits or not all(fits) or until <= held.term_until:
                raise Conflict(_("The term is longer only where every party has agreed to this day."), field="until",
                               code="extension")  # fmt: skip
        fresh = carry(held, "extend", actor=actor, until=until, **given,
                      payload={"until": until.isoformat()})  # fmt: skip
        term_timer(fresh)
    return fresh
