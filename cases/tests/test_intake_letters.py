"""Messages that could not be taken: put right, replayed, discarded, forgotten; how a source is; when it is silent."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.intake import letters as letters_module
from cases.intake.health import health_of
from cases.intake.letters import letter_replay, letters_replay
from cases.intake.receiving import messages_take
from cases.intake.retention import KEEP_SETTLED, letters_forget
from cases.models import Case, DeadLetter, IntakeSource
from cases.tests.sources import MAPPING, make_source, said
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer
from governance.testing import assert_steps_are_complete, snapshot
from governance.timers import fire_due
from governance.workflow import act

# Tomorrow, at a full hour: people's appointments begin today.
NOON = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
WRONG = {"caller": "12"}


@pytest.fixture
def source(city):
    return make_source(city)


def letter_of(source, **more) -> DeadLetter:
    messages_take(source, [said(**(WRONG | more))])
    return DeadLetter.objects.select_related("source__area").latest("id")


def test_the_steps_of_a_letter_are_complete():
    assert_steps_are_complete(DeadLetter)


def test_a_letter_put_right_becomes_a_case(source, city):
    # given a message with a telephone that is none
    letter, person = letter_of(source), city.user("operations_centre")
    # when somebody states what it should have been, and replays it
    act(letter, "correct", actor=person, corrections={"reporter_phone": "13900001111"})
    letter = act(letter, "replay", actor=person)
    # then it is a case of the source, and the same message from now on is that case
    case = Case.objects.get()
    assert (letter.state, letter.case, letter.errors) == ("replayed", case, [])
    assert case.reporters.get().phone == "13900001111"
    assert letter.payload["caller"] == "12"
    assert case.origin["external_id"] == "GD-1"
    assert Event.objects.get(name="intake.replayed").actor == person


def test_a_field_can_be_corrected_to_nothing(source, city):
    letter = letter_of(source)
    person = city.user("administrator")
    letter = act(letter, "correct", actor=person, corrections={"reporter_phone": ""}, replay_now=True)
    assert letter.state == "replayed"
    assert not Case.objects.get().reporters.exists()


def test_a_correction_that_is_wrong_too_changes_nothing(source, city):
    letter = letter_of(source)
    before = snapshot(letter)
    with pytest.raises(Invalid) as refused:
        act(letter, "correct", actor=city.user("administrator"), corrections={"reporter_phone": "1"}, replay_now=True)
    assert refused.value.field == "reporter_phone"
    assert snapshot(letter) == before
    assert not Case.objects.exists()


def test_a_letter_is_replayed_once(source, city):
    letter, person = letter_of(source), city.user("administrator")
    act(letter, "correct", actor=person, corrections={"reporter_phone": ""})
    act(letter, "discard", actor=person, reason="测试数据")
    before = snapshot(letter)
    with pytest.raises(Conflict):
        letter_replay(letter, actor=person)
    with pytest.raises(Conflict):
        act(letter, "correct", actor=person, corrections={"reporter_phone": ""}, replay_now=True)
    assert snapshot(letter) == before
    assert not Case.objects.exists()


def test_after_the_mapping_is_mended_all_letters_of_the_source_are_replayed(source, city):
    # given letters of a word nobody mapped, and one that is wrong in itself
    place = {"street": "新区", "address": "新区路1号"}
    messages_take(source, [said(f"GD-{number}", place=place) for number in range(3)])
    messages_take(source, [said("GD-9", place=place, caller="12")])
    # when the table gets the word
    fields = MAPPING["fields"] | {"area": {"path": "place.street", "values": {"新区": "990102001"}}}
    IntakeSource.objects.filter(pk=source.pk).update(mapping={"fields": fields})
    source.refresh_from_db()
    done = letters_replay(source, actor=city.user("operations_centre"))
    # then those are cases, and the other says what is still wrong
    assert (done.replayed, done.wrong, done.left) == (3, 1, False)
    assert [error["field"] for error in DeadLetter.objects.waiting().get().errors] == ["reporter_phone"]
    assert Case.objects.filter(area=city.street).count() == 3


def test_letters_that_stay_wrong_hold_up_nobody_behind_them(source, city, monkeypatch):
    # given more bad letters than are replayed in one go, and behind them some that the mapping now knows
    messages_take(source, [said(f"GD-{number}", caller="12") for number in range(3)])
    messages_take(source, [said(f"GD-1{number}", place={"street": "新区"}) for number in range(3)])
    fields = MAPPING["fields"] | {"area": {"path": "place.street", "values": {"新区": "990102001"}}}
    IntakeSource.objects.filter(pk=source.pk).update(mapping={"fields": fields})
    source.refresh_from_db()
    monkeypatch.setattr("cases.intake.letters.MOST_AT_ONCE", 2)
    # when they are replayed, and the rest when pressed again
    done = [letters_replay(source, actor=city.user("operations_centre")) for _press in range(2)]
    # then
    assert [(one.replayed, one.wrong, one.left) for one in done] == [(2, 3, True), (1, 3, False)]
    assert DeadLetter.objects.waiting().count() == 3


def test_a_letter_that_somebody_settles_meanwhile_holds_up_nobody(source, city, monkeypatch):
    # given three letters of a mapping that is mended by now
    letters = [letter_of(source, id=f"GD-{number}") for number in range(3)]
    fields = {name: rule for name, rule in MAPPING["fields"].items() if name != "reporter_phone"}
    IntakeSource.objects.filter(pk=source.pk).update(mapping={"fields": fields})
    source.refresh_from_db()
    person, replayed = city.user("operations_centre"), letters_module._replayed

    def slowly(letter, actor):
        # when somebody discards the second one while the first is replayed
        if letter.pk == letters[0].pk:
            act(letters[1], "discard", actor=person, reason="重复来件")
        return replayed(letter, actor)

    monkeypatch.setattr(letters_module, "_replayed", slowly)
    done = letters_replay(source, actor=person)
    # then the others are cases, and what that person did stands
    assert (done.replayed, done.wrong, done.left) == (2, 0, False)
    assert [DeadLetter.objects.get(pk=one.pk).state for one in letters] == ["replayed", "discarded", "replayed"]


@pytest.mark.parametrize("role", ["registrar", "dispatcher", "handler", "supervisor", "grid_worker", "resident"])
def test_who_may_not_mend_changes_nothing(source, city, role):
    letter = letter_of(source)
    before = snapshot(letter)
    for name, given in [("correct", {"corrections": {}}), ("replay", {}), ("discard", {"reason": "x"})]:
        with pytest.raises(NotPermitted):
            act(letter, name, actor=city.user(role), **given)
    with pytest.raises(NotPermitted):
        letters_replay(source, actor=city.user(role))
    assert snapshot(letter) == before


def test_settled_letters_are_emptied_after_a_while(source, city):
    letter, waiting = letter_of(source), letter_of(source, caller="13")
    act(letter, "discard", actor=city.user("administrator"), reason="重复")
    assert letters_forget() == 0
    assert letters_forget(timezone.now() + KEEP_SETTLED + timedelta(minutes=1)) == 1
    letter.refresh_from_db()
    waiting.refresh_from_db()
    assert (letter.payload, letter.errors) == ({}, [])
    assert waiting.payload["caller"] == "13"


def test_health_is_counted_by_the_hour(source):
    # given messages of yesterday and of the last two hours
    for hours, messages in [
        (30, [said("GD-0")]),
        (1, [said("GD-1"), said("GD-2")]),
        (0, [said("GD-2"), said(**WRONG)]),
    ]:
        messages_take(source, messages, at=NOON - timedelta(hours=hours) + timedelta(minutes=5))
    # when it is asked at a quarter past
    health = health_of([source], at=NOON + timedelta(minutes=15))[source.pk]
    # then
    assert (health.hour, health.day, health.rejected, health.waiting) == (2, 4, 1, 1)
    assert (health.rejected_share, health.last_at) == (0.25, NOON + timedelta(minutes=5))


def test_a_silent_source_is_flagged_once_and_cleared_when_it_sends(source, city):
    # given a source that is to send every half hour
    with time_machine.travel(NOON, tick=False):
        source.silent_after = 30
        configuration_save(source, actor=city.user("administrator"), changed=["silent_after"])
    # when it sends after 20 minutes, nothing is said at 30, and it is at 50
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        messages_take(source, [said()])
    with time_machine.travel(NOON + timedelta(minutes=31), tick=False):
        fire_due()
        assert not Event.objects.filter(name="intake.silent").exists()
    with time_machine.travel(NOON + timedelta(hours=5), tick=False):
        fire_due()
        fire_due()
    # then once, at its time
    event = Event.objects.get(name="intake.silent")
    source.refresh_from_db()
    assert event.occurred_at == NOON + timedelta(minutes=50)
    assert source.silent_since == NOON + timedelta(minutes=20)
    assert health_of([source])[source.pk].silent
    # and a message ends it, and begins the watch anew
    with time_machine.travel(NOON + timedelta(hours=6), tick=False):
        messages_take(source, [said()])
    source.refresh_from_db()
    assert (source.silent_since, source.checked_at) == (None, NOON + timedelta(hours=6, minutes=30))
    assert Event.objects.filter(name="intake.heard_again").count() == 1
    assert Timer.objects.filter(fired_at=None, cancelled_at=None, kind="intake.silence").count() == 1


def test_a_source_switched_off_is_not_watched(source, city):
    administrator = city.user("administrator")
    source.silent_after = 30
    configuration_save(source, actor=administrator, changed=["silent_after"])
    source.is_active = False
    configuration_save(source, actor=administrator, changed=["is_active"])
    with time_machine.travel(timezone.now() + timedelta(hours=5), tick=False):
        fire_due()
    assert not Event.objects.filter(name="intake.silent").exists()
