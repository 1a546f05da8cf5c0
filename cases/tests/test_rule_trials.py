"""Dry runs against brute force, and what must have been tried before a rule may decide; by role and door."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, DispatchRule, RuleTrial
from cases.rules import trials
from cases.rules.content import content_of, digest_of
from cases.rules.services import loaded, rule_try
from cases.tests.api import client_of
from cases.tests.rules import a_rule, switched_on
from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import registered
from governance.exchange import engine
from governance.exchange.engine import RowsRefused
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.models import Event
from governance.practice import package as practice
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of

pytestmark = pytest.mark.django_db
API = "/api/v1/dispatch-rules/"
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff", "resident",
]  # fmt: skip


def page(rule, rest="change/") -> str:
    return f"/admin/cases/dispatchrule/{rule.pk}/{rest}"


def test_steps_are_complete_and_everybody_at_work_reads_rules(city):
    assert_steps_are_complete(DispatchRule)
    assert {step.event for step in steps_of(DispatchRule).values()} <= set(registered())
    a_rule(city)
    a_rule(city, "r-2", area=city.other_street)
    assert_relation_forms_agree(DispatchRule.objects, city.people.values())


def past_cases(city) -> None:
    """Cases of both streets that went different ways."""
    for number in range(4):
        city.open(description=f"井盖翘起{number}")
    for _number in range(3):
        city.open(standard=city.roleless, description="井盖破损有燃气味")  # to water, by its role
    returned = city.open(description="井盖响")
    act(returned, "return", actor=city.user("handler"), reason="不归我管")
    city.open(area=city.other_grid, description="燃气味")
    city.open(occurred_at=timezone.now() - timedelta(days=40))  # before the days asked for
    city.report(description="燃气味")  # never dispatched


def brute_force(rule, days, unit) -> dict:
    """Look at every case by hand; ``unit`` is who the rule would have given it to, by area path."""
    counts = dict.fromkeys(("considered", "matched", "same", "other", "unled", "unresolved"), 0)
    since = timezone.now() - timedelta(days=days)
    for case in Case.objects.select_related("area", "category"):
        if case.dispatched_at is None or case.reported_at < since or rule.area.path not in case.area.path:
            continue
        counts["considered"] += 1
        categories = {row.category_id for row in rule.categories.all()}
        if categories and not categories & {case.category_id, case.category.parent_id}:
            continue
        if rule.words and not any(word in case.description for word in rule.words):
            continue
        counts["matched"] += 1
        its = unit(case)
        verdict = "unresolved" if its is None else "unled" if case.lead_unit is None else (
            "same" if its == case.lead_unit else "other")  # fmt: skip
        counts[verdict] += 1
    return counts


@pytest.mark.parametrize("kind", ["class", "words", "role", "street"])
def test_a_trial_counts_what_brute_force_counts(city, kind):
    past_cases(city)
    given = {
        "class": {"categories": [city.category.parent]},
        "words": {"words": ["燃气"]},
        "role": {"categories": [city.category], "role": "产权单位"},
        "street": {"categories": [city.category], "area": city.other_street, "lead": city.municipal},
    }[kind]
    rule = loaded(a_rule(city, **given).pk)

    def unit(case):
        if kind == "role":
            return city.water if case.area.path.startswith(city.street.path) else None
        return city.municipal if kind == "street" else city.water

    before = Case.objects.order_by("pk").values_list("version", "lead_unit")
    before = list(before)
    trial = rule_try(rule, actor=city.user("administrator"), days=30)
    expected = brute_force(rule, 30, unit)
    assert {name: getattr(trial, name) for name in expected} == expected
    assert trial.matched == trial.same + trial.other + trial.unled + trial.unresolved
    # and each case that would have gone elsewhere is named with both units
    elsewhere = {row["case"]: (row["unit"], row["rule"]) for row in trial.differing}
    assert len(elsewhere) == trial.other
    for pk, (has, its) in elsewhere.items():
        assert Case.objects.get(pk=pk).lead_unit.code == has != its
    assert list(Case.objects.order_by("pk").values_list("version", "lead_unit")) == before, "nothing was touched"
    assert Event.objects.get(name="rule.tried").payload["matched"] == trial.matched


def test_a_trial_says_what_an_earlier_rule_would_have_decided(city):
    past_cases(city)
    switched_on(city, a_rule(city, "first", words=["翘起"], priority=1))
    trial = rule_try(a_rule(city, "second", categories=[city.category]), actor=city.user("administrator"))
    assert trial.earlier == Case.objects.filter(description__contains="翘起", dispatched_at__isnull=False).count() == 4


def test_a_trial_is_bounded_and_says_so(city, monkeypatch):
    past_cases(city)
    monkeypatch.setattr(trials, "MOST_CASES", 5)
    trial = rule_try(a_rule(city, categories=[city.category]), actor=city.user("administrator"))
    assert (trial.considered, trial.cut) == (5, True)


def test_a_rule_is_switched_on_only_after_a_trial_of_its_present_content(city):
    admin, rule = city.user("administrator"), a_rule(city, categories=[city.category])
    with pytest.raises(Conflict, match="试运行"):
        act(rule, "switch_on", actor=admin)
    trial = rule_try(rule, actor=admin)
    assert trial.digest == digest_of(content_of(loaded(rule.pk))) and trial.content["priority"] == 100
    # when it is changed after the trial, the trial no longer counts
    rule = DispatchRule.objects.get(pk=rule.pk)
    rule.words = ["燃气"]
    configuration_save(rule, actor=admin, changed=["words"])
    with pytest.raises(Conflict):
        act(rule, "switch_on", actor=admin)
    fresh = rule_try(rule, actor=admin)
    on = act(rule, "switch_on", actor=admin)
    assert on.state == "on"
    assert Event.objects.get(name="rule.switched_on").payload["trial"] == fresh.pk
    # and while it decides nobody changes it
    on.words = []
    with pytest.raises(Conflict, match="停用"):
        configuration_save(on, actor=admin, changed=["words"])
    off = act(DispatchRule.objects.get(pk=rule.pk), "switch_off", actor=admin, reason="试行结束")
    # and a form that was opened before cannot bring its old state back
    off.version -= 1
    with pytest.raises(Conflict):
        configuration_save(off, actor=admin, changed=["words"])


@pytest.mark.parametrize(("given", "field"), [({}, "categories"), ({"categories": "yes", "lead": "none"}, "units")])
def test_a_rule_that_lacks_something_is_neither_tried_nor_switched_on(city, given, field):
    rule = a_rule(city, categories=[city.category] if given else [])
    if given:
        rule.units.all().delete()
    for attempt in (lambda: rule_try(rule, actor=city.user("administrator")),
                    lambda: act(rule, "switch_on", actor=city.user("administrator"))):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.field == field
    assert not RuleTrial.objects.exists() and not Event.objects.exists()


def test_who_may_try_and_switch_by_each_door(city):
    rule = a_rule(city, categories=[city.category])
    people = [(role, city.user(role)) for role in ROLES] + [("outsider", city.outsider("administrator"))]
    for role, user in people:
        client, before = client_of(user), snapshot(rule)
        if role == "administrator":
            continue
        expected = 404 if role == "resident" else 403
        for rest in ("try/", "transitions/switch_on/", "transitions/switch_off/"):
            assert client.post(f"{API}r-1/{rest}", {"reason": "x"}).status_code == expected, (role, rest)
        for rest in ("try/", "transition/switch_on/"):
            answer = client.post(page(rule, rest), {"days": "30"}, format="multipart")
            assert answer.status_code == (302 if role == "resident" else 403), (role, rest)
        assert client.post(page(rule, "edit/"), {"name": "x"}, format="multipart").status_code in (302, 403)
        assert snapshot(rule) == before and not RuleTrial.objects.exists()
        with pytest.raises(NotPermitted):
            rule_try(rule, actor=user)
        seen = client.get(f"{API}r-1/")  # the rule is read, not changed
        assert seen.status_code == (403 if role == "resident" else 200), role
        assert role == "resident" or seen.json()["transitions"] == []


def test_an_administrator_goes_the_whole_way_through_both_doors(city):
    past_cases(city)
    admin, rule = client_of(city.user("administrator")), a_rule(city, categories=[city.category])
    # through the API
    assert admin.post(f"{API}r-1/transitions/switch_on/", {}).status_code == 409
    tried = admin.post(f"{API}r-1/try/", {"days": 30})
    assert tried.status_code == 201 and tried.json()["other"] >= 1
    assert admin.post(f"{API}r-1/try/", {"days": 0}).json()["errors"][0]["attr"] == "days"
    told = admin.get(f"{API}r-1/").json()
    assert told["tried"] is True and told["trial"]["matched"] == tried.json()["matched"]
    assert told["categories"] == ["0101"] and told["units"] == [{"part": "lead", "unit": "water", "role_name": ""}]
    assert admin.post(f"{API}r-1/transitions/switch_on/", {}).json()["state"] == "on"
    # through the admin: the page shows the cases that would have gone elsewhere, and what may be done now
    html = admin.get(page(rule)).content.decode()
    elsewhere = RuleTrial.objects.get().differing[0]["case"]
    assert Case.objects.get(pk=elsewhere).number in html and "switch_off" in html and "switch_on" not in html
    assert admin.get(page(rule, "edit/")).status_code == 409
    assert admin.post(page(rule, "transition/switch_off/"), {}, format="multipart").status_code == 400, "why?"
    posted = admin.post(page(rule, "transition/switch_off/"), {"reason": "试行结束"}, format="multipart")
    assert posted.status_code == 302
    assert admin.post(page(rule, "try/"), {"days": "7"}, format="multipart").status_code == 302
    assert admin.post(page(rule, "try/"), {"days": "x"}, format="multipart").status_code == 400
    assert RuleTrial.objects.count() == 2


def form_of(city, **given) -> dict:
    parts = {"categories-TOTAL_FORMS": "1", "categories-INITIAL_FORMS": "0", "categories-0-category": city.category.pk,
             "units-TOTAL_FORMS": "1", "units-INITIAL_FORMS": "0", "units-0-part": "lead",
             "units-0-unit": city.water.pk, "units-0-position": "0"}  # fmt: skip
    rule = {
        "code": "gas", "name": "燃气异味", "priority": "10", "area": city.city.pk, "sources": ["hotline"],
        "words": "燃气、煤气", "weekdays": ["0", "6"], "limit_amount": "1", "limit_unit": "urgent_hour",
    }  # fmt: skip
    return rule | parts | given


def test_a_rule_is_written_in_the_form(city):
    admin = client_of(city.user("administrator"))
    answer = admin.post(reverse("admin:cases_dispatchrule_add"), form_of(city), format="multipart")
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    rule = loaded(DispatchRule.objects.get(code="gas").pk)
    assert (rule.words, rule.sources, rule.weekdays, rule.state) == (["燃气", "煤气"], ["hotline"], [0, 6], "draft")
    assert rule.category_keys == [city.category.pk] and rule.units.get().unit == city.water
    # half an hour window, half a limit and another's area are refused at their field
    for wrong in ({"code": "b", "limit_unit": ""}, {"code": "b", "from_time": "22:00"}):
        answer = admin.post(reverse("admin:cases_dispatchrule_add"), form_of(city, **wrong), format="multipart")
        assert answer.status_code == 200 and "errornote" in answer.content.decode() or b"errors" in answer.content
    outsider = client_of(city.outsider("administrator"))
    assert outsider.post(reverse("admin:cases_dispatchrule_add"), form_of(city, code="b"), format="multipart"
                         ).status_code == 403  # fmt: skip
    assert DispatchRule.objects.count() == 1


def bring(text: str, actor):
    return engine.run(importer_named("cases.dispatchrule")({}), Source("rules.csv", text.encode()), actor=actor)


HEAD = "code,name,priority,area,sources,words,from_time,to_time,categories,lead,assisting,limit_amount,limit_unit\n"
LINE = (
    "gas,燃气异味,10,{area},居民、hotline,燃气、煤气,22:00,06:00,{category},water,物业单位、municipal,1,urgent_hour\n"
)


def test_rules_come_in_as_drafts_and_a_second_time_change_nothing(city):
    admin = city.user("administrator")
    text = HEAD + LINE.format(area=city.city.code, category="0101")
    assert (bring(text, admin).adds, bring(text, admin).adds) == (1, 0)
    rule = loaded(DispatchRule.objects.get(code="gas").pk)
    assert (rule.state, rule.words, rule.sources) == ("draft", ["燃气", "煤气"], ["resident", "hotline"])
    parts = {(row.part, row.unit.code if row.unit else row.role_name) for row in rule.units.all()}
    assert parts == {("lead", "water"), ("assisting", "物业单位"), ("assisting", "municipal")}
    # bad lines are named, and one that is switched on is not changed
    with pytest.raises(RowsRefused) as refused:
        bring(HEAD + LINE.format(area=city.city.code, category="9999"), admin)
    assert [(error.line, error.column) for error in refused.value.report.errors] == [(2, "categories")]
    switched_on(city, rule)
    with pytest.raises(RowsRefused):
        bring(text.replace("22:00", "23:00"), admin)
    assert DispatchRule.objects.get(code="gas").from_time.hour == 22


def test_rules_and_scenes_travel_with_the_practice_without_units_and_areas(city):
    a_rule(city, categories=[city.category], words=["燃气"])
    a_rule(city, "local", area=city.street, words=["x"])
    package = practice.written(actor=city.user("administrator"), only=["dispatch_rules"])
    [row] = package["parts"]["dispatch_rules"]
    assert row["key"] == ["r-1"] and "area" not in row["fields"]
    assert row["children"]["units"] == [{"part": "lead", "position": 0, "role_name": "water单位"}]
    # when another place takes it, it holds in that city, as a draft
    DispatchRule.objects.all().delete()
    practice.apply(package, actor=city.user("administrator"))
    rule = DispatchRule.objects.get(code="r-1")
    assert (rule.area, rule.state, rule.units.get().unit) == (city.city, "draft", city.water)
