"""What parties agree to, refuse and withdraw (人民调解法 3, 17, 23; domain/mediation.md, "Guards").

One row for each answer; the latest of a party counts. A refusal blocks; a withdrawal ends it at any time: a mediation
that was accepted, or is to begin anew, is terminated, what was not accepted yet is declined. So does, once it was
accepted, the refusal of a party whose consent it rested on though it counts no longer (put right since, asked anew).
The refusal of who never agreed and came later ends nothing: they do not take part, and may be struck. Who ends it is
told of the other routes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.scoping import Grant
from governance.transactions import atomically
from mediation.agreements.acting import day_check
from mediation.disputes.acting import SYSTEM_GRANT, carry, clock, grant_or_refuse, tell
from mediation.disputes.capacity import answer_paper
from mediation.disputes.days import asked_from
from mediation.disputes.querysets import HANDLES
from mediation.disputes.routes import routes_tell
from mediation.disputes.states import (
    OPEN,
    ConsentAnswer,
    ConsentTo,
    DeclineGround,
    DisputeState,
    TellingWay,
    TerminationGround,
)
from mediation.disputes.term import term_stop
from mediation.models import Consent, Dispute, EscalationRequest, HelperInvitation, Party

A, S = ConsentAnswer, DisputeState
ABOUT_SOMEBODY = (ConsentTo.MEDIATOR, ConsentTo.HELPER)
BEGUN = (S.ACCEPTED, S.MEDIATING, S.REOPENED)
LONGEST_EXTENSION = timedelta(days=366)


@dataclass(frozen=True)
class _Teller:
    """Who records an answer: somebody at work, or the party on the own page (``actor`` None)."""

    actor: User | None
    grant: Grant


def consent_record(*, actor: User, party: Party, what: str, answer: str, how: str, about: User | None = None,
                   until: date | None = None, said_on: date | None = None, at: datetime | None = None
                   ) -> Consent:  # fmt: skip
    """Write down what a party answered, as told to whoever works on the dispute, and on which day (default: that of
    ``at``, by default today).

    ``about``: the person asked about (mediator, helper); None for a mediator: the appointed one. ``until``: the last
    day of a longer term. Raises NotPermitted, Conflict (the dispute has ended), Invalid naming the field
    (``party``: without full capacity, and the legal agent is not named, or has shown no paper; ``said_on``: ahead,
    before the dispute was registered, or before another answer of the party).
    """
    return consents_record(
        actor=actor, parties=[party], what=what, answer=answer, how=how, about=about, until=until, said_on=said_on,
        at=at,
    )[0]  # fmt: skip


def consents_record(*, actor: User, parties: Iterable[Party], what: str, answer: str, how: str,
                    about: User | None = None, until: date | None = None, said_on: date | None = None,
                    at: datetime | None = None) -> list[Consent]:  # fmt: skip
    """Write down the same answer of several parties of one dispute, all or nothing; arguments as ``consent_record``."""
    parties = list(parties)
    if not parties:
        raise Invalid(_("Say who answered."), field="parties", code="required")
    with atomically():
        held = Dispute.objects.lock(parties[0].dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        if how == TellingWay.LINK:
            raise Invalid(_("Only the party answers on their own page."), field="how", code="invalid_choice")
        drafts = [Consent(party=party, what=what, answer=answer, how=how, about=about, until=until, said_on=said_on)
                  for party in parties]  # fmt: skip
        return _recorded(held, drafts, _Teller(actor, grant), at)


def party_answer(party: Party, *, answer: str, at: datetime | None = None) -> Consent:
    """Write down what a party answered on their own page about being mediated; the page has made sure who they are.
    Raises as ``consent_record``."""
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        draft = Consent(party=party, what=ConsentTo.MEDIATION, answer=answer, how=TellingWay.LINK, said_on=None)
        return _recorded(held, [draft], _Teller(None, SYSTEM_GRANT), at)[0]


def _recorded(dispute: Dispute, drafts: list[Consent], teller: _Teller, at: datetime | None) -> list[Consent]:
    for draft in drafts:
        _record(dispute, draft, teller, at)
    if any(_ends(dispute, draft) for draft in drafts):
        _withdrawn(dispute, drafts, teller)
    return drafts


def _record(dispute: Dispute, draft: Consent, teller: _Teller, at: datetime | None) -> None:
    draft.dispute, draft.round, draft.recorded_by = dispute, dispute.reopened, teller.actor
    draft.at = at or timezone.now()
    _judge(dispute, draft)
    draft.save(force_insert=True)
    tell(
        "dispute.consent_recorded", dispute, actor=teller.actor or clock(), grant=teller.grant, at=draft.at,
        party=draft.party_id, what=draft.what, answer=draft.answer, how=draft.how, consent=draft.pk,
        on=draft.said_on.isoformat(),
    )  # fmt: skip


def _ends(dispute: Dispute, draft: Consent) -> bool:
    """Whether an answer ends it for everybody. Without full capacity nobody does so without the legal agent's paper."""
    if draft.what != ConsentTo.MEDIATION or draft.answer == A.AGREED:
        return False
    if draft.answer == A.WITHDRAWN:
        return True
    if draft.authorisation is None and Party.everyone.filter(pk=draft.party_id, without_capacity=True).exists():
        return False
    return refusal_ends(dispute, draft.party)


