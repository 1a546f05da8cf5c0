"""Random sequences of messages (late, repeated, ahead, in batches), of what people do and of silence against the
oracle: condition, acknowledgement, latching, what holds back, the four times, who was sent, what was told.
"""

import os
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from cases.models import Case, CaseEvidence
from devices.models import (
    Alarm,
    Device,
    DeviceBaseline,
    DeviceProfile,
    LatestValue,
    ProfileMetric,
    ProfileStatus,
    Reading,
)
from devices.profile_rules import forget_rules
from devices.tests.fleet import NOW, at, message
from devices.tests.oracle import OTHER_WORDS, Oracle, Tilt
from devices.tests.people import do
from governance.models import Event, User
from governance.models.timer import Timer
from governance.timers import fire_past
from governance.workflow import act

# A longer search: `make oracle-devices`, which says how many steps it was and how many did not agree.
PLAYED = Counter()
TOLD = Counter()
EXAMPLES = int(os.environ.get("DEVICES_EXAMPLES", "10"))
# Minutes before (or ahead of) the time of sending: few values, so that times meet; around every limit of the rules.
OFFSETS = st.sampled_from([-70, -40, -31, -30, -29, -12, -5, -1, -0.5, 0, 0, 0, 1, 4, 5, 6, 7, 25])
MESSAGES = st.tuples(
    OFFSETS,
    st.sampled_from([None, "normal", "tilted", "missing", *OTHER_WORDS]),
    st.sampled_from([None, 3.0, 10.0, 12.0, 15.0, 32.5]),
).filter(lambda said: said[1:] != (None, None))
TILTS = st.builds(
    Tilt,
    on=st.sampled_from([0, 0, 0.5, 5]),
    off=st.sampled_from([0, 0, 1, 5]),
    latched=st.booleans(),
    critical=st.sampled_from([None, 30.0]),
    zero=st.sampled_from([0, 0, 0, 5.0, -5.0]),
    over=st.sampled_from([None, None, 1, 10, 30]),
    looked_at=st.booleans(),
).flatmap(
    lambda tilt: st.sampled_from([(1, 1), (1, 1), (2, 3), (3, 3)]).map(
        lambda n_of_m: replace(tilt, needed=n_of_m[0], of=n_of_m[1])
    )
)
SENT = st.lists(MESSAGES, min_size=1, max_size=4)
KINDS = st.sampled_from(["tilted", "missing", "offline"])
# Shelves and maintenances end between two half minutes: at one moment with a delay either could come first.
SHELVE = st.tuples(st.just("shelve"), KINDS, st.sampled_from([3.3, 40.3]))
MAINTAIN = st.tuples(st.just("maintain"), st.sampled_from([7.7, 60.7]))
SWEEP = st.tuples(st.just("sweep"), st.booleans())
PEOPLE = st.sampled_from(
    [
        st.just(("acknowledge",)),
        *[SHELVE, SHELVE],
        st.tuples(st.just("unshelve"), KINDS),
        st.tuples(st.just("move_shelf"), KINDS, st.sampled_from([5.3, 50.3])),
        *[MAINTAIN, MAINTAIN],
        st.just(("serve",)),
        st.tuples(st.just("reset"), KINDS),
        *[SWEEP, SWEEP, SWEEP],
    ]
).flatmap(lambda chosen: chosen)


def mixed(sent):
    """Five of nine steps are messages, one closes all cases, three are of people and silence."""
    return st.sampled_from([sent] * 5 + [st.just("close")] + [PEOPLE] * 3).flatmap(lambda chosen: chosen)


STEPS = st.lists(
    st.tuples(st.sampled_from([0.5, 1, 5, 29, 31]), mixed(SENT)),
    min_size=3,
    max_size=10,
)


def close_all(city, now):
    """Close every open case at ``now``, whatever state it is in."""
    centre, dispatcher, handler = city.user("operations_centre"), city.user("dispatcher"), city.user("handler")
    for case in Case.objects.filter(closed_at=None):
        if case.state == "dispatched" and case.lead_unit != city.municipal:
            case = act(case, "recall", actor=dispatcher, reason="改派", occurred_at=now)
            case = act(case, "dispatch", actor=dispatcher, lead_unit=city.municipal, limit_amount=1,
                       limit_unit="work_day", reason="改派", occurred_at=now)  # fmt: skip
        for name, actor, given_ in [("start", handler, {}), ("submit", handler, {"result": "已复位"}),
                                    ("inspect", centre, {}), ("close", centre, {})]:  # fmt: skip
            case = act(case, name, actor=actor, occurred_at=now, **given_)


