"""Appeals: filed by the partner within working days, decided by another person than who recorded the fact."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.clock import ClockUnit, Span
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from governance.work_calendars import calendar_of
from governance.workflow import carries_out, perform
from partners.credit.computing import partner_recompute
from partners.credit.formulas import formula_needed
from partners.credit.notes import note_annul
from partners.credit.querysets import ACTS, RUNS
from partners.credit.workflow import CreditAppealState, NoteState
from partners.earning.checks import text_checked
from partners.earning.deciding import partner_lock, refuse_own
from partners.models import CreditAppeal, CreditNote, CreditProfile
from partners.recruiting.acting import clock

LABEL, DUE = "partners.creditappeal", "credit_appeal.due"


def note_appeal(note: CreditNote, *, actor: User, grounds: str, photos: Sequence[Upload] = (),
                occurred_at: datetime | None = None) -> CreditAppeal:  # fmt: skip
    """Appeal a fact that the partner was told of.

    Raises NotPermitted, Invalid (``grounds``), Conflict (``open``, ``decided`` before, ``late``; the fact is annulled).
    """
    at = occurred_at or timezone.now()
    with atomically():
        partner = partner_lock(note.partner)
        fresh = CreditNote.objects.lock(note.pk)
        profile = CreditProfile.objects.filter(partner=partner, year=fresh.happened_on.year).first()
        made = CreditAppeal(partner=partner, area=partner.area, note=fresh, line=fresh.line, profile=profile,
                            recorder=fresh.recorded_by)  # fmt: skip
        grant = _appeal_grant(made, actor)
        if fresh.state != NoteState.TOLD:
            raise Conflict(_("Only facts that count are appealed."), code="conflict")
        if fresh.appeals.filter(state__in=[CreditAppealState.UPHELD, CreditAppealState.DECLINED]).exists():
            raise Conflict(_("An appeal about this was decided already."), code="decided")
        return _filed(made, fresh.told_at, actor, grant, grounds=grounds, photos=photos, at=at)


def line_appeal(profile: CreditProfile, line: str, *, actor: User, grounds: str, photos: Sequence[Upload] = (),
                occurred_at: datetime | None = None) -> CreditAppeal:  # fmt: skip
    """Appeal a line of a file as it was computed last: something is missing or counted wrong.

    Raises NotPermitted, Invalid (``grounds``, ``line``), Conflict (``open``, ``late``: so many working days after the
    computation that holds, and after the partner was told that the file of the year is ready).
    """
    at = occurred_at or timezone.now()
    with atomically():
        partner = partner_lock(profile.partner)
        fresh = CreditProfile.objects.with_rows().get(pk=profile.pk)
        made = CreditAppeal(partner=partner, area=partner.area, profile=fresh, line=line)
        grant = _appeal_grant(made, actor)
        if fresh.current is None or not fresh.current.lines.filter(line=line).exists():
            raise Invalid(_("The file has no such line."), field="line", code="does_not_exist")
        since = max(fresh.current.computed_at, fresh.closed_at or fresh.current.computed_at)
        return _filed(made, since, actor, grant, grounds=grounds, photos=photos, at=at)


def _appeal_grant(made: CreditAppeal, actor):
    grant = grant_for(ACTS, made, actor)
    if grant is None:
        raise NotPermitted(_("Only the partner appeals its own credit file."))
    return grant


def _filed(made: CreditAppeal, since: datetime, actor, grant, *, grounds: str, photos, at: datetime) -> CreditAppeal:
    formula, calendar = formula_needed(made.area, timezone.localdate(at)), calendar_of(made.area)
    if at > calendar.deadline(since, Span(formula.appeal_days, ClockUnit.WORK_DAY)):
        text = _("Appeals are taken for %(days)d working days.") % {"days": formula.appeal_days}
        raise Conflict(text, code="late")
    made.grounds = text_checked(grounds, "grounds", 1000, needed=True)
    made.filed_by, made.filed_at = actor, at
    made.due_at = calendar.deadline(at, Span(formula.review_days, ClockUnit.WORK_DAY))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("An appeal about this is open already."), code="open") from error
    event = record("credit_appeal.filed", made, actor=actor, grant=grant, payload=figures_of(made), occurred_at=at)
    if photos:
        attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    set_timer(f"{DUE}:{made.pk}", DUE, subject_id=made.pk, due_at=made.due_at)
    return made


def figures_of(appeal: CreditAppeal) -> dict:
    """Return what events tell of an appeal."""
    return {"partner": appeal.partner_id, "line": appeal.line, "note": appeal.note_id, "due_at": str(appeal.due_at)}


def _decided(appeal: CreditAppeal, name: str, *, actor, occurred_at=None, photos=(), **given) -> CreditAppeal:
    at = occurred_at or timezone.now()
    with atomically():
        partner = partner_lock(appeal.partner)
        fresh = CreditAppeal.objects.lock(appeal.pk)
        if grant_for(RUNS, fresh, actor) is None:
            raise NotPermitted(_("Appeals are decided by the community's staff."))
        refuse_own(partner, actor)
        if actor.pk == fresh.recorder_id:
            raise NotPermitted(_("Another person decides than who recorded the fact."), code="same_person")
        done = perform(fresh, name, actor=actor, occurred_at=at, by=actor, at=at, payload=figures_of(fresh), **given)[0]
        cancel_timer(f"{DUE}:{done.pk}")
        if name == "uphold":
            _put_right(done, actor, given.get("reason", ""))
    return done


def _put_right(appeal: CreditAppeal, actor, reason: str) -> None:
    """Annul the fact; what else a line was counted from is put right where it stands. Compute the file anew."""
    if appeal.note is not None and appeal.note.state != NoteState.ANNULLED:
        note_annul(appeal.note, actor=actor, reason=reason, by_appeal=True)
    elif appeal.profile is not None:
        partner_recompute(appeal.partner, appeal.profile.year)


@carries_out(LABEL, "uphold")
def appeal_uphold(appeal: CreditAppeal, *, actor, **given) -> CreditAppeal:
    """The partner is right. Raises NotPermitted (also ``same_person``, ``own``), Conflict, Invalid (reason)."""
    return _decided(appeal, "uphold", actor=actor, **given)


@carries_out(LABEL, "decline")
def appeal_decline(appeal: CreditAppeal, *, actor, **given) -> CreditAppeal:
    """It stays as it is. Raises as ``appeal_uphold``."""
    return _decided(appeal, "decline", actor=actor, **given)


@carries_out(LABEL, "withdraw")
def appeal_withdraw(appeal: CreditAppeal, *, actor, photos=(), **given) -> CreditAppeal:
    """The partner withdraws it; the same fact may be appealed again in time. Raises NotPermitted, Conflict."""
    with atomically():
        partner_lock(appeal.partner)
        done = perform(appeal, "withdraw", actor=actor, payload=figures_of(appeal), **given)[0]
        cancel_timer(f"{DUE}:{done.pk}")
    return done


@fires(DUE)
def appeal_due(timer) -> None:
    """Nobody has decided in time: the partner manager is told (a notice rule)."""
    appeal = CreditAppeal.objects.get(pk=timer.subject_id)
    if appeal.state == CreditAppealState.OPEN:
        perform(appeal, "remind", actor=clock(), occurred_at=timer.due_at, payload=figures_of(appeal))
