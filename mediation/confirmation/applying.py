"""From an agreement in effect to the joint application: asked, wished for, applied for in time.

A late or one-sided application is refused with the article named (``eligibility``).
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, OrgUnit, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import carry, day_check, hold_dispute, party_of
from mediation.agreements.authorising import authorisation_needed
from mediation.confirmation.courts import court_check
from mediation.confirmation.eligibility import applicants_of, last_day_of, reasons_of, wished_for
from mediation.confirmation.querysets import HELPS
from mediation.confirmation.reminders import reminders_set, reminders_stop
from mediation.confirmation.states import NOT_APPLIED
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.capacity import answer_paper
from mediation.models import (
    Agreement,
    ConfirmationConsent,
    ConfirmationState,
    JudicialConfirmation,
    Party,
    WishAnswer,
    WishHow,
)

CONFIRMATION = "mediation.judicialconfirmation"


def confirmation_open(agreement: Agreement, *, at: datetime) -> JudicialConfirmation:
    """Begin the term of an agreement that took effect, with its reminders."""
    last = last_day_of(agreement)
    made = JudicialConfirmation.objects.create(agreement=agreement, dispute=agreement.dispute, last_day=last.day)
    payload = {"dispute": agreement.dispute_id, "agreement": agreement.pk, "last_day": last.day.isoformat()}
    events.record("confirmation.opened", made, actor=clock(), grant=SYSTEM_GRANT, payload=payload, occurred_at=at)
    reminders_set(made, after=at)
    return made


def last_days_reckon(area: Area, *, at: datetime) -> None:
    """Reckon anew until when may be applied for in ``area`` and all under it, where nobody has applied yet."""
    rows = JudicialConfirmation.objects.select_for_update(of=("self",)).select_related("agreement__dispute__area")
    running = rows.filter(state__in=NOT_APPLIED, dispute__area__path__startswith=area.path)
    for row in running.defer("agreement__dispute__area__boundary").order_by("pk"):
        day, before = last_day_of(row.agreement).day, row.last_day
        if day != before:
            row.last_day = day
            row.save(update_fields=["last_day"])
            events.record("confirmation.last_day_moved", row, actor=clock(), grant=SYSTEM_GRANT, occurred_at=at,
                          payload={"last_day": day.isoformat(), "before": before.isoformat()})  # fmt: skip


def held(confirmation: JudicialConfirmation, name: str, actor: User) -> JudicialConfirmation:
    """Return it locked, after its dispute. Raises NotPermitted for who may not do step ``name``."""
    hold_dispute(confirmation, name, actor)
    return JudicialConfirmation.objects.lock(confirmation.pk)


@carries_out(CONFIRMATION, "consent")
def confirmation_consent(confirmation: JudicialConfirmation, *, actor: User, party: Party, answer: str,
                         how: str = WishHow.RECORDED, occurred_at: datetime | None = None,
                         **given) -> JudicialConfirmation:  # fmt: skip
    """Record what a party says of applying together; the last word counts. A party may say so by the own account, or on
    the page behind their link (``actor`` is the system then; the page has made sure who they are).

    Who asks for it though it was recorded that it is not wanted opens it again, as long as the term runs. Raises
    Invalid naming ``party`` (also without full capacity, where no legal agent has shown a paper) or ``how``,
    NotPermitted, Conflict (``late``); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "consent", actor)
        _wish_check(locked, actor, party, how, timezone.localdate(at))
        reopens = locked.state == ConfirmationState.NOT_WANTED and answer == WishAnswer.AGREED
        if reopens:
            _refuse(reason for reason in reasons_of(locked) if reason.code == "late")
        payload = {"party": party.pk, "answer": answer, "how": how}
        fresh = carry(locked, "consent", actor=actor, occurred_at=at, payload=payload, **given)
        ConfirmationConsent.objects.create(
            confirmation=fresh,
            dispute_id=fresh.dispute_id,
            party=party,
            answer=answer,
            how=how,
            recorded_by=actor,
            authorisation=answer_paper(
                party, timezone.localdate(at), binds=answer == WishAnswer.AGREED, alone=how == WishHow.ACCOUNT
            ),
            at=at,
        )
        if reopens:
            fresh = carry(fresh, "wanted", actor=clock(), occurred_at=at, payload={"party": party.pk})
            reminders_set(fresh, after=at)
    return fresh


