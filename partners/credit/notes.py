"""Facts that lower a file: recorded with a notice to the partner, answered, annulled. Until told they never count."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import record
from governance.models import AttachmentPurpose, NoticeTemplate, User
from governance.notices import notify
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.credit.computing import partner_recompute
from partners.credit.facts import facts_of
from partners.credit.querysets import RUNS, SYSTEM
from partners.credit.workflow import NoteState
from partners.earning.checks import past_day, text_checked
from partners.earning.deciding import partner_lock, refuse_own
from partners.models import CreditNote, Partner
from partners.models.credit import LOWERING, MOST_FIGURE
from partners.recruiting.notices import people_of

LABEL, TOLD = "partners.creditnote", "credit_note_told"
RECORDS = RUNS | SYSTEM
STANDING = ("active", "suspended", "left")


def note_record(*, actor: User, partner: Partner, line: str, happened_on: date, what: str, figure: Decimal = Decimal(1),
                evidence: tuple[str, int] | None = None, source: str = "", photos: Sequence[Upload] = (),
                occurred_at: datetime | None = None) -> CreditNote:  # fmt: skip
    """Record a fact that lowers a partner's file, and tell the partner at once.

    The note stays ``recorded`` and counts nothing while nobody of the partner can be told. Raises NotPermitted (also
    for the partner's own people), Conflict (never a partner; ``twice``: this evidence has such a note), Invalid.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = partner_lock(partner)
        made = CreditNote(
            partner=locked, area=locked.area, line=_line(line), what=text_checked(what, "what", 300, needed=True),
            happened_on=_day(happened_on, actor, at), figure=_figure(figure), source=source,
            evidence_type=evidence[0] if evidence else "", evidence_id=evidence[1] if evidence else None,
            recorded_by=actor, recorded_at=at,
        )  # fmt: skip
        grant = grant_for(RECORDS, made, actor)
        if grant is None:
            raise NotPermitted(_("Facts are recorded by the community's staff."))
        if not actor.is_system:
            refuse_own(locked, actor)
        if locked.state not in STANDING:
            raise Conflict(_("This is no partner yet."), field="partner", code="inactive")
        _store(made)
        event = record("credit_note.recorded", made, actor=actor, grant=grant, payload=figures_of(made), occurred_at=at)
        if photos:
            attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        return _told(made, actor=actor)


def _line(line: str) -> str:
    if line not in LOWERING:
        raise Invalid(_("Choose what happened."), field="line", code="invalid_choice")
    return line


def _day(day: date, actor: User, at: datetime) -> date:
    """Return the day. People write down what is at most a year old; a year is computed whole, also in January."""
    return day if actor.is_system else past_day(day, "happened_on", at)


def _figure(figure: Decimal) -> Decimal:
    if not figure.is_finite() or not 0 < figure <= MOST_FIGURE or figure != figure.quantize(Decimal("0.01")):
        text = _("More than 0 and at most %(most)s, with two decimals.") % {"most": MOST_FIGURE}
        raise Invalid(text, field="figure", code="out_of_range")
    return figure


def _store(made: CreditNote) -> None:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This was recorded already."), code="twice") from error


def figures_of(note: CreditNote) -> dict:
    """Return what events tell of a note."""
    return {"partner": note.partner_id, "line": note.line, "day": f"{note.happened_on}", "figure": f"{note.figure}",
            "evidence_type": note.evidence_type, "evidence": note.evidence_id}  # fmt: skip


def _told(note: CreditNote, *, actor, **given) -> CreditNote:
    """Put the notice into the list of the partner's people; with it the note counts, and the file is computed anew."""
    if not NoticeTemplate.objects.filter(key=TOLD).exists():
        return note
    notices = notify(people_of(note.partner), TOLD, subject=note)
    if not notices:
        return note
    payload = figures_of(note) | {"notices": len(notices)}
    fresh = perform(note, "tell", actor=actor, told_at=notices[0].created_at, payload=payload, **given)[0]
    partner_recompute(fresh.partner, fresh.happened_on.year)
    return fresh


@carries_out(LABEL, "tell")
def note_tell(note: CreditNote, *, actor, photos=(), **given) -> CreditNote:
    """Tell the partner of a note that reached nobody before. Raises NotPermitted, Conflict (``nobody``)."""
    with atomically():
        partner_lock(note.partner)
        fresh = CreditNote.objects.lock(note.pk)
        if grant_for(RECORDS, fresh, actor) is None:
            raise NotPermitted(_("Facts are recorded by the community's staff."))
        if fresh.state != NoteState.RECORDED:
            raise Conflict(_("The partner was told, or the fact is annulled."))
        told = _told(fresh, actor=actor, **given)
        if told.state != NoteState.TOLD:
            raise Conflict(_("Nobody of this partner can be told in the product."), code="nobody")
    return told


@carries_out(LABEL, "answer")
def note_answer(note: CreditNote, *, actor, reason="", photos=(), **given) -> CreditNote:
    """The partner says what it has to say; the last words stand beside the note, earlier ones in its history."""
    words = text_checked(reason, "reason", 1000, needed=True)
    with atomically():
        partner_lock(note.partner)
        fresh, event = perform(note, "answer", actor=actor, reason=words, payload=figures_of(note), **given)
        CreditNote.objects.filter(pk=fresh.pk).update(reply=words)
        fresh.reply = words
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out(LABEL, "annul")
def note_annul(note: CreditNote, *, actor, photos=(), **given) -> CreditNote:
    """Annul a fact: the file is computed anew without it. Raises NotPermitted, Conflict, Invalid (reason)."""
    with atomically():
        partner = partner_lock(note.partner)
        refuse_own(partner, actor)
        if note.appeals.open().exists() and not given.pop("by_appeal", False):
            raise Conflict(_("An appeal about this is open: decide it."), code="appealed")
        given.pop("by_appeal", None)
        fresh = perform(note, "annul", actor=actor, payload=figures_of(note), **given)[0]
        partner_recompute(fresh.partner, fresh.happened_on.year)
    return fresh


def notes_from_facts(partner: Partner, first: date, last: date, *, actor: User) -> list[CreditNote]:
    """Record and tell what topics found to lower a file and nobody recorded yet; may run any number of times."""
    made = []
    known = set(
        CreditNote.objects.filter(partner=partner).values_list("line", "evidence_type", "evidence_id")
    )  # fmt: skip
    for source, fact in facts_of(partner, first, last):
        if fact.lowers and (fact.line, *fact.evidence) not in known:
            try:
                made.append(
                    note_record(actor=actor, partner=partner, line=fact.line, happened_on=fact.when, what=fact.what,
                                figure=fact.figure, evidence=fact.evidence, source=source)
                )  # fmt: skip
            except Conflict as refusal:
                if refusal.code != "twice":  # another process was first
                    raise
    return made
