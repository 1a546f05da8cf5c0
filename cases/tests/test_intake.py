"""Messages of named sources become cases, each by itself, once; what cannot is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cases.intake.receiving import messages_take
from cases.models import Case, CaseEvidence, CaseReporter, CaseState, DeadLetter, IntakeReceipt
from cases.tests.sources import MAPPING, make_source, said
from governance.models import Event


@pytest.fixture
def source(city):
    return make_source(city)


def take(source, *messages, **options):
    return messages_take(source, messages, **options)


def test_a_message_becomes_a_case_through_the_mapping(source, city):
    # when a source sends in its own words
    one = take(source, said())[0]
    # then it is a case of that source, where it says, under the standard of the value table, and on its way
    case = Case.objects.get()
    assert (one.status, one.external_id, one.case) == ("created", "GD-1", case)
    assert (case.source, case.description, case.address) == ("department", "井盖倾斜：人行道上", "中山路1号")
    assert (case.area, case.longitude, case.latitude) == (city.grid, 112.905, 28.205)
    assert (case.state, case.standard, case.lead_unit) == (CaseState.DISPATCHED, city.standard, city.municipal)
    assert case.origin == {"source": "municipal-app", "external_id": "GD-1"}
    assert CaseReporter.objects.get().phone == "13800001234"
    assert Event.objects.filter(name="case.reported").get().actor.username == "system:intake"


def test_the_same_message_again_gives_the_same_case(source):
    first = take(source, said(), said())
    again = take(source, said(sent_at="later, which nobody mapped"))
    assert [one.status for one in first + again] == ["created", "repeated", "repeated"]
    assert {one.case for one in first + again} == {Case.objects.get()}


def test_news_about_a_message_is_added_to_its_case(source):
    case = take(source, said())[0].case
    events = Event.objects.count()
    one = take(source, said(event={"title": "井盖倾斜", "text": "已有人摔倒", "kind": "A01"}))[0]
    assert (one.status, one.case) == ("updated", case)
    evidence = CaseEvidence.objects.get(case=case)
    assert (evidence.kind, evidence.data["text"]) == ("intake_update", "井盖倾斜：已有人摔倒")
    # and the words stand in the evidence alone: history cannot be erased
    assert "摔倒" not in str(list(Event.objects.values("payload")))
    assert Event.objects.count() == events + 1
    assert Case.objects.count() == 1


def test_what_cannot_be_taken_is_kept_with_what_is_wrong_and_holds_up_nobody(source):
    bad = said("GD-2", event={"title": "", "kind": "A01"}, place={"lng": 112.905, "street": "北街"}, caller="12")
    taken = take(source, said(), bad, "no object", said("GD-3"))
    assert [one.status for one in taken] == ["created", "rejected", "rejected", "created"]
    letter = DeadLetter.objects.get(external_id="GD-2")
    assert letter.payload == bad
    assert {(error["field"], error["code"]) for error in letter.errors} == {
        ("description", "path"), ("latitude", "required"), ("area", "unknown_value"), ("reporter_phone", "invalid"),
    }  # fmt: skip
    assert DeadLetter.objects.get(external_id="").errors[0]["field"] == "message"
    assert Case.objects.count() == IntakeReceipt.objects.count() == 2


def test_a_bad_message_sent_again_is_counted_not_kept_twice(source):
    take(source, said(caller="12"))
    take(source, said(caller="12"))
    assert [letter.times for letter in DeadLetter.objects.all()] == [2]


def test_a_later_good_message_settles_the_letter_of_the_bad_one(source):
    take(source, said(caller="12"))
    case = take(source, said())[0].case
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.case) == ("superseded", case)


def test_a_place_outside_the_sources_area_is_refused(city):
    source = make_source(city, area=city.street)
    away = {"address": "", "lng": city.other_point[0], "lat": city.other_point[1]}
    named = take(source, said(place={"street": "西街"}), said("GD-2", place=away))
    assert [one.errors[0]["field"] for one in named] == ["area", "longitude"]
    assert not Case.objects.exists()


def test_a_source_that_does_not_file_leaves_that_to_a_registrar(city):
    source = make_source(city, files_at_once=False)
    case = take(source, said())[0].case
    assert (case.state, case.standard) == (CaseState.REPORTED, city.standard)


def test_coordinates_and_times_of_the_source_are_turned_into_ours(city):
    fields = MAPPING["fields"] | {"coordinate_system": {"default": "gcj02"}}
    source = make_source(city, mapping={"fields": fields, "time_zone": "Asia/Tokyo"})
    case = take(source, said(at="2026/11/23 09:30"), at=datetime(2026, 11, 23, 3, tzinfo=UTC))[0].case
    assert 100 < abs(case.longitude - 112.905) * 98_000 < 900  # metres
    # our clock runs from when we were told; when it happened is kept beside it
    assert case.reported_at == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert CaseEvidence.objects.get().happened_at == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_a_time_in_the_future_is_not_believed(source):
    ahead = timezone.localtime() + timedelta(days=1)
    assert take(source, said(at=ahead.strftime("%Y/%m/%d %H:%M")))[0].errors[0]["field"] == "occurred_at"


def test_without_a_number_a_message_is_known_by_its_content(city):
    fields = {name: rule for name, rule in MAPPING["fields"].items() if name != "external_id"}
    source = make_source(city, mapping={"fields": fields})
    statuses = [one.status for one in take(source, said(), said(), said("GD-2"))]
    assert statuses == ["created", "repeated", "created"]


@pytest.mark.parametrize("number", [None, "", "x" * 121, ["a"]])
def test_a_number_that_is_none_is_named(source, number):
    one = take(source, said(number))[0]
    assert (one.status, one.errors[0]["field"]) == ("rejected", "external_id")


def test_characters_that_cannot_be_stored_are_left_out(source):
    assert take(source, said("GD\0-7", caller="12\0"))[0].status == "rejected"
    assert DeadLetter.objects.get().external_id == "GD-7"
