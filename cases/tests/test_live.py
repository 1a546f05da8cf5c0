"""``/ws/v1/reports/<token>/``, and what staff see of a case live."""

import json

import pytest
from django.db import transaction
from django.utils import timezone

from cases.live import live_rows
from cases.models import Case
from cases.timeline import public_progress
from governance.live.audience import encode
from governance.live.threads import in_language, in_thread
from governance.models import User
from governance.tests.live_clients import WAIT, live
from governance.workflow import act


def step(case, name, actor, **data):
    return act(Case.objects.get(pk=case.pk), name, actor=actor, **data)


async def follow(running, case):
    return await running.socket(f"/ws/v1/reports/{case.token}/").open()


@pytest.mark.django_db(transaction=True)
async def test_a_reporter_without_an_account_sees_where_it_stands_and_each_step(city):
    async with live() as running:
        case = await in_thread(city.report)
        socket = await follow(running, case)
        # given the present state comes at once
        first = await socket.next()
        expected = await in_language("zh-hans", public_progress, case)
        assert first == json.loads(encode({"type": "progress"} | expected))
        # when it is accepted and dispatched, then this comes without asking
        await in_thread(step, case, "accept", city.user("registrar"), category=city.category, standard=city.standard)
        message = await socket.next()
        while message["state"] != "dispatched":
            message = await socket.next()
        assert message["unit"] == city.municipal.name
        assert message["promised_at"]


@pytest.mark.django_db(transaction=True)
async def test_a_reporter_hears_no_names_and_nothing_of_what_stays_inside(city):
    async with live() as running:
        case = await in_thread(city.open)
        socket = await follow(running, case)
        await socket.next()
        # when staff write a note and the unit gives it back, with reasons
        handler = city.user("handler")
        await in_thread(step, case, "note", city.user("dispatcher"), reason="内部备注")
        await in_thread(step, case, "return", handler, reason="不归我们管")
        message = await socket.next()
        while message["unit"]:
            message = await socket.next()
        # then neither the words nor anybody's name are sent
        text = json.dumps(message, ensure_ascii=False)
        names = [user.name for user in await in_thread(lambda: list(User.objects.filter(is_system=False)))]
        for word in ("内部备注", "不归我们管", *names):
            assert word not in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("token", ["x", "a" * 32, "%00", "1", "a" * 5000, "%C3%A9"])
async def test_a_foreign_token_is_refused(city, token):
    async with live() as running:
        await in_thread(city.report)
        socket = await running.socket(f"/ws/v1/reports/{token}/").open()
        assert await socket.refused() == ("not_found", 4404)
        await socket.wait(timeout=WAIT)
        assert running.relay.sockets == 0


@pytest.mark.django_db(transaction=True)
async def test_other_peoples_cases_are_not_told(city):
    async with live() as running:
        mine, other = await in_thread(city.report), await in_thread(city.report)
        socket = await follow(running, mine)
        await socket.next()
        await in_thread(step, other, "accept", city.user("registrar"), category=city.category)
        assert await socket.has_nothing()


@pytest.mark.django_db(transaction=True)
async def test_a_batch_that_is_gone_makes_it_look(city):
    async with live(kept=0) as running:
        case = await in_thread(city.report)
        socket = await follow(running, case)
        await socket.next()
        await in_thread(step, case, "accept", city.user("registrar"), category=city.category)
        assert (await socket.next())["state"] == "accepted"


def report(city, count):
    """Let so many cases be reported in one transaction, as an import or a storm does."""
    with transaction.atomic():
        return [city.report() for _ in range(count)]


@pytest.mark.django_db(transaction=True)
async def test_one_step_is_told_by_itself_those_of_a_few_cases_whole_and_of_many_together(city):
    async with live() as running:
        socket = await running.follow(city.user("dispatcher"))
        # when one case is reported, it is an event of its own
        (case,) = await in_thread(report, city, 1)
        event = await socket.next()
        assert (event["type"], event["number"]) == ("event", case.number)
        # when three are, in one grid at once, it is one message with all that a page shows of each
        cases = await in_thread(report, city, 3)
        said = await socket.next()
        assert [event["number"] for event in said["events"]] == [case.number for case in cases]
        assert said["cursor"] == said["events"][-1]["cursor"]
        # and when more are, it is one that says how many and leads to them
        cases = await in_thread(report, city, 4)
        said = await socket.next()
        assert (said["type"], said["count"], said["names"]) == ("update", 4, {"case.reported": 4})
        assert said["about"] == {"cases.case": [case.pk for case in cases]}
        assert (said["area"], said["label"]) == (city.grid.name, "已上报 × 4")
        assert said["url"] == f"/admin/cases/case/?area={city.grid.pk}"
        # after which the place to come back to is told
        assert (await socket.next())["type"] == "cursor"


@pytest.mark.django_db
def test_a_row_needs_no_statement_of_its_own(city, django_assert_num_queries):
    for _ in range(3):
        city.open()
    cases = list(Case.objects.select_related("area", "category", "lead_unit"))
    with django_assert_num_queries(0):
        rows = live_rows(cases)
    case = cases[0]
    assert rows[case.pk] | {"url": ""} == {
        "number": case.number, "state": "dispatched", "state_label": case.get_state_display(), "category": "井盖",
        "area": str(city.grid), "address": "", "due_at": case.due_at, "overdue": case.due_at < timezone.now(),
        "lead_unit": str(city.municipal), "version": case.version, "url": "",
    }  # fmt: skip
    assert rows[case.pk]["url"].startswith("/admin/cases/case/")