def minutes(moment) -> float | None:
    return None if moment is None else round((moment - NOW) / timedelta(minutes=1), 9)


def shown(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def stored(code: str = "MC-001") -> list:
    rows = []
    for alarm in Alarm.objects.filter(device__code=code):
        times = minutes(alarm.raised_at), str(minutes(alarm.cleared_at)), minutes(alarm.last_at)
        held = alarm.asserted, alarm.exceeded, alarm.condition, alarm.severity, alarm.critical
        first = minutes(alarm.device_at), minutes(alarm.received_at)
        people = alarm.state == "acknowledged", alarm.inhibited, alarm.case_id is not None
        rows.append((alarm.alarm_type, *times, alarm.count, alarm.late, *held, *first, *people))
    return sorted(rows)


def told_of() -> dict:
    """How often what was recorded of the cover's alarms."""
    rows = Event.objects.filter(name__startswith="alarm.", payload__device="MC-001")
    return Counter(name.removeprefix("alarm.") for name in rows.values_list("name", flat=True))


def expected(oracle: Oracle) -> list:
    return sorted(
        (
            o.type,
            shown(o.raised),
            str(shown(o.cleared)),
            shown(o.last),
            o.count,
            o.late,
            o.word,
            o.limit,
            o.condition,
            o.severity,
            o.critical,
            shown(o.device_at),
            shown(o.received),
            o.acknowledged,
            o.held,
            o.case is not None,
        )
        for o in oracle.occurrences
    )


def set_up(tilt: Tilt, *, cases: bool, code: str = "MC-001", chatter=None) -> None:
    """Give the covers' profile the rules of ``tilt``; its alarms open ``cases`` or none. ``code``: of the cover;
    ``chatter``: as of the oracle."""
    often, within, shelf = chatter or (0, 1, 1)
    # The sequences are wilder than any device may be.
    DeviceProfile.objects.filter(code="manhole_cover").update(
        most_per_minute=100_000, chatter_count=often, chatter_window=60 * within, chatter_shelf=shelf
    )
    cover = DeviceProfile.objects.get(code="manhole_cover")
    for profile in DeviceProfile.objects.all():
        standard = cover.statuses.get(code="tilted").standard if profile == cover else None
        ProfileStatus.objects.get_or_create(
            profile=profile, code="offline", defaults={"label": "离线", "opens_case": False, "standard": standard}
        )
    cover.statuses.update(severity="medium", opens_case=cases)
    cover.statuses.filter(code="missing").update(
        over_after=None if tilt.over is None else 60 * tilt.over, latched=tilt.looked_at
    )
    ProfileStatus.objects.filter(profile__code="manhole_cover", code="tilted").update(
        on_delay=60 * tilt.on, off_delay=60 * tilt.off, samples_needed=tilt.needed, samples_of=tilt.of,
        latched=tilt.latched,
    )  # fmt: skip
    ProfileMetric.objects.filter(profile__code="manhole_cover").update(
        critical=tilt.critical, relative_to_baseline=bool(tilt.zero)
    )
    if tilt.zero:
        DeviceBaseline.objects.create(
            device=Device.objects.get(code=code), metric="tilt", value=tilt.zero, set_by=User.objects.system("test")
        )
    forget_rules()


def pass_time(now) -> None:
    """Fire what is due by then, each at its time."""
    due = Timer.objects.filter(kind__startswith="device.", due_at__lte=now, fired_at=None, cancelled_at=None)
    while (timer := due.order_by("due_at", "id").first()) is not None:
        with time_machine.travel(timer.due_at, tick=False), transaction.atomic():
            assert fire_past(timer.key, timer.due_at)


def play(fleet, tilt, steps, *, cases: bool = True, chatter=None) -> None:
    """Play the steps on both sides and compare after each. Without ``cases`` there is nothing to close."""
    set_up(tilt, cases=cases, chatter=chatter)
    PLAYED["sequences"] += 1
    try:
        _play(fleet, Oracle(tilt=tilt, sends=cases, chatter=chatter), steps, cases)
    except AssertionError:
        PLAYED["mismatches"] += 1
        raise


def _play(fleet, oracle, steps, cases: bool) -> None:
    now, sent = 0.0, []
    Device.objects.filter(code="TB-001").update(last_seen_at=NOW)
    for wait, what in steps:
        now += wait
        PLAYED["steps"] += 1
        pass_time(at(now))
        oracle.advance(now)
        if what == "close":
            if cases:
                close_all(fleet.city, at(now))
                pass_time(at(now))
                oracle.close(now)
        elif isinstance(what, tuple):
            do(fleet, oracle, now, *what)
        else:
            # Each batch also repeats the last message of the one before.
            batch = [(now + offset, status, tilt) for offset, status, tilt in what] + sent[-1:]
            sent = batch
            PLAYED["messages"] += len(batch)
            result = fleet.ingest(
                *[message(time, status=status, metrics={} if tilt is None else {"tilt": tilt}) if status
                  else message(time, metrics={"tilt": tilt}) for time, status, tilt in batch],
                received_at=at(now),
            )  # fmt: skip
            assert result.rejected == []
            assert (result.accepted, result.duplicate) == oracle.send(now, batch)
        assert stored() == expected(oracle)
        assert told_of() == +oracle.told
    TOLD.update(oracle.told)
    TOLD["suppressed"] += sum(one.held == "suppressed" for one in oracle.occurrences)
    device = Device.objects.get(code="MC-001")
    assert (device.status, device.clock_skewed) == (oracle.status, oracle.skewed)
    assert {row.metric: (minutes(row.at), row.text or row.value) for row in LatestValue.objects.all()} == {
        name: (shown(time), value) for name, (time, value) in oracle.latest.items()
    }
    assert Reading.objects.count() == len(oracle.readings)
    assert Case.objects.count() == (oracle.cases if cases else 0)
    assert CaseEvidence.objects.count() == (oracle.evidence if cases else 0)


@pytest.fixture(scope="module", autouse=True)
def told_how_much():
    """Say after a search by hand how much it was."""
    yield
    if "DEVICES_EXAMPLES" in os.environ:
        told = {name: f"{PLAYED[name]:,}" for name in ("steps", "messages", "sequences", "mismatches")}
        words = "{steps} steps compared ({messages} messages, {sequences} sequences): {mismatches} mismatches"
        happened = ", ".join(f"{name} {number:,}" for name, number in TOLD.most_common())
        sys.stdout.write(f"\n{words.format(**told)}\n{happened}\n")


# The same sequences in every run of the suite; new ones each time somebody asks for a number of them.
searched = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize="DEVICES_EXAMPLES" not in os.environ,
    phases=(Phase.explicit, Phase.generate),
)