def _wish_check(locked: JudicialConfirmation, actor: User, party: Party, how: str, day: date) -> None:
    """Refuse who may not answer for a party, or not in this way. Raises Invalid, NotPermitted."""
    party_of(locked.dispute, party, "party")
    if party not in applicants_of(locked):
        raise Invalid(_("This party does not apply: the agreement does not bind it."), field="party",
                      code="not_bound")  # fmt: skip
    own = party.user_id is not None and party.user_id == actor.pk
    if (how == WishHow.ACCOUNT) != own:
        raise Invalid(_("By the own account answers the party itself, and nobody else."), field="how", code="own")
    by_link = actor.is_system
    if (how == WishHow.LINK) != by_link:
        raise Invalid(_("Only the party answers on their own page."), field="how", code="invalid_choice")
    if not own and not by_link and grant_for(HELPS, locked, actor) is None:
        raise NotPermitted(_("You may not answer for this party."))
    if how == WishHow.AGENT:
        authorisation_needed(party, day, "how")


@carries_out(CONFIRMATION, "judge")
def confirmation_judge(confirmation: JudicialConfirmation, *, actor: User, concerns_identity: bool | None,
                       concerns_title: bool | None, **given) -> JudicialConfirmation:  # fmt: skip
    """Decide whether the agreement is about what no court confirms (民诉解释 355). As ``perform``."""
    payload = {"identity": concerns_identity, "title": concerns_title}
    with atomically():
        return carry(held(confirmation, "judge", actor), "judge", actor=actor, concerns_identity=concerns_identity,
                     concerns_title=concerns_title, payload=payload, **given)  # fmt: skip


@carries_out(CONFIRMATION, "not_wanted")
def confirmation_not_wanted(confirmation: JudicialConfirmation, *, actor: User, **given) -> JudicialConfirmation:
    """Record that the parties were asked and do not want it; no more reminders. Raises Conflict (``wished``: one of
    them asks for it); as ``perform``."""
    with atomically():
        locked = held(confirmation, "not_wanted", actor)
        if locked.state == ConfirmationState.ELIGIBLE and wished_for(locked):
            raise Conflict(_("A party asks for confirmation: what one party does not want is recorded as that party's "
                             "wish."), code="wished")  # fmt: skip
        fresh = carry(locked, "not_wanted", actor=actor, **given)
        reminders_stop(fresh)
    return fresh


@carries_out(CONFIRMATION, "wanted")
def confirmation_wanted(confirmation: JudicialConfirmation, *, actor: User, occurred_at: datetime | None = None,
                        **given) -> JudicialConfirmation:  # fmt: skip
    """Record that they want it after all. Raises Conflict (``late``: the term is over); as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "wanted", actor)
        _refuse(reason for reason in reasons_of(locked) if reason.code == "late")
        fresh = carry(locked, "wanted", actor=actor, occurred_at=at, **given)
        reminders_set(fresh, after=at)
    return fresh


@carries_out(CONFIRMATION, "apply")
def confirmation_apply(confirmation: JudicialConfirmation, *, actor: User, court: OrgUnit, basis: str,
                       court_reason: str = "", applied_on: date | None = None, occurred_at: datetime | None = None,
                       **given) -> JudicialConfirmation:  # fmt: skip
    """Apply to the court for both parties. ``applied_on``: the day it was handed in or posted (default today).
    ``court_reason``: why the intermediate court, where no sum of the rule says so.

    Raises Conflict whose code is the first reason against it (``late``, ``one_sided``, ``identity``, ``title``,
    ``identity_undecided`` ..., ``no_agent``) and whose text names the article; Invalid naming ``court``, ``basis``,
    ``court_reason`` or ``applied_on``; as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "apply", actor)
        if locked.state == ConfirmationState.ELIGIBLE:
            day = day_check(applied_on, "applied_on", earliest=locked.agreement.effective_on)
            _refuse(reason for reason in reasons_of(locked, on=day) if reason.blocks)
            court_check(locked, court, basis, court_reason)
        else:
            day = applied_on or timezone.localdate(at)
        locked.last_day = last_day_of(locked.agreement).day
        locked.save(update_fields=["last_day"])
        payload = {"court": court.pk, "applied_on": day.isoformat(), "basis": basis}
        fresh = carry(locked, "apply", actor=actor, occurred_at=at, at=at, court=court, basis=basis,
                      court_reason=court_reason.strip(), applied_on=day, payload=payload, **given)  # fmt: skip
        reminders_stop(fresh)
    return fresh


def _refuse(reasons) -> None:
    for reason in reasons:
        told = {"text": reason.text, "article": reason.article}
        raise Conflict(_("%(text)s (%(article)s)") % told, code=reason.code)


@carries_out(CONFIRMATION, "withdraw")
def confirmation_withdraw(confirmation: JudicialConfirmation, *, actor: User, occurred_at: datetime | None = None,
                          **given) -> JudicialConfirmation:  # fmt: skip
    """Withdraw the application before the ruling; a reason is needed. As ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "withdraw", actor)
        return carry(locked, "withdraw", actor=actor, occurred_at=at, on=timezone.localdate(at), **given)