def refusal_ends(dispute: Dispute, party: Party) -> bool:
    """Whether the party's refusal ends a mediation that was accepted: it rests on what they had agreed to in this
    round, also where that counts no longer since they were put right (人民调解法 17)."""
    agreed = Consent.objects.filter(party=party, what=ConsentTo.MEDIATION, answer=A.AGREED, round=dispute.reopened)
    return dispute.state in BEGUN and agreed.exists()


def _withdrawn(dispute: Dispute, rows: list[Consent], teller: _Teller) -> None:
    """End it: nobody is kept in it. Who withdrew is told of the other routes now; the others are told by whoever
    handles it, and the file of a mediation is not complete before.

    What was not accepted yet is declined by the system: it follows from the answer, whoever wrote that down.
    """
    begun = dispute.state in BEGUN
    name, ground = ("terminate", TerminationGround.WITHDRAWN) if begun else ("decline", DeclineGround.PARTY_REFUSED)
    at, given = rows[0].at, {} if begun else {"reason": _("A party withdrew")}
    ended = carry(dispute, name, actor=(teller.actor if begun else None) or clock(), ground=ground, at=at,
                  occurred_at=at, payload={"ground": ground}, **given)  # fmt: skip
    term_stop(ended)
    routes_tell(ended, [row.party for row in rows], how=rows[0].how, told_by=teller.actor, grant=teller.grant, at=at)


def _judge(dispute: Dispute, draft: Consent) -> None:
    """Refuse an answer that cannot be. Raises Conflict, Invalid naming the field."""
    for field, values in (("what", ConsentTo), ("answer", A), ("how", TellingWay)):
        if getattr(draft, field) not in values.values:
            raise Invalid(_("Choose one of the values."), field=field, code="invalid_choice")
    if draft.party.dispute_id != dispute.pk:
        raise Invalid(_("This party is of another dispute."), field="party", code="outside")
    if dispute.state not in OPEN:
        raise Conflict(
            _("The dispute has ended: it is “%(state)s”.") % {"state": dispute.get_state_display()}, code="ended"
        )
    _judge_moment(dispute, draft)
    if draft.what in ABOUT_SOMEBODY:
        if draft.what == ConsentTo.MEDIATOR:
            draft.about = draft.about or dispute.mediator
        if draft.about is None:
            raise Invalid(_("Say whom the party was asked about."), field="about", code="required")
    else:
        draft.about = None
    if draft.what != ConsentTo.EXTENSION:
        draft.until = None
    else:
        _judge_extension(dispute, draft)
    _judge_order(dispute, draft)
    binds = draft.answer != A.REFUSED
    draft.authorisation = answer_paper(draft.party, draft.said_on, binds=binds)