@searched
@given(TILTS, STEPS)
@example(Tilt(), [(1, [(0, "tilted", 32.5)]), (1, [(0, "normal", None)]), (29, [(0, "tilted", None)])])
@example(Tilt(), [(1, [(0, "tilted", None)]), (1, "close"), (1, [(0, "tilted", None)]), (1, [(0, "normal", None)])])
@example(Tilt(), [(1, [(0, "normal", 3.0)]), (1, [(-12, "missing", 32.5), (-40, "missing", None), (7, "tilted", 3.0)])])
@example(
    Tilt(), [(1, [(0, None, 32.5)]), (1, [(-12, "tilted", None)]), (1, [(0, None, 3.0)]), (1, [(0, "normal", None)])]
)
@example(
    Tilt(), [(1, [(-5, "tilted", None)]), (1, [(0, None, 32.5)]), (1, [(-5, "normal", None)]), (1, [(0, None, 3.0)])]
)
# A late message near two late occurrences belongs to the nearer one, whichever was stored first.
@example(
    Tilt(),
    [
        (0.5, [(-1, "normal", None)]),
        (0.5, [(-5, "tilted", 3.0)]),
        (0.5, [(-40, None, 15.0)]),
        (0.5, [(-31, "tilted", None)]),
    ],
)
# A delay that began in a backlog is ended by the clock: the occurrence it follows ended half an hour before that.
@example(Tilt(on=0.5, zero=-5.0), [(0.5, [(-70, None, 10.0), (-40, None, 3.0)]), (0.5, [(-40, None, 10.0)]), (0.5, [])])
# And by a sample that is half an hour younger than its end.
@example(
    Tilt(on=0.5), [(0.5, [(-70, None, 32.5), (-40, None, 3.0)]), (0.5, [(-40, None, 32.5)]), (0.5, [(-1, None, 32.5)])]
)
# Two messages of one time, of which the first also tells of a metric that is known better: the first counts.
@example(Tilt(), [(0.5, [(-31, "normal", None)]), (0.5, [(-40, "normal", 3.0), (-40, None, 32.5)])])
# What is held no more while its off-delay runs and then stands again sends somebody, as what stood all the time.
@example(
    Tilt(off=5),
    [
        (0.5, ("maintain", 7.7)),
        (0.5, [(0, None, 32.5)]),
        (5, [(0, None, 3.0)]),
        (0.5, ("serve",)),
        (0.5, [(0, None, 32.5)]),
    ],
)
# A gateway that is lost explains the silence, and for a while after it is back.
@example(
    Tilt(),
    [
        (0.5, [(0, "tilted", None)]),
        (29, ("sweep", False)),
        (1, ("sweep", True)),
        (5, ("sweep", True)),
        (29, ("sweep", True)),
        (1, [(0, "normal", None)]),
    ],
)
# What is latched and for which nobody was sent is over when somebody says that it was looked at.
@example(
    Tilt(latched=True, over=1, looked_at=True),
    [
        (0.5, ("maintain", 60.7)),
        (0.5, [(0, "missing", None), (0, None, 32.5)]),
        (5, [(0, None, 3.0)]),
        (0.5, ("reset", "tilted")),
        (0.5, ("reset", "missing")),
    ],
)
# And what was over, was held when it was raised and comes back for a moment within one batch.
@example(
    Tilt(),
    [
        (0.5, ("maintain", 7.7)),
        (0.5, [(0, "tilted", None)]),
        (0.5, [(0, "normal", None)]),
        (0.5, ("serve",)),
        (5, [(-1, "tilted", None), (0, "normal", None)]),
    ],
)
# A word nobody judges makes none before it history: what was said before and comes in later raises, and takes back.
@example(
    Tilt(),
    [
        (0.5, [(0, "dancing", None)]),
        (0.5, [(-5, "tilted", None)]),
        (0.5, [(0, "unknown", 3.0)]),
        (0.5, [(-5, "normal", None)]),
        (29, [(-40, "missing", None)]),
    ],
)
# And says that its device is there, also where only what comes in behind it is judged.
@example(Tilt(), [(0.5, [(0, "dancing", None)]), (29, ("sweep", False)), (1, [(-31, "tilted", None)])])
@pytest.mark.django_db
def test_random_sequences_agree_with_the_oracle(fleet, tilt, steps):
    with transaction.atomic():
        play(fleet, tilt, steps)
        transaction.set_rollback(True)


