"""Agreements with partners: made out by the community, signed by both sides, over after their last day."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import AgreementTerms, Partner, PartnerAgreement
from partners.recruiting.acting import (
    AGREEMENT,
    carry,
    clock,
    day_of,
    days_check,
    figures_of,
    granted,
    lock_partner,
    plain,
    standing_check,
)
from partners.recruiting.deadlines import agreement_timers, paper_timers_stop
from partners.recruiting.papers_workflow import AgreementState
from partners.recruiting.querysets import RUNS
from partners.recruiting.workflow import PartnerState

SIGNING = (PartnerState.APPROVED, PartnerState.ACTIVE, PartnerState.SUSPENDED)


def agreement_make(partner: Partner, *, actor: User, terms: AgreementTerms, valid_from: date,
                   valid_to: date | None = None, occurred_at: datetime | None = None) -> PartnerAgreement:  # fmt: skip
    """Make out an agreement to be signed. Raises NotPermitted, Invalid naming a day, Conflict (``standing``; ``open``:
    there is one to be signed)."""
    at, today = day_of(occurred_at)
    with atomically():
        locked = lock_partner(partner)
        granted(RUNS, locked, actor)
        standing_check(locked, *SIGNING)
        days_check(valid_from, valid_to, today)
        return agreement_draft(locked, actor=actor, terms=terms, valid_from=valid_from, valid_to=valid_to, at=at)


def agreement_draft(partner: Partner, *, actor: User, terms: AgreementTerms, valid_from: date, valid_to: date | None,
                    at: datetime) -> PartnerAgreement:  # fmt: skip
    """Store and record an agreement of a locked partner."""
    try:
        with transaction.atomic():
            made = PartnerAgreement.objects.create(
                partner=partner, area=partner.area, terms=terms, valid_from=valid_from, valid_to=valid_to, made_at=at
            )
    except IntegrityError as error:
        raise Conflict(_("There is an agreement to be signed already."), code="open") from error
    payload = figures_of(made) | {"to": made.state}
    grant = granted(RUNS, partner, actor)
    events.record("agreement.made", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


def _signed(row: PartnerAgreement, name: str, column: str, *, actor: User, occurred_at: datetime | None,
            **given) -> PartnerAgreement:  # fmt: skip
    """Let one side sign; when both have, the agreement holds."""
    at, today = day_of(occurred_at)
    with atomically():
        standing_check(lock_partner(row), *SIGNING)
        locked = PartnerAgreement.objects.lock(row.pk)
        if getattr(locked, column) is not None:
            raise Conflict(_("This side has signed already."), code="signed")
        if locked.valid_to is not None and locked.valid_to < today:
            raise Conflict(_("The last day of this agreement is over: make out another one."), code="over")
        if actor.pk in (locked.partner_signer_id, locked.signer_id):
            raise Conflict(_("The two sides are signed by two people."), code="two_people")
        fresh = carry(locked, name, actor=actor, occurred_at=at, signer=actor, at=at, **given)
        if fresh.partner_signed_at is not None and fresh.signed_at is not None:
            fresh = carry(fresh, "conclude", actor=clock(), occurred_at=at)
            agreement_timers(fresh)
    return fresh


@carries_out(AGREEMENT, "sign")
def agreement_sign(row: PartnerAgreement, *, actor: User, occurred_at: datetime | None = None, **given):
    """Sign for the partner. Raises Conflict (``signed``, ``over``, ``two_people``); as ``perform``."""
    return _signed(row, "sign", "partner_signed_at", actor=actor, occurred_at=occurred_at, **given)


@carries_out(AGREEMENT, "countersign")
def agreement_countersign(row: PartnerAgreement, *, actor: User, occurred_at: datetime | None = None, **given):
    """Sign for the community. Raises Conflict (``signed``, ``over``, ``two_people``); as ``perform``."""
    return _signed(row, "countersign", "signed_at", actor=actor, occurred_at=occurred_at, **given)


def agreements_end(partner: Partner, *, at: datetime) -> None:
    """End what a locked partner has agreed or was to sign: it left."""
    for row in PartnerAgreement.objects.filter(partner=partner, state__in=["open", "signed"]).order_by("pk"):
        agreement_finish(row, at=at)


def agreement_finish(row: PartnerAgreement, *, at: datetime) -> None:
    """End one agreement; its timers go with it."""
    if row.state in (AgreementState.OPEN, AgreementState.SIGNED):
        carry(row, "finish", actor=clock(), occurred_at=at)
        paper_timers_stop("agreement", row.pk)


plain(PartnerAgreement, "void")
