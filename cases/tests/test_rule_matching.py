"""Which rule decides, against a plain oracle that follows the words of the documentation one by one."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.dispatch.matching import Facts, applies, in_order, plain, rank

SHANGHAI = timezone(timedelta(hours=8))  # no summer time since 1991
AREAS = ["/1/", "/1/2/", "/1/2/3/", "/1/2/4/", "/1/2/3/5/", "/9/"]
WORDS = ["燃气", "ABC", "井盖", "ａｂｃ"]
TEXTS = ["小区燃气味很大", "井盖歪了abc", "没有这些词", "ＡＢＣ路口"]


def rule(pk=1, **given):
    empty = {"priority": 100, "standard_id": None, "sources": [], "words": [], "device_profile": "", "weekdays": [],
             "from_time": None, "to_time": None, "valid_from": None, "valid_to": None, "category_keys": []}  # fmt: skip
    area = SimpleNamespace(path=given.pop("area", "/1/"))
    return SimpleNamespace(pk=pk, area=area, **(empty | given))


def facts(**given):
    usual = {"area_path": "/1/2/3/5/", "category": 11, "above": 10, "standard": 21, "source": "hotline",
             "text": plain(TEXTS[0]), "device_profile": "", "at": datetime(2026, 11, 25, 4, tzinfo=UTC)}  # fmt: skip
    return Facts(**(usual | given))


hours = st.sampled_from([None, (time(22), time(6)), (time(8), time(18)), (time(0), time(0)), (time(12), time(12))])
days = st.dates(date(2026, 11, 20), date(2026, 11, 30))


@st.composite
def rules(draw):
    window = draw(hours)
    dates = sorted([draw(days), draw(days)])
    return rule(
        pk=draw(st.integers(1, 10_000)),
        area=draw(st.sampled_from(AREAS)),
        priority=draw(st.sampled_from([1, 5, 100])),
        category_keys=draw(st.lists(st.sampled_from([10, 11, 12]), max_size=2, unique=True)),
        standard_id=draw(st.sampled_from([None, None, 21, 22])),
        sources=draw(st.lists(st.sampled_from(["hotline", "resident"]), max_size=1)),
        words=draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True)),
        device_profile=draw(st.sampled_from(["", "", "cover"])),
        weekdays=draw(st.lists(st.integers(0, 6), max_size=4, unique=True)),
        from_time=window[0] if window else None,
        to_time=window[1] if window else None,
        valid_from=draw(st.sampled_from([None, dates[0]])),
        valid_to=draw(st.sampled_from([None, dates[1]])),
    )


cases = st.builds(
    facts,
    area_path=st.sampled_from(AREAS),
    category=st.sampled_from([None, 10, 11, 12]),
    above=st.sampled_from([None, 10]),
    standard=st.sampled_from([None, 21]),
    source=st.sampled_from(["hotline", "sensor"]),
    text=st.sampled_from([plain(text) for text in TEXTS]),
    device_profile=st.sampled_from(["", "cover", "bin"]),
    at=st.datetimes(datetime(2026, 11, 21), datetime(2026, 11, 29), timezones=st.just(UTC)),
)


def oracle(it, case) -> bool:
    """The documentation, sentence by sentence, without the short cuts of the code."""
    local = case.at.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 6e7
    day = local.date()
    if it.from_time is not None:
        begins, ends = (moment.hour * 60 + moment.minute for moment in (it.from_time, it.to_time))
        length = (ends - begins) % (24 * 60) or 24 * 60
        since = (minute - begins) % (24 * 60)
        if since >= length:
            return False
        if minute < begins:  # the window that holds this moment began yesterday
            day -= timedelta(days=1)
    wanted = {key for key in (case.category, case.above) if key is not None}
    return all(
        [
            case.area_path[: len(it.area.path)] == it.area.path,
            not it.category_keys or bool(wanted & set(it.category_keys)),
            it.standard_id is None or it.standard_id == case.standard,
            it.sources == [] or case.source in it.sources,
            it.words == [] or any(plain(word) in case.text for word in it.words),
            it.device_profile == "" or it.device_profile == case.device_profile,
            it.weekdays == [] or day.isoweekday() - 1 in it.weekdays,
            it.valid_from is None or it.valid_from <= day,
            it.valid_to is None or day <= it.valid_to,
        ]
    )


def points(it, case) -> int:
    """Specificity counted by hand."""
    found = {"/1/": 0, "/9/": 0, "/1/2/": 1, "/1/2/3/": 2, "/1/2/4/": 2, "/1/2/3/5/": 3}[it.area.path]
    found += 3 if it.standard_id else 0
    if it.category_keys:
        found += 2 if case.category in it.category_keys else 1
    return found + sum(map(bool, [it.sources, it.words, it.device_profile, it.weekdays or it.from_time]))


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.lists(rules(), max_size=8, unique_by=lambda it: it.pk), cases, st.randoms(use_true_random=False))
def test_the_deciding_rule_is_what_the_documentation_says(several, case, random):
    # given rules in any order
    expected = sorted(
        (it for it in several if oracle(it, case)), key=lambda it: (it.priority, -points(it, case), it.pk)
    )
    shuffled = several[:]
    random.shuffle(shuffled)
    # then those that apply come in the one documented order
    assert [it.pk for it in in_order(shuffled, case)] == [it.pk for it in expected]
    assert all(applies(it, case) == oracle(it, case) for it in several)


def test_lower_priority_numbers_come_first_then_the_more_specific_then_the_older():
    urgent = rule(pk=9, priority=5)
    narrow = rule(pk=8, area="/1/2/3/", category_keys=[11])
    wide, older = rule(pk=7, category_keys=[10]), rule(pk=3, category_keys=[10])
    assert [it.pk for it in in_order([wide, narrow, urgent, older], facts())] == [9, 8, 3, 7]
    assert rank(urgent, facts()) < rank(narrow, facts())


@pytest.mark.parametrize(
    ("local", "holds"),
    [
        ("2026-11-27 21:59", False), ("2026-11-27 22:00", True), ("2026-11-28 05:59", True),
        ("2026-11-28 06:00", False), ("2026-11-28 22:30", False), ("2026-11-27 01:00", False),
    ],
)  # fmt: skip
def test_a_night_belongs_to_the_day_it_begins_on(local, holds):
    # given a rule for the nights that begin on a Friday (2026-11-27)
    night = rule(weekdays=[4], from_time=time(22), to_time=time(6))
    moment = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert applies(night, facts(at=moment)) is holds


def test_a_trial_leaves_out_from_when_a_rule_is_meant_to_hold():
    later = rule(valid_from=date(2027, 1, 1))
    assert not applies(later, facts()) and applies(later, facts(), dates=False)