def _judge_moment(dispute: Dispute, draft: Consent) -> None:
    if draft.at > timezone.now() + timedelta(minutes=10):
        raise Invalid(_("This time lies in the future."), field="at", code="in_future")
    first = asked_from(dispute)
    if draft.said_on is None:
        recorded = timezone.localdate(draft.at)
        draft.said_on = day_check(recorded, "at", earliest=first, latest=recorded)
    else:
        draft.said_on = day_check(draft.said_on, "said_on", earliest=first)


def _judge_extension(dispute: Dispute, draft: Consent) -> None:
    if dispute.term_until is None:
        raise Conflict(_("There is no mediation term yet to be extended."), code="no_term")
    if draft.until is None:
        if draft.answer != A.AGREED:
            return  # who does not want a longer term names no day
        raise Invalid(_("Say until when."), field="until", code="required")
    if not dispute.term_until < draft.until <= dispute.term_until + LONGEST_EXTENSION:
        raise Invalid(_("A longer term ends after the present one, at most a year later."), field="until",
                      code="out_of_range")  # fmt: skip


def _judge_order(dispute: Dispute, draft: Consent) -> None:
    """A consent is withdrawn only where there is one; whoever agreed to be mediated withdraws instead of refusing."""
    before = Consent.objects.filter(
        dispute=dispute, party=draft.party, what=draft.what, about=draft.about, round=dispute.reopened,
        pk__gt=F("party__answers_after"),
    ).first()  # fmt: skip
    if before is not None and before.answer != draft.answer:
        # The last row counts: what was said before it does not change it. The same answer may be given its true day.
        draft.said_on = day_check(draft.said_on, "said_on", earliest=before.said_on, latest=date.max)
    agreed = before is not None and before.answer == A.AGREED
    if draft.answer == A.WITHDRAWN and not agreed:
        raise Invalid(_("There is no consent of this party to withdraw."), field="answer", code="not_agreed")
    if draft.answer == A.REFUSED and agreed and draft.what == ConsentTo.MEDIATION:
        raise Invalid(_("This party had agreed: record that the consent is withdrawn."), field="answer",
                      code="withdraw")  # fmt: skip


def asked_about(dispute: Dispute) -> dict[str, QuerySet[User]]:
    """Return whom parties are asked about now, beside the appointed mediator: by ``MEDIATOR`` who would mediate after a
    takeover, by ``HELPER`` the respected locals proposed or invited."""
    named = EscalationRequest.objects.running().filter(dispute=dispute).values("mediator_id")
    helpers = HelperInvitation.objects.running().filter(dispute=dispute).values("helper__user_id")
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    return {ConsentTo.MEDIATOR: people.filter(pk__in=named), ConsentTo.HELPER: people.filter(pk__in=helpers)}


def answers_of(dispute: Dispute, what: str, about: User | None = None) -> dict[int, Consent]:
    """Return the latest answer of each party (by its key) of this round; ``about``: about this person only."""
    rows = Consent.objects.latest_of(dispute, what)
    return {row.party_id: row for row in (rows if about is None else rows.filter(about=about))}


def all_agreed(dispute: Dispute, what: str, about: User | None = None) -> bool:
    """Whether every party's latest answer is that they agree (for joint mediation, helpers, hand-ups too)."""
    answers = answers_of(dispute, what, about)
    parties = list(dispute.parties.values_list("pk", flat=True))
    return bool(parties) and all(pk in answers and answers[pk].answer == A.AGREED for pk in parties)


def refuses_mediator(dispute: Dispute, mediator: User) -> bool:
    """Whether a party's latest answer about ``mediator`` is a no (人民调解法 23)."""
    return any(row.answer != A.AGREED for row in answers_of(dispute, ConsentTo.MEDIATOR, mediator).values())
