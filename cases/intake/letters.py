"""What staff do about messages that could not be taken: put them right, replay them, discard them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.intake.mapping import FIELDS, Reading, rules_of
from cases.intake.receiving import Unusable, carry_in, reading_of
from cases.intake.workflow import MENDS
from cases.models import DeadLetter, IntakeSource
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform

# Letters replayed in one go: a mapping mended replays the rest when pressed again. Those that are still wrong stay at
# the head, so more are tried than replayed: a few hundred bad ones do not hold up the good ones behind them.
MOST_AT_ONCE, MOST_TRIED = 500, 2000


@carries_out("cases.deadletter", "correct")
def letter_correct(letter: DeadLetter, *, actor: User, corrections: dict[str, str], replay_now: bool = False,
                   version=None, reason="", occurred_at: datetime | None = None) -> DeadLetter:  # fmt: skip
    """State what the message should have said, by field of ours; with ``replay_now`` make a case of it at once.

    Raises Invalid naming a field nobody knows or, on replay, one that is still wrong; then nothing has changed.
    """
    for name in corrections:
        if name not in FIELDS:
            raise Invalid(_("There is no such field."), field=name, code="unknown_field")
    with atomically():
        payload = {"source": letter.source.code, "fields": sorted(corrections)}
        fresh, _event = perform(
            letter, "correct", actor=actor, version=version, reason=reason, payload=payload, occurred_at=occurred_at,
            corrections=corrections,
        )  # fmt: skip
        return letter_replay(fresh, actor=actor, occurred_at=occurred_at) if replay_now else fresh


@carries_out("cases.deadletter", "replay")
def letter_replay(letter: DeadLetter, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                  photos=()) -> DeadLetter:  # fmt: skip
    """Read a letter anew, with the mapping and the corrections of today, and make a case of it.

    Raises Invalid naming the first field that is still wrong; nothing has changed then.
    """
    try:
        return _replayed(letter, actor, version=version, reason=reason, at=occurred_at)
    except Unusable as error:
        first = error.errors[0]
        raise Invalid(first["detail"], field=first["field"] or None, code=first["code"]) from error


def _replayed(letter: DeadLetter, actor: User, *, version=None, reason="", at: datetime | None = None) -> DeadLetter:
    at = at or timezone.now()
    with atomically():
        locked = DeadLetter.objects.lock(letter.pk)
        _check_may_mend(locked, actor)  # told before what is wrong with the message
        external_id, reading = corrected(locked)
        done, case = carry_in(locked.source, external_id, reading, actor=User.objects.system("intake"), at=at)
        payload = {"source": locked.source.code, "case": case.number, "did": done}
        fresh, _event = perform(
            locked, "replay", actor=actor, version=version, reason=reason, payload=payload, occurred_at=at, case=case,
            settled_at=at,
        )  # fmt: skip
        return fresh


def _check_may_mend(letter: DeadLetter, actor: User) -> None:
    if grant_for(MENDS, letter, actor) is None:
        raise NotPermitted(_("You may not replay the messages of this source."))


def corrected(letter: DeadLetter) -> tuple[str, Reading]:
    """Return the number and what a letter says, corrected; a field corrected to nothing is unsaid."""
    external_id, reading = reading_of(rules_of(letter.source.mapping), letter.payload)
    values = reading.values | letter.corrections
    errors = [error for error in reading.errors if error["field"] not in letter.corrections]
    told = {name: text for name, text in values.items() if text}
    return letter.corrections.get("external_id") or external_id, Reading(told, errors)


@carries_out("cases.deadletter", "discard")
def letter_discard(letter: DeadLetter, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                   photos=()) -> DeadLetter:  # fmt: skip
    """Make nothing of a letter; the reason says why."""
    at = occurred_at or timezone.now()
    fresh, _event = perform(
        letter, "discard", actor=actor, version=version, reason=reason, payload={"source": letter.source.code},
        occurred_at=at, settled_at=at,
    )  # fmt: skip
    return fresh


@dataclass(frozen=True)
class Replayed:
    """How many letters became cases, how many are still wrong, and whether there are more."""

    replayed: int
    wrong: int
    left: bool


def letters_replay(source: IntakeSource, *, actor: User) -> Replayed:
    """Replay the waiting letters of a source, the oldest first, each by itself: for a mapping that was mended.

    What is still wrong is told anew on the letter. Raises NotPermitted.
    """
    _check_may_mend(DeadLetter(source=source), actor)
    waiting = DeadLetter.objects.waiting().filter(source=source).order_by("id")
    letters = list(waiting.values_list("pk", flat=True)[: MOST_TRIED + 1])
    done = wrong = tried = 0
    with translation.override(settings.LANGUAGE_CODE):  # what is wrong is kept for everybody
        for pk in letters[:MOST_TRIED]:
            if done == MOST_AT_ONCE:
                break
            tried += 1
            try:
                with transaction.atomic():
                    _replayed(DeadLetter.objects.select_related("source__area").get(pk=pk), actor)
                done += 1
            except Unusable as error:
                DeadLetter.objects.waiting().filter(pk=pk).update(errors=error.errors)
                wrong += 1
            except Conflict:
                continue  # somebody else has settled it in the meantime
    return Replayed(done, wrong, len(letters) > tried)
