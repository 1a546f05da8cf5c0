"""Whom the rules tell: by role, part, unit, person; never of what somebody may not see."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import in_state
from governance import events, tasks
from governance.models import Appointment, Delivery, Notice, NoticePreference, NoticeRule, User
from governance.notices import notify
from governance.notices.planning import tell_past
from governance.notices.tests.conftest import channel, load_shipped, rule, tell, told
from governance.scoping import Grant
from governance.workflow import act


@pytest.fixture
def shipped(city):
    """The city with the templates and rules that every installation begins with."""
    load_shipped()
    return city


def test_the_shipped_rules_tell_those_who_must_act(shipped):
    # given a case dispatched to municipal by the hub, one that waits for a dispatcher, one returned
    shipped.open()
    shipped.open(standard=None, category=shipped.category)
    case = in_state(shipped, "dispatched")
    act(case, "return", actor=shipped.user("handler"), reason="不属于本单位")
    # when people are told
    tell()
    # then
    assert told("case.dispatched") == {"handler", "resident"}
    assert told("case.review_needed") == {"dispatcher"}
    assert told("case.returned") == {"dispatcher"}
    assert told("case.accepted") == {"resident"}


def test_overdue_goes_to_the_lead_unit_and_to_those_who_supervise(shipped):
    case = shipped.open()
    _overdue(case)
    tell("case.overdue")
    assert told("case.overdue") == {"handler", "supervisor"}
    urgencies = dict(Notice.objects.filter(event__name="case.overdue").values_list("person__username", "urgency"))
    assert urgencies == {"handler": "urgent", "supervisor": "normal"}


def _overdue(case):
    actor, payload = User.objects.system("timers"), {"stage": "handling"}
    events.record("case.overdue", case, actor=actor, grant=Grant("system"), payload=payload)


def test_people_of_elsewhere_are_told_nothing(shipped):
    # given a case in the other street that waits there for a dispatcher
    shipped.open(area=shipped.other_grid, standard=None)
    tell()
    # then both dispatchers whose area it is are told, the grid's own people are not: they hold another role
    assert told("case.review_needed") == {"dispatcher", "outside_dispatcher"}
    # and a case of the first street is none of the other street's dispatcher
    Notice.objects.all().delete()
    shipped.open(standard=None)
    tell()
    here = Notice.objects.exclude(event__area=shipped.other_grid)
    assert set(here.values_list("person__username", flat=True)) == {"dispatcher"}


def test_a_person_named_by_a_rule_is_told_only_of_what_they_may_see(shipped):
    rule(recipient="person", role="", part="", person=shipped.outsider("grid_worker"), event="case.reported")
    rule(recipient="person", role="", part="", person=shipped.user("grid_worker"), event="case.reported")
    shipped.report()
    tell("case.reported")
    assert told("case.reported") == {"grid_worker"}


def test_a_role_revoked_in_between_ends_the_telling(shipped):
    shipped.open()
    posts = Appointment.objects.filter(user=shipped.user("handler"))
    posts.update(valid_from=timezone.localdate() - timedelta(9), valid_to=timezone.localdate() - timedelta(1))
    tell()
    assert told("case.dispatched") == set()


def test_accounts_that_were_closed_and_processes_are_not_told(shipped):
    User.objects.filter(username="handler").update(is_active=False)
    rule(recipient="actor", role="", part="")
    shipped.open()  # dispatched by the hub, a system actor
    tell()
    assert told("case.dispatched") == set()


def test_nobody_is_told_of_what_they_did_unless_the_rule_says_so(shipped):
    case = in_state(shipped, "dispatched")
    act(case, "start", actor=shipped.user("handler"))
    rule(event="case.handling_begun")
    tell("case.handling_begun")
    assert told("case.handling_begun") == set()
    rule(event="case.handling_begun", recipient="actor", role="", part="")
    tell("case.handling_begun")
    assert told("case.handling_begun") == {"handler"}


def test_a_rule_for_an_area_or_a_detail_passes_over_the_rest(city, shipped):
    NoticeRule.objects.all().delete()
    rule(area=city.other_street)
    rule(condition={"from": "nowhere"})
    city.open()
    tell()
    assert told("case.dispatched") == set()
    rule(area=city.street, condition={"to": "dispatched"})
    tell()
    assert told("case.dispatched") == {"handler"}


def test_somebody_meant_by_two_rules_is_told_once_and_urgently(shipped):
    rule(urgency="urgent", template="case_urged")
    shipped.open()
    assert len(tell("case.dispatched")) == 1
    assert Notice.objects.get().urgency == "urgent"
    # and the same event again tells nobody twice
    assert tell("case.dispatched") == []


def test_a_unit_hears_in_its_group_what_somebody_in_it_may_see(shipped):
    own = channel(shipped, "json://1.1.1.1/a", unit=shipped.municipal)
    others = channel(shipped, "json://1.1.1.1/b", unit=shipped.water)
    switched_off = channel(shipped, "json://1.1.1.1/c", unit=shipped.municipal, is_active=False)
    rule(recipient="unit", role="", part="lead")
    rule(recipient="channel", role="", part="", channel=others)
    shipped.open()
    tell()
    tell()
    # water assists, but its only handler works in the other street: nobody there may see it
    rows = Delivery.objects.filter(notice=None)
    assert [row.channel for row in rows] == [own]
    assert not Delivery.objects.filter(channel__in=[others, switched_off]).exists()
    assert told("case.dispatched") == {"handler"} | told("case.dispatched") & {"outside_supervisor"}


def test_a_channel_of_an_area_hears_only_of_what_lies_in_it(shipped):
    here = channel(shipped, "json://1.1.1.1/a", area=shipped.street)
    there = channel(shipped, "json://1.1.1.1/b", area=shipped.other_street)
    for one in (here, there):
        rule(recipient="channel", role="", part="", channel=one)
    shipped.open()
    tell()
    assert [row.channel for row in Delivery.objects.filter(notice=None)] == [here]


def test_words_are_in_the_readers_language_and_hold_no_personal_data(shipped):
    NoticePreference.objects.create(person=shipped.user("handler"), language="en")
    case = in_state(shipped, "dispatched")
    tell()
    staff = Notice.objects.get(person=shipped.user("handler"))
    assert staff.title.startswith("Dispatched: ") and case.number in staff.title
    assert staff.url == f"/admin/cases/case/{case.pk}/change/" and staff.url not in staff.body
    resident = Notice.objects.get(person=shipped.user("resident"), event__name="case.dispatched")
    assert resident.title == "您反映的问题已交办" and resident.url == f"/r/{case.token}/"
    for text in Notice.objects.values_list("title", "body"):
        assert "张小明" not in "".join(text) and "13800001234" not in "".join(text)


def test_a_phone_is_reached_when_the_rule_or_the_person_wants_it(shipped):
    texts = channel(shipped)
    User.objects.filter(username="handler").update(phone="+99913800001")
    shipped.open()
    # given a person who wants text messages of cases
    NoticePreference.objects.create(person=shipped.user("handler"), choices={"case": "phone"})
    tell()
    row = Delivery.objects.get()
    assert (row.channel, row.notice.person.username, row.state) == (texts, "handler", "waiting")
    # and outside the product the text ends with the whole address of the page
    assert row.body == f"{row.notice.body}\n{settings.WEB_ORIGINS[0]}{row.notice.url}"


@pytest.mark.parametrize(("choice", "notices"), [("off", 0), ("product", 1)])
def test_a_person_may_be_told_less(shipped, choice, notices):
    channel(shipped)
    User.objects.filter(username="handler").update(phone="+99913800001")
    NoticePreference.objects.create(person=shipped.user("handler"), choices={"case": choice})
    shipped.open()
    tell()
    assert Notice.objects.count() == notices and not Delivery.objects.exists()


def test_the_statements_do_not_grow_with_events(shipped):
    def ask():
        with CaptureQueriesContext(connection) as caught:
            tell("case.dispatched")
        Notice.objects.all().delete()
        return len(caught)

    shipped.open()
    few = ask()
    for _ in range(6):
        shipped.open()
    assert ask() == few


def test_an_app_may_tell_people_by_itself(shipped):
    case = shipped.open()
    people = [shipped.user("handler"), shipped.outsider("grid_worker")]
    # when two people are told of whom one may not see it
    notices = notify(people, "case_urged", subject=case, context={"state": "加急"}, urgency="urgent")
    # then only the other is
    assert [notice.person for notice in notices] == [shipped.user("handler")]
    assert "加急" in Notice.objects.get().body and notices[0].pk
    # and mistakes of the caller are said
    for wrong in (
        {"template_key": "none", "subject": case},
        {"template_key": "alarm_raised", "subject": case},
        {"template_key": "case_urged", "subject": shipped.city},
        {"template_key": "case_urged", "subject": case, "context": {"phone": "1"}},
    ):
        with pytest.raises(ValueError):
            notify(people, wrong.pop("template_key"), **wrong)
    assert Notice.objects.count() == 1


def test_history_written_at_once_is_dated_as_it_happened_and_goes_nowhere(shipped):
    # given a case of two days ago and one of today, and a unit with a group
    now = timezone.now()
    channel(shipped, "json://1.1.1.1/a", unit=shipped.municipal)
    rule(recipient="unit", role="", part="lead")
    old, new = shipped.open(occurred_at=now - timedelta(days=2)), shipped.open()
    shipped.open(occurred_at=now - timedelta(days=9))
    # when people are told of the last three days
    tell_past(now - timedelta(days=3), unread_since=now - timedelta(hours=12))
    # then what is older counts as read, and nothing leaves the product
    found = {row.event.subject_id: row for row in Notice.objects.filter(event__name="case.dispatched")}
    assert set(found) == {old.pk, new.pk}
    assert found[old.pk].read_at == found[old.pk].created_at == now - timedelta(days=2)
    assert found[new.pk].read_at is None and not Delivery.objects.exists()


def test_what_is_long_past_is_forgotten(city, monkeypatch):
    monkeypatch.setattr("governance.notices.services.AT_ONCE", 2)
    now, out = timezone.now(), channel(city)
    for days in (400, 380, 370, 300):
        Notice.objects.create(person=city.user("handler"), title=str(days), body="", created_at=now - timedelta(days))
    for days in (100, 80):
        Delivery.objects.create(channel=out, title=str(days), body="", created_at=now - timedelta(days))
    assert [tasks.purge_notices(0), tasks.purge_notices(0)] == [4, 0]
    assert Notice.objects.get().title == "300" and Delivery.objects.get().title == "80"
