"""Messages of a named source become cases; what cannot is kept as a dead letter with what is wrong with it.

Each message is judged by itself and stored when it is answered, whole: its case (or its letter) and its receipt in one
transaction. The same message again gives the same case; a later one with the same number adds what is new to it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.intake.forms import message_form
from cases.intake.health import count, heard
from cases.intake.mapping import Reading, Rules, read, rules_of
from cases.intake.workflow import LetterState
from cases.models import Case, DeadLetter, IntakeReceipt, IntakeSource
from cases.services import case_open, case_report, evidence_add
from governance.errors import Refused
from governance.models import User
from governance.workflow import perform

CREATED, UPDATED, REPEATED, REJECTED = "created", "updated", "repeated", "rejected"
# A time of the source's own is kept beside ours when they differ by more than this [J].
LATER = timedelta(minutes=1)
LARGEST = 64 * 1024  # bytes of one message as JSON
LONGEST_ID = 120  # IntakeReceipt.external_id


class Unusable(Exception):
    """A message that makes no case: ``errors`` is a list of ``{field, code, detail}``."""

    def __init__(self, errors: list[dict]):
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True)
class Taken:
    """What became of one message."""

    status: str
    external_id: str
    case: Case | None = None
    errors: Sequence[dict] = ()


def messages_take(source: IntakeSource, messages: Sequence, *, at: datetime | None = None) -> list[Taken]:
    """Take the messages of a source in their order and tell what became of each; ``at`` is now, or when they came.

    A message is any JSON value; ``LARGEST`` bytes are the caller's to check.
    """
    at = at or timezone.now()
    rules, actor = rules_of(source.mapping), User.objects.system("intake")
    # What is wrong is kept for the staff of the city, whatever language the sender asks to be answered in.
    with translation.override(settings.LANGUAGE_CODE):
        taken = [_take(source, rules, storable(message), actor, at) for message in messages]
    with transaction.atomic():
        count(source, Counter(one.status for one in taken), at=at)
        heard(source, at=at)
    return taken


def message_refuse(source: IntakeSource, external_id: str, message, errors: list[dict], *, at: datetime,
                   most: int) -> DeadLetter | None:  # fmt: skip
    """Keep a message that another door could not take as a dead letter of ``source``, and count it.

    Of one ``external_id`` at most ``most`` letters wait; what comes beyond is counted alone (None).
    """
    message, external_id = storable(message), storable(external_id)[:LONGEST_ID]
    with transaction.atomic():
        _one_at_a_time(source, external_id)
        count(source, {REJECTED: 1}, at=at)
        heard(source, at=at)
        letters = DeadLetter.objects.waiting().filter(source=source, external_id=external_id)
        if letters.count() >= most and not letters.filter(digest=digest_of(message)).exists():
            return None
        return _keep(source, external_id, message, storable(errors), at)


def storable(message):
    """Return a message without the one character that PostgreSQL stores in no text."""
    if isinstance(message, str):
        return message.replace("\0", "")
    if isinstance(message, dict):
        return {storable(key): storable(value) for key, value in message.items()}
    if isinstance(message, list):
        return [storable(value) for value in message]
    return message


def digest_of(content) -> str:
    """Return the SHA-256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def reading_of(rules: Rules, message) -> tuple[str, Reading]:
    """Return a message's number over there (its digest where the mapping has none) and what it says."""
    reading = read(rules, message)
    if "external_id" not in rules.fields:
        return digest_of(message), reading
    external_id = reading.values.get("external_id", "")
    if not external_id and "external_id" not in {error["field"] for error in reading.errors}:
        reading.refuse("external_id", "required", _("The message lacks its number."))
    if len(external_id) > LONGEST_ID:
        reading.refuse("external_id", "max_length", _("The number is longer than 120 characters."))
    return external_id[:LONGEST_ID], reading


def _take(source: IntakeSource, rules: Rules, message, actor: User, at: datetime) -> Taken:
    external_id, reading = reading_of(rules, message)
    with transaction.atomic():
        _one_at_a_time(source, external_id or digest_of(message))
        try:
            with transaction.atomic():  # a savepoint: of a message that is refused nothing stays but its letter
                status, case = carry_in(source, external_id, reading, actor=actor, at=at)
        except Unusable as error:
            _keep(source, external_id, message, error.errors, at)
            return Taken(REJECTED, external_id, errors=error.errors)
        if status in (CREATED, UPDATED):
            _supersede(source, external_id, case, actor, at)
    return Taken(status, external_id, case)


