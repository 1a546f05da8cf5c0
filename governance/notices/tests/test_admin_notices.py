"""The admin's pages: the bell and one's own notices for everybody, rules, templates, channels, messages for few."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.models import Delivery, Event, Notice, NoticeChannel, NoticePreference, NoticeRule, NoticeTemplate
from governance.notices import sealing
from governance.notices.tests.conftest import channel, rule

STAFF = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff"]  # fmt: skip
LIST = "/admin/governance/notice/"
RULED = ["noticerule", "noticetemplate", "noticechannel"]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notice(person, **given) -> Notice:
    return Notice.objects.create(
        person=person, **{"title": "标题", "body": "内容", "url": "/admin/cases/case/"} | given
    )


def page(name, row=None, rest="") -> str:
    if row is None:
        return reverse(f"admin:governance_{name}_changelist") + rest
    return reverse(f"admin:governance_{name}_change", args=[row.pk]).replace("change/", "") + (rest or "change/")


@pytest.mark.parametrize("role", STAFF)
def test_everybody_who_works_here_sees_their_own_notices_and_no_others(city, role):
    mine, other = notice(city.user(role), title="我的"), notice(city.outsider(role), title="别人的")
    client = client_of(city.user(role))
    html = client.get(LIST).content.decode()
    assert "我的" in html and "别人的" not in html
    # when somebody else's is opened or looked at, then it does not exist, and nothing changes
    assert client.post(f"{LIST}{other.pk}/open/").status_code == 404
    assert client.get(page("notice", other)).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None
    # when the own one is opened, it is read and leads to its page
    answer = client.post(f"{LIST}{mine.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/cases/case/")
    mine.refresh_from_db()
    assert mine.read_at is not None


def test_residents_and_strangers_are_sent_to_sign_in(city):
    row = notice(city.user("resident"))
    for client in (Client(), client_of(city.user("resident"))):
        for path in ("", "unread/", "preferences/"):
            assert client.get(LIST + path).status_code == 302
        assert client.post(f"{LIST}{row.pk}/open/").status_code == 302
    row.refresh_from_db()
    assert row.read_at is None


def test_looking_changes_nothing(city):
    row = notice(city.user("handler"))
    client = client_of(city.user("handler"))
    for path in ("", "unread/", "preferences/"):
        assert client.get(LIST + path).status_code == 200
    for path in ("read-all/", f"{row.pk}/open/"):
        assert client.get(LIST + path).status_code == 405
    row.refresh_from_db()
    assert row.read_at is None


def test_the_bell_counts_on_every_page_for_one_statement(city):
    client = client_of(city.user("handler"))

    def ask():
        with CaptureQueriesContext(connection) as caught:
            html = client.get("/admin/").content.decode()
        return len([row for row in caught if "governance_notice" in row["sql"]]), html

    count, html = ask()
    assert count == 1 and 'id="jiceng-bell"' in html and 'role="status" hidden' in html
    for _ in range(3):
        notice(city.user("handler"))
    notice(city.user("supervisor"))
    count, html = ask()
    assert count == 1 and 'role="status">3<' in html
    Notice.objects.bulk_create([Notice(person=city.user("handler"), title="x", body="x") for _ in range(120)])
    assert client.get(f"{LIST}unread/").json() == {"unread": "99+"}
    # when all are read, then it is silent
    client.post(f"{LIST}read-all/")
    assert client.get(f"{LIST}unread/").json() == {"unread": ""}
    assert Notice.objects.unread().count() == 1


def test_the_list_goes_on_to_older_ones_with_the_same_statements(city):
    client = client_of(city.user("handler"))

    def ask(address):
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(address)
        return len(caught), answer.context

    notice(city.user("handler"))
    few, _context = ask(LIST)
    Notice.objects.bulk_create(
        [Notice(person=city.user("handler"), title=f"第{number}条", body="x") for number in range(40)]
    )
    many, context = ask(LIST)
    assert few == many and len(context["notices"]) == 30
    _count, rest = ask(f"{LIST}?before={context['older']}")
    assert len(rest["notices"]) == 11 and rest["older"] is None
    assert ask(f"{LIST}?before=x")[1]["notices"] == context["notices"]


def test_a_notice_never_leads_away_from_here(city):
    row = notice(city.user("handler"), url="https://evil.example/")
    assert client_of(city.user("handler")).post(f"{LIST}{row.pk}/open/")["Location"] == LIST


def test_choices_are_made_on_a_page(city):
    rule(code="one")
    client = client_of(city.user("handler"))
    given = {"language": "en", "quiet_from": "23:00", "quiet_to": "06:00", "choice_0": "phone", "choice_1": ""}
    assert client.post(f"{LIST}preferences/", given).status_code == 302
    kept = NoticePreference.objects.get()
    assert (kept.person, kept.language, kept.choices, kept.urgent_any_time) == (
        city.user("handler"), "en", {"case": "phone"}, False
    )  # fmt: skip
    # and what cannot be meant is said at its field
    answer = client.post(f"{LIST}preferences/", given | {"quiet_to": ""})
    assert answer.status_code == 200 and answer.context["form"].errors["quiet_to"]
    assert NoticePreference.objects.get().choices == {"case": "phone"}


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_rules_templates_channels_and_messages(shipped, role):
    client = client_of(shipped.user(role))
    out = channel(shipped)
    message = Delivery.objects.create(channel=out, title="标题", body="内容", state="given_up")
    expected = 200 if role == "administrator" else 403
    for name in [*RULED, "delivery"]:
        assert client.get(page(name)).status_code == expected, name
    for name, model in zip(RULED, (NoticeRule, NoticeTemplate, NoticeChannel), strict=True):
        assert client.get(page(name, rest="add/")).status_code == expected, name
        assert client.get(page(name, model.objects.first())).status_code == expected, name
    assert client.get(page("delivery", rest="add/")).status_code == 403
    if role != "administrator":
        assert client.post(page("noticechannel", out, "test/")).status_code in (403, 404)
        assert client.post(page("delivery", message, "retry/")).status_code in (403, 404)
        message.refresh_from_db()
        assert message.state == "given_up"
        assert not Event.objects.filter(name__startswith="notice_channel").exists()


def test_an_administrator_of_another_area_sees_none_of_the_citys(shipped):
    client = client_of(shipped.outsider("administrator"))
    out = channel(shipped)
    message = Delivery.objects.create(channel=out, title="标题", body="内容", state="given_up")
    for name in [*RULED, "delivery"]:
        assert not client.get(page(name)).context["cl"].result_list, name
    for name, row in (("noticerule", NoticeRule.objects.first()), ("noticetemplate", NoticeTemplate.objects.first()),
                      ("noticechannel", out), ("delivery", message)):  # fmt: skip
        assert client.get(page(name, row)).status_code == 404, name
    for address in (page("noticechannel", out, "test/"), page("delivery", message, "retry/")):
        assert client.post(address).status_code == 404


def test_lists_need_the_same_statements_for_any_number_of_rows(shipped):
    client = client_of(shipped.user("administrator"))

    def ask(name):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page(name)).status_code == 200
        return len(caught)

    out = channel(shipped)
    Delivery.objects.create(channel=out, title="x", body="x", notice=notice(shipped.user("handler")))
    for name in [*RULED, "delivery"]:
        ask(name)
    few = {name: ask(name) for name in [*RULED, "delivery"]}
    for number in range(8):
        more = channel(shipped, unit=shipped.municipal)
        rule(area=shipped.street, code=f"more{number}")
        NoticeTemplate.objects.create(key=f"more{number}", language="en", context="cases.case", title="x", body="x")
        Delivery.objects.create(channel=more, title="x", body="x", notice=notice(shipped.user("handler")))
    assert {name: ask(name) for name in few} == few
    assert max(few.values()) <= 12


TEMPLATE = {"key": "mine", "language": "zh-hans", "context": "cases.case", "title": "案件 {{ number }}", "body": "x"}


def test_a_template_is_saved_and_shown_with_a_preview(shipped):
    client = client_of(shipped.user("administrator"))
    assert client.post(page("noticetemplate", rest="add/"), TEMPLATE).status_code == 302
    row = NoticeTemplate.objects.get(key="mine")
    html = client.get(page("noticetemplate", row)).content.decode()
    assert "案件 ‹" in html and "{{ lead_unit }}" in html
    assert Event.objects.filter(name="config.changed", subject_type="governance.noticetemplate").count() == 1


def test_a_template_with_an_unknown_variable_is_refused_by_name(shipped):
    client = client_of(shipped.user("administrator"))
    answer = client.post(page("noticetemplate", rest="add/"), TEMPLATE | {"body": "{{ phone }}"})
    assert answer.status_code == 200 and "phone" in str(answer.context["adminform"].form.errors["body"])
    assert not NoticeTemplate.objects.filter(key="mine").exists()


RULE = {"code": "mine", "name": "规则", "event": "case.closed", "condition": "", "recipient": "role",
        "role": "registrar", "part": "area", "template": "reporter_closed", "urgency": "normal", "reach": "product",
        "is_active": "on"}  # fmt: skip


def test_a_rule_is_saved(shipped):
    client = client_of(shipped.user("administrator"))
    answer = client.post(page("noticerule", rest="add/"), RULE)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert NoticeRule.objects.get(code="mine").role == "registrar"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"event": "case.eaten"}, "event"),
        ({"template": "none"}, "template"),
        ({"role": ""}, "role"),
        ({"recipient": "person", "role": "", "part": ""}, "person"),
        ({"recipient": "reporter"}, "role"),
        ({"recipient": "unit", "role": "", "part": ""}, "unit"),
        ({"condition": json.dumps({"a": {"b": 1}})}, "condition"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_at_its_field(shipped, wrong, field):
    answer = client_of(shipped.user("administrator")).post(page("noticerule", rest="add/"), RULE | wrong)
    assert answer.status_code == 200 and field in answer.context["adminform"].form.errors
    assert not NoticeRule.objects.filter(code="mine").exists()


SECRET = "abcdef12-1234-1234-1234-123456789012"


def test_the_address_of_a_channel_is_written_and_never_shown(shipped):
    # given a channel made with an address
    client = client_of(shipped.user("administrator"))
    given = {"code": "group", "name": "群", "kind": "wecom", "area": shipped.city.pk, "rate": 10, "is_active": "on",
             "address": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={SECRET}"}  # fmt: skip
    answer = client.post(page("noticechannel", rest="add/"), given)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    row = NoticeChannel.objects.get()
    assert sealing.opened(row.address_sealed) == f"wecombot://{SECRET}/" and SECRET not in row.address_sealed
    # then no page, list, history or event tells it
    for address in (page("noticechannel", row), page("noticechannel"), page("noticechannel", row, "history/")):
        html = client.get(address).content.decode()
        assert SECRET not in html
    assert "wecombot://****" in client.get(page("noticechannel", row)).content.decode()
    assert SECRET not in str(list(Event.objects.values()))
    # when it is changed without an address, then the old one stays
    changed = {key: value for key, value in given.items() if key not in ("address", "code", "kind")} | {"rate": 5}
    assert client.post(page("noticechannel", row), changed).status_code == 302
    fresh = NoticeChannel.objects.get()
    assert fresh.rate == 5 and fresh.address_sealed == row.address_sealed


@pytest.mark.parametrize("address", ["file:///etc/passwd", "json://127.0.0.1/x", "", "wecombot://x y"])
def test_an_address_that_is_not_allowed_is_refused_and_not_repeated(shipped, address):
    given = {"code": "group", "name": "群", "kind": "webhook", "area": shipped.city.pk, "rate": 10, "address": address}
    answer = client_of(shipped.user("administrator")).post(page("noticechannel", rest="add/"), given)
    assert answer.status_code == 200 and answer.context["adminform"].form.errors["address"]
    assert not address or address not in answer.content.decode()
    assert not NoticeChannel.objects.exists()


def test_a_channel_is_tried_and_a_message_sent_once_more_from_their_pages(shipped, service):
    client = client_of(shipped.user("administrator"))
    out = channel(shipped, service.address)
    assert f"{out.pk}/test/" in client.get(page("noticechannel", out)).content.decode()
    assert client.post(page("noticechannel", out, "test/")).status_code == 302 and len(service.bodies) == 1
    service.status = 500
    assert client.post(page("noticechannel", out, "test/")).status_code >= 400
    message = Delivery.objects.create(channel=out, title="标题", body="内容", state="given_up")
    assert f"{message.pk}/retry/" in client.get(page("delivery", message)).content.decode()
    assert client.post(page("delivery", message, "retry/")).status_code == 302
    message.refresh_from_db()
    assert message.state == "waiting"
    assert client.post(page("delivery", message, "retry/")).status_code == 409
