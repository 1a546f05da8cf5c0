"""From an agreement in effect to the joint application: asked, wished for, applied for in time.

Each is judged by the day on which it happened, whenever it is recorded: the parties may go to court without the
mediator.

A late or one-sided application is refused with the article named (``eligibility``).
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, OrgUnit, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, steps_of
from mediation.agreements.acting import carry, day_check, hold_dispute, party_of
from mediation.agreements.authorising import authorisation_needed
from mediation.confirmation.courts import court_check
from mediation.confirmation.eligibility import (
    applicants_of,
    asked_from,
    last_day_of,
    reasons_of,
    wished_for,
    wishes_of,
)
from mediation.confirmation.proving import Proof, proof_corrected, proof_judged, told_with
from mediation.confirmation.querysets import HELPS
from mediation.confirmation.reminders import reminders_set, reminders_stop
from mediation.confirmation.states import NOT_APPLIED, NOT_BEFORE_COURT, OWN_WAYS
from mediation.confirmation.workflow import agreement_holds
from mediation.disputes.acting import SYSTEM_GRANT, clock
from mediation.disputes.capacity import answer_paper
from mediation.models import (
    Agreement,
    ConfirmationConsent,
    ConfirmationState,
    CourtBasis,
    Dispute,
    DisputeFile,
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
        last_day_reckon(row, at=at)


def last_day_reckon(row: JudicialConfirmation, *, at: datetime) -> None:
    """Reckon anew until when may be applied for; the row is locked by the caller."""
    before, row.last_day = row.last_day, last_day_of(row.agreement).day
    if row.last_day != before:
        row.save(update_fields=["last_day"])
    _moved_tell(row, before, at=at)


def _moved_tell(row: JudicialConfirmation, before: date, *, at: datetime) -> None:
    if row.last_day != before:
        payload = {"last_day": row.last_day.isoformat(), "before": before.isoformat()}
        events.record("confirmation.last_day_moved", row, actor=clock(), grant=SYSTEM_GRANT, occurred_at=at,
                      payload=payload)  # fmt: skip


def held(confirmation: JudicialConfirmation, name: str, actor: User) -> JudicialConfirmation:
    """Return it locked, after its dispute. Raises NotPermitted for who may not do step ``name``; Conflict
    (``replaced``): it is not before the court, and a newer agreement took the place of the one it is about."""
    hold_dispute(confirmation, name, actor)
    locked = JudicialConfirmation.objects.lock(confirmation.pk)
    if locked.state in NOT_BEFORE_COURT and not agreement_holds(locked):
        told = {"number": locked.agreement.replaced_by.number}
        raise Conflict(_("The newer agreement %(number)s took the place of this one.") % told, code="replaced")
    return locked


@carries_out(CONFIRMATION, "consent")
def confirmation_consent(confirmation: JudicialConfirmation, *, actor: User, party: Party, answer: str,
                         how: str = WishHow.RECORDED, said_on: date | None = None,
                         occurred_at: datetime | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Record what a party says of applying together, and on which day they said so (default today); the last word
    counts. A party may say so by the own account, or on the page behind their link (``actor`` is the system then; the
    page has made sure who they are), on the day itself.

    Who asked for it within the term though it was recorded that it is not wanted opens it again. Raises Invalid naming
    ``party`` (also without full capacity, where no legal agent has shown a paper), ``how`` or ``said_on`` (ahead,
    before the effect or the last withdrawal), NotPermitted, Conflict (``late``); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "consent", actor)
        day = _happened(said_on, at, "said_on", asked_from(locked))
        _wish_check(locked, actor, party, how, day)
        if how in OWN_WAYS and day != timezone.localdate(at):
            raise Invalid(_("On the own page one answers today."), field="said_on", code="own")
        shut = locked.state == ConfirmationState.NOT_WANTED and answer == WishAnswer.AGREED
        if shut:
            _refuse(reason for reason in reasons_of(locked, on=day) if reason.code == "late")
        payload = {"party": party.pk, "answer": answer, "how": how, "on": day.isoformat()}
        fresh = carry(locked, "consent", actor=actor, occurred_at=at, payload=payload, **given)
        paper = answer_paper(party, day, binds=answer == WishAnswer.AGREED, alone=how == WishHow.ACCOUNT)
        made = ConfirmationConsent.objects.create(
            confirmation=fresh, dispute_id=fresh.dispute_id, party=party, answer=answer, how=how, said_on=day,
            recorded_by=actor, authorisation=paper, at=at,
        )  # fmt: skip
        if shut and wishes_of(fresh).get(party.pk) == made:
            fresh = carry(fresh, "wanted", actor=clock(), occurred_at=at, payload={"party": party.pk})
            _term_runs(fresh, at)
    return fresh


def _happened(given: date | None, at: datetime, field: str, earliest: date) -> date:
    """Return the day on which something happened (default: that of the recording). Raises Invalid naming ``field``."""
    return day_check(given or timezone.localdate(at), field, earliest=earliest)


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
def confirmation_wanted(confirmation: JudicialConfirmation, *, actor: User, on: date | None = None,
                        occurred_at: datetime | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Record that they want it after all, and on which day they said so (default today).

    Raises Conflict (``late``: the term was over on that day), Invalid naming ``on`` (ahead, before the agreement took
    effect or before what was withdrawn was); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "wanted", actor)
        day = _happened(on, at, "on", asked_from(locked))
        _refuse(reason for reason in reasons_of(locked, on=day) if reason.code == "late")
        payload = {"on": day.isoformat()}
        fresh = carry(locked, "wanted", actor=actor, occurred_at=at, payload=payload, **given)
        _term_runs(fresh, at)
    return fresh


@carries_out(CONFIRMATION, "again")
def confirmation_again(confirmation: JudicialConfirmation, *, actor: User, on: date | None = None,
                       occurred_at: datetime | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Let the parties apply again after the court said that it is not competent, or that papers were missing; ``on``:
    when they set about it (default today). What they said of applying together counts on.

    Raises Conflict (``late``: the term was over on that day), Invalid naming ``on`` (ahead, before the court's answer);
    as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "again", actor)
        day = _happened(on, at, "on", locked.decided_on or locked.agreement.effective_on)
        _refuse(reason for reason in reasons_of(locked, on=day) if reason.code == "late")
        payload = {"on": day.isoformat(), "ground": locked.ground, "court": locked.court_id}
        fresh = carry(locked, "again", actor=actor, occurred_at=at, payload=payload, **given)
        _term_runs(fresh, at)
    return fresh


def _term_runs(confirmation: JudicialConfirmation, at: datetime) -> None:
    """It may be applied for again: by the calendar of today, which may have changed since, with its reminders."""
    last_day_reckon(confirmation, at=at)
    reminders_set(confirmation, after=at)


@carries_out(CONFIRMATION, "apply")
def confirmation_apply(confirmation: JudicialConfirmation, *, actor: User, court: OrgUnit, basis: str,
                       court_reason: str = "", applied_on: date | None = None, proof: str = "",
                       proof_file: DisputeFile | None = None, reason: str = "", occurred_at: datetime | None = None,
                       **given) -> JudicialConfirmation:  # fmt: skip
    """Apply to the court for both parties. ``applied_on``: the day it was handed in or posted (default today).
    ``court_reason``: why the intermediate court, where no sum of the rule says so; or by what this one has taken over
    from the court that invited, where that is closed. Recorded after the last day it wants
    a ``reason``, and ``proof`` (a number) or ``proof_file`` of that day (``proving``).

    Raises Conflict whose code is the first reason against it (``late``, ``one_sided``, ``identity``, ``title``,
    ``identity_undecided`` ..., ``no_agent``) and whose text names the article; Invalid naming ``court``, ``basis``,
    ``court_reason``, ``applied_on``, ``reason``, ``proof`` or ``proof_file``; as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "apply", actor)
        day = _happened(applied_on, at, "applied_on", locked.agreement.effective_on)
        shown = Proof()
        if locked.state == ConfirmationState.ELIGIBLE:
            _application_check(locked, day, court, basis, court_reason)
            shown = proof_judged(locked, Proof(reason.strip(), proof.strip(), proof_file), actor=actor,
                                 recorded_on=timezone.localdate(at))  # fmt: skip
        last_day_reckon(locked, at=at)
        payload = {"court": court.pk, "applied_on": day.isoformat(), "basis": basis} | shown.told
        fresh = carry(locked, "apply", actor=actor, occurred_at=at, at=at, court=court, basis=basis,
                      court_reason=court_reason.strip(), applied_on=day, shown=shown.columns, payload=payload,
                      reason=told_with(reason, shown), **given)  # fmt: skip
        reminders_stop(fresh)
    return fresh