def _one_at_a_time(source: IntakeSource, key: str) -> None:
    """Let the same message, sent twice at the same moment, wait for itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"intake {source.pk} {key}"])


def carry_in(source: IntakeSource, external_id: str, reading: Reading, *,
             actor: User, at: datetime) -> tuple[str, Case]:  # fmt: skip
    """Make a case of what a message says, or add to the one it has; returns what was done and the case.

    Call it inside a transaction. Raises Unusable.
    """
    form = message_form(reading.values, source)
    faults = [*reading.errors, *(fault for fault in form.faults() if not _told_already(fault, reading))]
    if faults:
        raise Unusable(faults)
    receipts = IntakeReceipt.objects.select_related("case__area").defer("case__area__boundary")
    receipt = receipts.filter(source=source, external_id=external_id).first()
    said = digest_of(reading.values)
    if receipt is None:
        case = _open(source, external_id, form.cleaned_data, actor, at)
        IntakeReceipt.objects.create(source=source, external_id=external_id, case=case, digest=said, received_at=at)
        return CREATED, case
    if receipt.digest == said:
        return REPEATED, receipt.case
    receipt.digest = said
    receipt.save(update_fields=["digest"])
    _add_news(receipt, source, form.cleaned_data, actor, at)
    return UPDATED, receipt.case


def _told_already(fault: dict, reading: Reading) -> bool:
    """A field that could not be read is not told to be missing as well."""
    return fault["field"] in {error["field"] for error in reading.errors}


def _open(source: IntakeSource, external_id: str, said: dict, actor: User, at: datetime) -> Case:
    what = {
        "actor": actor, "source": source.kind, "description": said["description"], "category": said["category"],
        "standard": said["standard"], "area": said["area"] or source.area, "longitude": said["longitude"],
        "latitude": said["latitude"], "address": said["address"], "reporter_name": said["reporter_name"],
        "reporter_phone": said["reporter_phone"], "occurred_at": at,
        "origin": {"source": source.code, "external_id": external_id},
    }  # fmt: skip
    known = said["category"] is not None or said["standard"] is not None
    try:
        case = case_open(**what) if source.files_at_once and known else case_report(**what)
    except Refused as error:
        raise Unusable([{"field": error.field or "", "code": error.code, "detail": str(error.detail)}]) from error
    if said["occurred_at"] is not None and said["occurred_at"] < at - LATER:
        _evidence(case, "intake_told", source, external_id, actor, said["occurred_at"])
    return case


def _add_news(receipt: IntakeReceipt, source: IntakeSource, said: dict, actor: User, at: datetime) -> None:
    """Add a later message to the case as evidence; its words lie in the evidence's row, where they can be erased."""
    text = said["description"] if said["description"] != receipt.case.description else ""
    happened_at = said["occurred_at"] or at
    _evidence(receipt.case, "intake_update", source, receipt.external_id, actor, happened_at, text=text)


def _evidence(case, kind, source, external_id, actor, happened_at, **more) -> None:
    data = {"source": source.code, "name": source.name, "external_id": external_id} | more
    evidence_add(case, actor=actor, kind=kind, data=data, happened_at=happened_at)


def _keep(source: IntakeSource, external_id: str, message, errors: list[dict], at: datetime) -> DeadLetter:
    """Keep what could not be taken, once: the same message again is counted."""
    digest = digest_of(message)
    letter = DeadLetter.objects.waiting().select_for_update().filter(source=source, digest=digest).first()
    if letter is None:
        return DeadLetter.objects.create(
            source=source, external_id=external_id, digest=digest, payload=message, errors=errors, received_at=at,
            last_at=at,
        )  # fmt: skip
    letter.times, letter.last_at, letter.errors = letter.times + 1, at, errors
    letter.save(update_fields=["times", "last_at", "errors"])
    return letter


def _supersede(source: IntakeSource, external_id: str, case: Case, actor: User, at: datetime) -> None:
    """Settle the letters of earlier messages with the same number: the source has put it right itself."""
    letters = DeadLetter.objects.waiting().filter(source=source, external_id=external_id)
    for letter in letters.select_related("source"):
        payload = {"source": source.code, "case": case.number, "to": LetterState.SUPERSEDED}
        perform(letter, "supersede", actor=actor, payload=payload, occurred_at=at, case=case, settled_at=at)
