"""What a night finds is one warning, whatever shows it; and files brought in the morning after count."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Event, Role, User
from governance.workflow import act
from mediation.models import EarlyWarning, Signal, SignalSource, WarningEvent, WarningWatch
from mediation.prevention.receiving import records_receive
from mediation.warning import nulls, watching
from mediation.warning.keeping import Found, warning_found
from mediation.warning.streams import Ground, happenings
from mediation.warning.tasks import watch_disputes
from mediation.warning.tests.test_watching import TODAY, a_watch, at, kind, signals

pytestmark = pytest.mark.django_db
SUNDAY = TODAY - timedelta(days=3)
DAY = timedelta(days=1)
MAPPING = {"fields": {"external_id": {"path": "id"}, "received_at": {"path": "when"}, "area": {"path": "where"},
                      "type": {"path": "type"}, "event_date": {"path": "on"}}}  # fmt: skip


@pytest.fixture(autouse=True)
def _few_worlds(monkeypatch):
    """Thresholds from fewer worlds: the small city needs no more."""
    monkeypatch.setattr(nulls, "DRAWN", 4000)
    monkeypatch.setattr(nulls, "COARSE", 500)


def found_by(city, method: str, day, *, area: str = "community") -> Found:
    """What a method finds of the last week in the community, the scan, or in its township."""
    ground, since = Ground.of(city.area("district")), day - timedelta(days=6)
    inside = [row for row in happenings(ground, since, day) if row.street == 0]
    larger = None if method == "scan" else city.area("street")
    return Found(method, "hotline", kind().pk, [city.area(area)], since, len(inside), 1.5, 400.0, inside, larger)


def told() -> list[str]:
    return list(Event.objects.filter(name__startswith="warning.").order_by("pk").values_list("name", flat=True))


@pytest.mark.parametrize(("first", "second"), [("scan", "weekly"), ("weekly", "scan"), ("short", "scan")])
def test_one_outbreak_is_one_warning_whatever_methods_show_it(city, first, second):
    # given twelve calls of a week, which one method found
    signals(city.area("community"), [SUNDAY - timedelta(days=n % 6) for n in range(12)])
    watch, actor = a_watch(city), User.objects.system("early-warning")
    warning = warning_found(watch, found_by(city, first, SUNDAY), day=SUNDAY, actor=actor)
    # when another finds them in the same night, or the next, then it raises none and asks for no second verdict
    assert warning_found(watch, found_by(city, second, SUNDAY), day=SUNDAY, actor=actor) is None
    assert warning_found(watch, found_by(city, second, SUNDAY), day=SUNDAY + DAY, actor=actor) is None
    kept = EarlyWarning.objects.get()
    assert (kept.pk, kept.method, kept.observed, kept.times_seen) == (warning.pk, first, 12, 2)
    assert told() == ["warning.raised"] and WarningEvent.objects.count() == 12
    # but three calls since are a warning of the other method, and other events are from the start
    signals(city.area("community"), [SUNDAY + 2 * DAY] * 3)
    later = warning_found(watch, found_by(city, second, SUNDAY + 2 * DAY), day=SUNDAY + 2 * DAY, actor=actor)
    assert later.pk != warning.pk and told() == ["warning.raised"] * 2


def test_what_is_known_is_not_told_by_another_method(city):
    signals(city.area("community"), [SUNDAY] * 9)
    watch, actor = a_watch(city), User.objects.system("early-warning")
    warning = warning_found(watch, found_by(city, "scan", SUNDAY), day=SUNDAY, actor=actor)
    act(warning, "known", actor=city.user("operations_centre"), reason="已在处理")
    signals(city.area("community"), [SUNDAY + DAY] * 4)
    assert warning_found(watch, found_by(city, "weekly", SUNDAY + DAY), day=SUNDAY + DAY, actor=actor) is None
    assert EarlyWarning.objects.count() == 1


def test_another_type_or_mostly_other_events_are_another_warning(city):
    signals(city.area("community"), [SUNDAY] * 4)
    watch, actor = a_watch(city), User.objects.system("early-warning")
    assert warning_found(watch, found_by(city, "scan", SUNDAY), day=SUNDAY, actor=actor)
    signals(city.area("grid"), [SUNDAY - DAY] * 5)
    assert warning_found(watch, found_by(city, "weekly", SUNDAY), day=SUNDAY, actor=actor)
    assert EarlyWarning.objects.count() == 2


@pytest.fixture
def files(city):
    """A source whose file of a day is brought in on the morning after; sixty days of history, a call each third day."""
    day = TODAY - DAY
    signals(city.area("community"), [day - timedelta(days=back) for back in range(2, 80, 3)])
    city.source = SignalSource.objects.create(code="h", name="热线", channel="hotline", area=city.area("district"),
                                              mapping=MAPPING)  # fmt: skip
    city.watch = a_watch(city)
    return city


def bring_in(city, day, number: int, hour: int = 12, **given) -> None:
    known = Signal.objects.count()
    records_receive(
        [{"id": f"{known + n}", "when": f"{day} {hour}:{n:02}", "where": city.area("community").code,
          "type": "neighbours"} | given for n in range(number)],
        actor=city.user(Role.OPERATIONS_CENTRE), source=city.source,
    )  # fmt: skip


def job(day, hour: int, minute: int = 12) -> int:
    """Run the hourly job at a time."""
    with time_machine.travel(datetime.combine(day, time(hour, minute), SHANGHAI), tick=False):
        return watch_disputes(int(timezone.now().timestamp()))


def test_a_burst_whose_file_comes_the_morning_after_is_found_then(files):
    # given a night that found nothing, as nothing was brought in yet
    day = TODAY - DAY
    assert job(TODAY, 0) == 0 and WarningWatch.objects.get().watched_to == day
    # when nine calls of that day are brought in at nine
    with time_machine.travel(at(TODAY, 9), tick=False):
        bring_in(files, day, 9)
    assert WarningWatch.objects.get().watched_to == day - DAY
    # then the next hour's job finds them, once
    assert job(TODAY, 9) == 1 and job(TODAY, 10) == 0
    warning = EarlyWarning.objects.get()
    assert (warning.method, warning.last_day, warning.observed) == ("short", day, 9)
    assert WarningWatch.objects.get().watched_to == day
    # and more of that day are news of the same warning
    with time_machine.travel(at(TODAY, 11), tick=False):
        bring_in(files, day, 2)
    assert job(TODAY, 11) == 1
    grown = EarlyWarning.objects.get()
    assert (grown.pk, grown.observed, grown.times_seen) == (warning.pk, 11, 1) and told()[1:] == ["warning.grew"]


def test_a_file_of_weeks_sets_back_a_week_and_one_of_older_days_nothing(files, monkeypatch):
    day = TODAY - DAY
    WarningWatch.objects.update(watched_to=day)
    with time_machine.travel(at(TODAY, 9), tick=False):
        bring_in(files, day - timedelta(days=30), 3)
        assert WarningWatch.objects.get().watched_to == day
        # what was received after the night stays unknown to it; what lies elsewhere is none of it
        bring_in(files, TODAY, 2, hour=8)
        bring_in(files, TODAY, 2, hour=8, on=f"{day}")
        files.source.area = files.area("city")
        files.source.save()
        bring_in(files, day, 2, where=files.area("city").code)
        assert WarningWatch.objects.get().watched_to == day
        for back in range(12):
            bring_in(files, day - timedelta(days=back), 1)
    nights = []
    monkeypatch.setattr(watching, "watch_night", lambda watch, night, *, actor: nights.append(night) or [])
    job(TODAY, 9)
    assert nights == [day - timedelta(days=back) for back in range(7, -1, -1)]


def test_what_comes_in_while_the_night_is_looked_at_is_made_up_by_the_next_run(files, monkeypatch):
    day, nights = TODAY - DAY, []
    WarningWatch.objects.update(watched_to=day - DAY)

    def look(watch, night, *, actor):
        if not nights:  # a file of two days ago comes in meanwhile
            bring_in(files, day - DAY, 1)
        nights.append((day - night).days)
        return []

    monkeypatch.setattr(watching, "watch_night", look)
    job(TODAY, 0)
    assert WarningWatch.objects.get().watched_to == day - 2 * DAY
    job(TODAY, 1)
    assert nights == [0, 1, 0] and WarningWatch.objects.get().watched_to == day


def test_a_usual_sunday_with_an_outbreak_asks_for_one_verdict(city):
    # given three years, and twelve calls of one community in the week up to Sunday
    for place, area in enumerate(("grid", "other_community")):
        signals(city.area(area), [SUNDAY - timedelta(days=back) for back in range(7 + place, 1100, 4)])
    signals(city.area("community"), [SUNDAY - timedelta(days=n % 4) for n in range(12)])
    watch = a_watch(city)
    watching.watch_night(watch, SUNDAY, actor=User.objects.system("early-warning"))
    assert EarlyWarning.objects.count() == 1 and told() == ["warning.raised"]
