"""Channels and rules come in by Excel or CSV; a channel's address comes in and is nowhere to be read afterwards."""

import pytest
from django.test import Client
from django.urls import reverse

from conftest import build_city
from governance.exchange.engine import check
from governance.exchange.importers import grant_to_import, importer_named
from governance.exchange.runs import carry_out, import_check, import_confirm
from governance.exchange.tests.material import bring, counted, text, wrong_lines
from governance.models import Event, ImportFile, NoticeChannel, NoticeRule
from governance.notices import sealing
from governance.notices.tests.conftest import load_shipped
from governance.practice import package

CHANNEL = ["code", "name", "kind", "area", "unit", "rate", "address"]
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=5ecret5ecret5ecret5ecret5ecret5ecret5ecret5ecret5ecret5ecre"
GROUP = ["duty", "值班群", "钉钉群机器人", "990100", "", "10", ROBOT]
RULE = ["code", "name", "event", "condition", "recipient", "role", "part", "unit", "channel", "template", "urgency"]
TOLD = ["r1", "派单通知", "case.dispatched", "", "role", "处置人员", "lead", "", "", "case_dispatched", "紧急"]


def address_of(code: str) -> str:
    return sealing.opened(NoticeChannel.objects.get(code=code).address_sealed)


def test_a_channel_with_its_address_and_again_without_it(city):
    admin = city.user("administrator")
    assert counted(bring("governance.noticechannel", [CHANNEL, GROUP], admin)) == (1, 0, 0)
    assert address_of("duty").startswith("dingtalk://5ecret")
    assert counted(bring("governance.noticechannel", [CHANNEL, GROUP], admin)) == (0, 0, 1)
    # an empty cell keeps the address, another one replaces it
    assert counted(bring("governance.noticechannel", [CHANNEL, [*GROUP[:5], "30", ""]], admin)) == (0, 1, 0)
    assert address_of("duty").startswith("dingtalk://5ecret") and NoticeChannel.objects.get().rate == 30
    other = [*GROUP[:5], "", "dingtalk://" + "a" * 60]
    assert counted(bring("governance.noticechannel", [CHANNEL, other], admin)) == (0, 1, 0)
    assert address_of("duty") == other[-1]
    changes = [row.payload["fields"] for row in Event.objects.filter(name="config.changed").order_by("id")]
    assert changes[1:] == [["rate"], ["address"]] and "address" in changes[0]


def test_bad_channels_are_named_and_no_message_repeats_a_secret(city):
    admin = city.user("administrator")
    bring("governance.noticechannel", [CHANNEL, GROUP], admin)
    rows = [CHANNEL, ["a", "甲", "没有", "990100", "", "", ROBOT], ["b", "乙", "dingtalk", "990199", "", "", ROBOT],
            ["c", "丙", "dingtalk", "990100", "", "", "file:///5ecret"],
            ["d", "丁", "dingtalk", "990100", "", "", ""], ["e", "戊", "dingtalk", "990100", "", "0", ROBOT],
            ["duty", "群", "mail", "990100", "", "", ""]]  # fmt: skip
    assert wrong_lines("governance.noticechannel", rows, admin) == [
        (2, "kind"), (3, "area"), (4, "address"), (5, "address"), (6, "rate"), (7, "kind"),
    ]  # fmt: skip
    report = check(importer_named("governance.noticechannel")(), text(rows), actor=admin)
    assert "5ecret" not in str(report)
    # an administrator keeps to the own street
    rows = [CHANNEL, ["f", "己", "dingtalk", "990102001", "", "", ROBOT]]
    assert wrong_lines("governance.noticechannel", rows, city.outsider("administrator")) == [(2, "")]
    for role in ("operations_centre", "community_staff", "resident"):
        assert grant_to_import(importer_named("governance.noticechannel"), city.user(role)) is None


@pytest.mark.django_db(transaction=True)
def test_the_secret_is_readable_neither_in_the_file_that_waits_nor_in_any_export(transactional_db):
    admin = build_city().user("administrator")
    # given a file that waits to be confirmed
    run = import_check(actor=admin, key="governance.noticechannel", sources=[text([CHANNEL, GROUP])])
    assert b"5ecret" not in bytes(ImportFile.objects.get().content)
    assert "5ecret" not in str(type(run).objects.values().get())
    # when it is stored
    import_confirm(run, actor=admin)
    assert carry_out(run.pk).state == "done"
    assert address_of("duty").startswith("dingtalk://5ecret")
    # then neither the list nor a practice package takes it out
    client = Client()
    client.force_login(admin)
    out = client.post(reverse("admin:governance_noticechannel_export_changelist"), {"format": "csv"})
    told = b"".join(out.streaming_content).decode("utf-8-sig")
    assert "值班群" in told and "5ecret" not in told and "dingtalk://" not in told
    assert "5ecret" not in str(package.written(actor=admin))


def test_rules_name_their_event_recipient_and_words(city):
    load_shipped()
    admin = city.user("administrator")
    bring("governance.noticechannel", [CHANNEL, GROUP], admin)
    before = NoticeRule.objects.count()
    rows = [RULE, TOLD, ["r2", "挂牌", "案件已派单", '{"source": "hotline"}', "channel", "", "", "", "duty",
                         "case_dispatched", ""]]  # fmt: skip
    rows[2][2] = "case.overdue"
    assert counted(bring("governance.noticerule", rows, admin)) == (2, 0, 0)
    assert counted(bring("governance.noticerule", rows, admin)) == (0, 0, 2)
    rule = NoticeRule.objects.get(code="r2")
    assert (rule.condition, rule.channel.code, rule.urgency) == ({"source": "hotline"}, "duty", "normal")
    assert NoticeRule.objects.get(code="r1").role == "handler" and NoticeRule.objects.count() == before + 2
    # a dash empties what no longer fits
    other = ["r1", "派单通知", "case.dispatched", "", "unit", "-", "lead", "", "", "", ""]
    assert wrong_lines("governance.noticerule", [RULE, [*other[:5], "", *other[6:]]], admin) == [(2, "template")]
    other[9] = "case_dispatched"
    assert wrong_lines("governance.noticerule", [RULE, [*other[:5], "", *other[6:]]], admin) == [(2, "role")]
    assert counted(bring("governance.noticerule", [RULE, other], admin)) == (0, 1, 0)
    assert NoticeRule.objects.get(code="r1").role == ""


def test_bad_rules_are_named(city):
    load_shipped()
    changed = [{"event": "case.no"}, {"condition": "stage=handling"}, {"condition": '{"a": [1]}'}, {"role": ""},
               {"role": "system"}, {"unit": "water"}, {"template": "no"}, {"channel": "no"}]  # fmt: skip
    rows = [[{**dict(zip(RULE, TOLD, strict=True)), **one}[name] for name in RULE] for one in changed]
    for number, row in enumerate(rows):
        row[0] = f"x{number}"
    assert wrong_lines("governance.noticerule", [RULE, *rows], city.user("administrator")) == [
        (2, "event"), (3, "condition"), (4, "condition"), (5, "role"), (6, "role"), (7, "unit"), (8, "template"),
        (9, "channel"),
    ]  # fmt: skip
    # a rule for the whole city is not a street's to make
    assert wrong_lines("governance.noticerule", [RULE, TOLD], city.outsider("administrator")) == [(2, "")]
