"""Records that come in as messages: each judged by itself, what is good is stored, what is wrong is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.errors import Refused
from governance.models import User
from governance.transactions import atomically
from mediation.models import Signal, SignalSource
from mediation.prevention.drafts import Draft, Reader
from mediation.prevention.taking import DUPLICATE, NEW, REPEATED, Judged, Taking


class Outcome(models.TextChoices):
    """What becomes of a record."""

    NEW = NEW, _("counted once")
    DUPLICATE = DUPLICATE, _("repeats an event")
    REPEATED = REPEATED, _("brought in before")
    REJECTED = "rejected", _("not brought in")


@dataclass(frozen=True)
class Received:
    """What became of one record."""

    status: str
    external_id: str = ""
    signal: Signal | None = None
    event: Signal | None = None
    errors: Sequence[dict] = ()


def records_receive(records: Sequence[dict], *, actor: User, source: SignalSource | None = None) -> list[Received]:
    """Bring in records, by the saved mapping of ``source`` or in our own fields (``channel`` in each).

    A source that sends by itself is told nothing of the records of others: what repeats one of these alone is new to
    it. Raises Invalid (field ``mapping``) where the source's mapping cannot be read.
    """
    reader = Reader(source)
    drafts = [_read(reader, record) for record in records]
    with atomically():
        taking = Taking(actor, source)
        taking.foresee([draft for draft in drafts if isinstance(draft, Draft)])
        judged = [_judge(taking, draft) if isinstance(draft, Draft) else draft for draft in drafts]
        taking.store([one for one in judged if isinstance(one, Judged)])
    return [
        _received(one, draft, taking) if isinstance(one, Judged) else one
        for draft, one in zip(drafts, judged, strict=True)
    ]


def _received(one: Judged, draft: Draft, taking: Taking) -> Received:
    """Return what became of a record: to a source that sends by itself, as though there were none but its own."""
    if not taking.sent or one.status == REPEATED:
        return Received(one.status, draft.external_id, one.signal, one.event)
    return Received(NEW if one.told is None else DUPLICATE, draft.external_id, one.signal, one.told)


def _read(reader: Reader, record: dict) -> Draft | Received:
    try:
        return reader.read(record, str(record.get("channel", "")))
    except Refused as refusal:
        return _rejected(refusal)


def _judge(taking: Taking, draft: Draft) -> Judged | Received:
    try:
        return taking.judge(draft)
    except Refused as refusal:
        return _rejected(refusal, draft.external_id)


def _rejected(refusal: Refused, external_id: str = "") -> Received:
    error = {"field": refusal.field or "", "code": refusal.code, "detail": str(refusal.detail)}
    return Received(Outcome.REJECTED, external_id, errors=[error])
