"""A partner's qualifications: handed in with documents, verified by the community, reminded of, expired."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach, attachments_of
from governance.errors import Conflict, Invalid
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Partner, Qualification, QualificationKind
from partners.recruiting.acting import (
    QUALIFICATION,
    carry,
    day_of,
    days_check,
    figures_of,
    granted,
    lock_partner,
    plain,
    standing_check,
    words,
)
from partners.recruiting.deadlines import paper_timers_stop, qualification_timers
from partners.recruiting.querysets import RUNS, THEMSELVES
from partners.recruiting.workflow import OPEN


def qualification_submit(partner: Partner, *, actor: User, kind: QualificationKind, number: str,
                         documents: Sequence[Upload], valid_from: date | None = None, valid_to: date | None = None,
                         occurred_at: datetime | None = None) -> Qualification:  # fmt: skip
    """Hand in a qualification with its documents, as the partner or who acts for it.

    Raises NotPermitted, Invalid naming a field, Conflict (``standing``; ``same``: handed in already).
    """
    at, today = day_of(occurred_at)
    number = words(number=number)["number"]
    if not number or len(number) > 40:
        raise Invalid(_("Give the number of the document: at most 40 characters."), field="number", code="required")
    if not documents:
        raise Invalid(_("Add the document: a photo or a PDF."), field="documents", code="required")
    if not kind.is_active:
        raise Invalid(_("This kind is not asked for any more."), field="kind", code="not_in_use")
    days_check(valid_from, valid_to, today)
    if valid_to is not None and valid_to < today:
        raise Invalid(_("This document has expired."), field="valid_to", code="expired")
    with atomically():
        locked = lock_partner(partner)
        grant = granted(THEMSELVES, locked, actor)
        standing_check(locked, *OPEN)
        try:
            with transaction.atomic():
                made = Qualification.objects.create(
                    partner=locked, area=locked.area, kind=kind, number=number, valid_from=valid_from,
                    valid_to=valid_to, submitted_at=at,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(_("This document was handed in already."), code="same") from error
        payload = figures_of(made) | {"to": made.state}
        event = events.record(
            "qualification.submitted", made, actor=actor, grant=grant, payload=payload, occurred_at=at
        )
        attach(made, documents, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return made


@carries_out(QUALIFICATION, "verify")
def qualification_verify(row: Qualification, *, actor: User, occurred_at: datetime | None = None, **given):
    """Verify a qualification by its documents; its timers are set. Raises Conflict (``expired``, ``own``,
    ``no_document``); as ``perform``."""
    at, today = day_of(occurred_at)
    with atomically():
        partner = lock_partner(row)
        locked = Qualification.objects.lock(row.pk)
        granted(RUNS, locked, actor)
        if actor.pk in (partner.person_id, partner.applicant_id):
            raise Conflict(_("Nobody verifies their own document."), code="own")
        if locked.valid_to is not None and locked.valid_to < today:
            raise Conflict(_("This document has expired."), code="expired")
        if not attachments_of(locked).exists():
            raise Conflict(_("There is no document to look at."), code="no_document")
        fresh = carry(locked, "verify", actor=actor, occurred_at=at, verified_by=actor, verified_at=at, **given)
        qualification_timers(fresh)
    return fresh


@carries_out(QUALIFICATION, "revoke")
def qualification_revoke(row: Qualification, *, actor: User, **given) -> Qualification:
    """A verified one does not hold any more: what needs it is not on view from now on."""
    with atomically():
        fresh = carry(row, "revoke", actor=actor, **given)
        paper_timers_stop("qualification", fresh.pk)
    return fresh


plain(Qualification, "refuse", "withdraw")