def _application_check(locked: JudicialConfirmation, day: date, court: OrgUnit, basis: str, reason: str) -> None:
    """Refuse an application of a day at a court; keep the inviting one. Raises Conflict, Invalid."""
    _refuse(reason for reason in reasons_of(locked, on=day) if reason.blocks)
    court_check(locked, court, basis, reason)
    dispute = locked.dispute
    if basis == CourtBasis.INVITED and dispute.inviting_court_id is None:
        # Registered before it was asked which court it was: it is kept from now on, for any later application.
        Dispute.objects.filter(pk=dispute.pk).update(inviting_court=court)


@carries_out(CONFIRMATION, "correct")
def confirmation_correct(confirmation: JudicialConfirmation, *, actor: User, court: OrgUnit, basis: str,
                         court_reason: str = "", applied_on: date | None = None, proof: str = "",
                         proof_file: DisputeFile | None = None, late_reason: str = "", reason: str = "",
                         occurred_at: datetime | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Correct to which court was applied, why that one, and on which day (default: the day that stands there), until
    the court has received it; a reason is needed. What the parties said counts as it did; what proves the day of what
    was recorded late is replaced where a number or a file is given, why where ``late_reason`` is. Raises as
    ``confirmation_apply``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "correct", actor)
        payload, before, shown = {}, locked.last_day, Proof()
        day = _happened(applied_on or locked.applied_on, at, "applied_on", locked.agreement.effective_on)
        if locked.state == ConfirmationState.JOINTLY_APPLIED:
            _application_check(locked, day, court, basis, court_reason)
            why = late_reason.strip() or locked.late_reason or reason.strip()
            shown = proof_corrected(locked, Proof(why, proof.strip(), proof_file), actor=actor)
            payload = {"court": court.pk, "applied_on": day.isoformat(), "basis": basis,
                       "court_before": locked.court_id, "applied_on_before": locked.applied_on.isoformat()}  # fmt: skip
        fresh = carry(locked, "correct", actor=actor, occurred_at=at, court=court, basis=basis, applied_on=day,
                      court_reason=court_reason.strip(), shown=shown.columns, payload=payload | shown.told,
                      last_day=last_day_of(locked.agreement).day, reason=told_with(reason, shown),
                      **given)  # fmt: skip
        _moved_tell(fresh, before, at=at)
    return fresh


def _refuse(reasons) -> None:
    for reason in reasons:
        told = {"text": reason.text, "article": reason.article}
        raise Conflict(_("%(text)s (%(article)s)") % told, code=reason.code)


@carries_out(CONFIRMATION, "withdraw")
def confirmation_withdraw(confirmation: JudicialConfirmation, *, actor: User, on: date | None = None,
                          occurred_at: datetime | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Withdraw the application before the ruling, on a day (default today); a reason is needed. What is said from that
    day on counts for another application. What the court's clerk withdrew by mistake goes back by ``back_to_*``.

    Raises Invalid naming ``on`` (ahead, before it was applied for or what the court did since); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = held(confirmation, "withdraw", actor)
        known = [day for day in (locked.applied_on, locked.received_on, locked.admitted_on) if day]
        day = _happened(on, at, "on", max(known, default=locked.agreement.effective_on))
        payload = {"on": day.isoformat()}
        grant = grant_for(steps_of(JudicialConfirmation)["withdraw"].allow, locked, actor)
        by_court = grant is not None and grant.role == Role.JUDGES_CLERK
        return carry(locked, "withdraw", actor=actor, occurred_at=at, on=day, by_court=by_court, payload=payload,
                     **given)  # fmt: skip