@searched
@given(TILTS, STEPS)
@pytest.mark.django_db
def test_alarms_that_open_no_case_agree_with_the_oracle(fleet, tilt, steps):
    """A step is quick here: most of the other test's time goes to opening, dispatching and closing cases."""
    with transaction.atomic():
        play(fleet, tilt, steps, cases=False)
        transaction.set_rollback(True)


# Nothing but the shelves ends at a moment of its own here, and no message hides the one before: what chatters is looked
# at when a batch is over.
CALM = st.builds(
    Tilt, latched=st.booleans(), critical=st.sampled_from([None, 30.0]), looked_at=st.booleans(),
    needed=st.sampled_from([1, 2]), of=st.just(3),
)  # fmt: skip
ONE = st.tuples(
    st.sampled_from([0, 0, 0, -0.25, -12, 6]), st.sampled_from([None, "normal", "tilted", "missing", *OTHER_WORDS]),
    st.sampled_from([None, 3.0, 32.5]),
).filter(lambda said: said[1:] != (None, None)).map(lambda said: [said])  # fmt: skip
QUICK_STEPS = st.lists(
    st.tuples(st.sampled_from([0.125, 0.125, 0.25, 0.5, 1, 5, 9, 31]), mixed(ONE)), min_size=6, max_size=14
)
CHATTER = st.tuples(st.sampled_from([2, 3]), st.sampled_from([1, 10]), st.sampled_from([4, 60]))


@settings(searched, max_examples=-(-EXAMPLES // 2))  # these are twice as long
@given(CALM, QUICK_STEPS, CHATTER)
@pytest.mark.django_db
def test_chattering_alarms_agree_with_the_oracle(fleet, tilt, steps, chatter):
    with transaction.atomic():
        play(fleet, tilt, steps, chatter=chatter)
        transaction.set_rollback(True)
