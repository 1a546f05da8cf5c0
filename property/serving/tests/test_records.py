"""Occurrences: made once, reported with a photo, looked at; a miss becomes a case; the month adds up."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import Case
from governance.clock import WorkCalendar
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, Event, Timer
from governance.testing import snapshot
from governance.timers import fire_past
from governance.workflow import act, steps_of
from property.models import ServiceItem, ServiceRating, ServiceRecord
from property.party.tests.organisations import a_photo
from property.serving.fulfilment import ItemMonth, all_together, fulfilment_of, share_text
from property.serving.occurrences import records_make, timer_key
from property.serving.ratings import rating_give
from property.serving.tests.services import at, build_services

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)
LOOKS = {"party_secretary", "organiser", "community_staff", "steward", "owners_member"}
COMMUNITY = {"party_secretary", "organiser", "community_staff"}
# Who may take which step, from which state.
STEPS = {
    "complete": ({"property_manager"}, "planned"),
    "check_on_site": (LOOKS, "done"),
    "refuse": (LOOKS, "done"),
    "miss": (set(), "planned"),
    "leave_out": (set(), "planned"),
    "excuse": (COMMUNITY, "planned"),
}


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


def done(services, code="stairs", day=MONDAY) -> ServiceRecord:
    record = services.record(code, day)
    return act(record, "complete", actor=services.person("property_manager"), photos=[a_photo()],
               occurred_at=record.starts_at + timedelta(hours=1))  # fmt: skip


def missed(services, code="stairs", day=MONDAY) -> ServiceRecord:
    record = services.record(code, day)
    assert fire_past(timer_key(record), record.ends_at)
    return services.record(code, day)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_by_every_role(services, city, name):
    assert steps_of(ServiceRecord).keys() == STEPS.keys()
    allowed, state = STEPS[name]
    record = done(services) if state == "done" else services.record("stairs", MONDAY)
    for who, person in city.people.items():
        before = snapshot(record)
        with transaction.atomic():
            if who in allowed:
                act(record, name, actor=person, reason="现场查看", occurred_at=at(2, 9), photos=[a_photo()])
                transaction.set_rollback(True)
                continue
            with pytest.raises(NotPermitted):
                act(record, name, actor=person, reason="现场查看", occurred_at=at(2, 9), photos=[a_photo()])
        assert snapshot(record) == before, who
    assert not Case.objects.exists()


def test_occurrences_are_made_once_and_only_from_the_day_after(services):
    # given what publication made: the daily item on three days, the Monday item once, nothing for what is asked for
    made = ServiceRecord.objects.order_by("item__code", "date").values_list("item__code", "date")
    assert list(made) == [("gate", MONDAY), *(("stairs", MONDAY + timedelta(days=number)) for number in range(3))]
    assert Timer.objects.filter(kind="property.service_over").count() == 4
    # when the job runs again, and over the day of publication too
    assert records_make(date(2026, 11, 1), date(2026, 11, 4), now=at(1, 0)) == 0
    # then nothing is made twice; a window that is over is not made at all
    assert records_make(date(2026, 11, 1), date(2026, 11, 5), now=at(5, 19)) == 0
    assert records_make(date(2026, 11, 5), date(2026, 11, 5), now=at(5, 17)) == 1


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 31), st.integers(0, 800))
def test_once_a_month_is_once_a_month(month_day, offset):
    # whatever day of the month, of each month exactly one day is it
    item = ServiceItem(rule="monthly", month_day=month_day)
    first = (date(2026, 1, 1) + timedelta(days=offset)).replace(day=1)
    days = [first + timedelta(days=number) for number in range(31)]
    found = [day for day in days if day.month == first.month and item.falls_on(day, WorkCalendar())]
    assert len(found) == 1 and found[0].day <= month_day


def test_the_company_reports_with_a_photo_and_in_time(services, city):
    manager, record = city.user("property_manager"), services.record("stairs", MONDAY)
    before = snapshot(record)
    for refusal, given_ in (
        (Invalid, {"occurred_at": at(2, 9)}),
        (Conflict, {"occurred_at": at(2, 7), "photos": [a_photo()]}),
        (Conflict, {"occurred_at": at(2, 18, 1), "photos": [a_photo()]}),
    ):
        with pytest.raises(refusal):
            act(record, "complete", actor=manager, **given_)
        assert snapshot(record) == before
    fresh = done(services)
    assert (fresh.state, fresh.done_by, fresh.done_at) == ("done", manager, at(2, 9))
    assert not Timer.objects.filter(key=timer_key(record), fired_at=None, cancelled_at=None).exists()
    assert Event.objects.get(name="service.done").attachments.count() == 1
    # what asks for no photo needs none
    act(services.record("gate", MONDAY), "complete", actor=manager, occurred_at=at(2, 9))


def test_a_miss_becomes_a_case_of_the_company(services, city):
    record = missed(services)
    case = Case.objects.get()
    assert (record.state, record.case) == ("missed", case)
    assert (case.lead_unit, case.state, case.standard) == (city.units["company"], "dispatched", city.standard)
    assert case.origin["service_record"] == record.pk and case.source == "patrol" and "桂园" in case.description
    # a further miss of the same item while the case is open adds to it, another item's opens its own
    again = missed(services, day=date(2026, 11, 3))
    assert again.case == case and case.evidence.get().data["date"] == "2026-11-03"
    missed(services, "gate")
    assert Case.objects.count() == 2
    # without a filing standard it waits for a registrar
    assert Case.objects.get(pk=services.record("gate", MONDAY).case_id).state == "reported"


def test_what_was_reported_and_is_not_done_becomes_a_case(services, city):
    record = done(services)
    fresh = act(record, "refuse", actor=city.user("steward"), reason="二楼以上没有清扫", photos=[a_photo()])
    assert (fresh.state, Case.objects.get()) == ("missed", fresh.case)
    with pytest.raises(Conflict):
        act(fresh, "check_on_site", actor=city.user("organiser"))
    act(fresh, "excuse", actor=city.user("organiser"), reason="停水，无法清洗")
    assert services.record("stairs", MONDAY).state == "excused"


def test_the_month_counts_kept_against_missed(services, city, django_assert_num_queries):
    act(done(services), "check_on_site", actor=city.user("organiser"))
    missed(services, day=date(2026, 11, 3))
    record = services.record("stairs", date(2026, 11, 4))
    act(record, "excuse", actor=city.user("organiser"), reason="暴雨")
    for number, owner in enumerate(services.party.place.owners[:3]):
        rating_give(services.item("stairs"), actor=owner, stars=3 + number, occurred_at=at(5, 9))
    with django_assert_num_queries(3):
        rows = {row.item.code: row for row in fulfilment_of(services.party.place.estate, date(2026, 11, 1))}
    figures = {"kept": 1, "checked": 1, "missed": 1, "excused": 1, "planned": 0, "cases": 1, "ratings": 3, "stars": 4.0}
    assert rows["stairs"] == ItemMonth(services.item("stairs"), **figures)
    assert (rows["stairs"].share, rows["gate"].share, rows["gate"].planned) == (Fraction(1, 2), None, 1)
    assert all_together(list(rows.values())) == Fraction(1, 2)
    # and a month in which it did not hold has no rows
    assert fulfilment_of(services.party.place.estate, date(2026, 10, 1)) == []


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_a_share_of_100_percent_means_all_of_it(kept, missed_):
    share = ItemMonth(item=None, kept=kept, missed=missed_).share
    if share is None:
        assert kept + missed_ == 0 and share_text(share) == "—"
        return
    shown = Fraction(share_text(share).removesuffix(" %"))
    assert 0 <= share * 100 - shown < Fraction(1, 10)
    assert (shown == 100) == (missed_ == 0)


def test_residents_rate_once_a_month_and_may_think_again(services, city):
    owner, item = services.party.place.owners[0], services.item("stairs")
    rating_give(item, actor=owner, stars=2, words="楼道灯坏了", occurred_at=at(5, 9))
    rating_give(item, actor=owner, stars=4, occurred_at=at(6, 9))
    assert ServiceRating.objects.get().stars == 4
    rating_give(item, actor=owner, stars=5, occurred_at=at(5, 9).replace(month=12))
    assert ServiceRating.objects.count() == 2
    # the words stay out of the history
    assert all("灯" not in str(event.payload) for event in Event.objects.filter(name="service.rated"))
    for person in (city.user("resident"), city.user("organiser"), city.user("property_manager")):
        with pytest.raises(NotPermitted):
            rating_give(item, actor=person, stars=1)
    for stars in (0, 6, True):
        with pytest.raises(Invalid):
            rating_give(item, actor=owner, stars=stars)
    with pytest.raises(Invalid):
        rating_give(item, actor=owner, stars=3, words="长" * 301)
    assert ServiceRating.objects.count() == 2


def test_lists_and_occurrences_move_with_their_estate(services, city):
    estate = services.party.place.estate
    type(estate).objects.filter(pk=estate.pk).update(area=city.area("grid"))
    grid = Area.objects.get(pk=city.area("grid").pk)
    assert {record.area for record in ServiceRecord.objects.select_related("area")} == {grid}
    assert type(services.service_list).objects.get(pk=services.service_list.pk).area == grid
