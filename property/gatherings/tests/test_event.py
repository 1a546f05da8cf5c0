"""An event from its plan to the settlement: venue, check-in, volunteers, photos, feedback, cost."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, transaction
from docx import Document
from openpyxl import load_workbook

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Estate, Event, Notice, Residency
from governance.timers import fire_due
from property.gatherings.attendance import event_check_in
from property.gatherings.check_in import code_of
from property.gatherings.costs import settlement_of
from property.gatherings.documents import table_of, word_of
from property.gatherings.feedback import feedback_give, rating_of
from property.gatherings.offered import offered
from property.gatherings.tests.festival import BEGINS, ENDS, NOW
from property.gatherings.volunteers import volunteer
from property.models import EventCostLine, NeighbourEvent, SignUp, Volunteering

pytestmark = pytest.mark.django_db


def test_what_a_cancelled_event_cost_is_settled_too(square):
    event = square.in_state("cancelled")
    line = {"title": "糯米", "source": "subsidy", "source_text": "社区补贴", "stage": "actual", "amount": Decimal("80")}
    event = square.step(event, "add_cost", **line)
    assert event.title in client_of(square.organiser).get("/admin/").content.decode()
    event = square.step(event, "settle_cancelled")
    assert event.state == "cancelled"
    told = client_of(square.neighbours[0]).get(f"/api/v1/me/gatherings/{event.pk}/").json()
    assert told["settlement"]["actual"] == "80.00"
    for name, given in (("add_cost", line), ("settle_cancelled", {})):
        with pytest.raises(Conflict):
            square.step(event, name, **given)
    square.step(event, "correct_cost", line=1, amount=Decimal("-1"), reason="票据有误")


def test_a_festival_groups_events_and_has_a_programme_in_order(square):
    festival = square.open(kind="festival", title="邻里节", places=0, venue=None, place="中心广场")
    part = square.open(title="文艺汇演", kind="performance", parent=festival)
    for title, position in (("合唱", None), ("太极", None), ("开场", 1)):
        part = square.step(part, "add_item", title=title, performers="二栋", minutes=5, position=position)
    assert list(part.programme.values_list("position", "title")) == [(1, "开场"), (2, "合唱"), (3, "太极")]
    part = square.step(part, "drop_item", position=2)
    assert list(part.programme.values_list("position", "title")) == [(1, "开场"), (2, "太极")]
    with pytest.raises(Invalid):
        square.step(part, "drop_item", position=9)
    told = client_of(square.neighbours[0]).get(f"/api/v1/me/gatherings/{festival.pk}/").json()
    assert [one["title"] for one in told["parts"]] == ["文艺汇演"] and told["free"] == 0
    # a part for the residents of another estate is not told here
    elsewhere = Estate.objects.create(code="LY", name="柳园", area=square.place.estate.area)
    square.open(title="柳园猜灯谜", parent=festival, estate=elsewhere, venue=None, place="柳园")
    told = client_of(square.neighbours[0]).get(f"/api/v1/me/gatherings/{festival.pk}/").json()
    assert [one["title"] for one in told["parts"]] == ["文艺汇演"]


def test_people_check_in_by_code_and_by_name_and_who_stays_away_is_counted(square):
    event = square.open(places=3)
    for number in range(4):
        square.sign_up(event, number)
    with time_machine.travel(BEGINS - timedelta(hours=2), tick=False), pytest.raises(Conflict):
        event_check_in(actor=square.neighbours[0], code=code_of(event, BEGINS - timedelta(hours=2)))
    with time_machine.travel(BEGINS, tick=False):
        event = square.go(event, "begin")
        # by the code on the screen, not by an old or made-up one
        for code in (code_of(event, BEGINS - timedelta(minutes=7)), f"{event.pk}-1-{'0' * 20}", "x"):
            with pytest.raises(Invalid):
                event_check_in(actor=square.neighbours[0], code=code)
        row = event_check_in(actor=square.neighbours[0], code=code_of(event, BEGINS))
        assert (row.state, row.way) == ("checked_in", "code")
        with pytest.raises(Conflict):
            event_check_in(actor=square.neighbours[0], code=code_of(event, BEGINS))
        # by the organiser
        second = SignUp.objects.get(event=event, person=square.neighbours[1])
        assert square.step(second, "check_in").way == "hand"
        # who waits, or only came by, needs a free place
        with pytest.raises(Conflict) as refused:
            event_check_in(actor=square.neighbours[3], code=code_of(event, BEGINS))
        assert refused.value.code == "full"
        with pytest.raises(Conflict):
            square.step(event, "walk_in", guest="来帮忙的奶奶")
        with pytest.raises(NotPermitted):
            event_check_in(actor=square.city.outsider("organiser"), code=code_of(event, BEGINS))
        event = square.step(event, "finish")
    assert square.states(event) == ["checked_in", "checked_in", "no_show", "lapsed"]
    told = Event.objects.get(name="gathering.held").payload
    assert (told["came"], told["missed"]) == (2, 1)
    # the figure stands beside the next sign-up and bars nobody
    with time_machine.travel(ENDS + timedelta(days=1), tick=False):
        starts = ENDS + timedelta(days=9)
        other = square.open(starts_at=starts, ends_at=starts + timedelta(hours=1), venue=None, place="花园")
        assert square.sign_up(other, 2).state == "signed_up"
    assert SignUp.objects.filter(event=other).with_missed().get().missed_before == 1


def test_walk_ins_fill_free_places_only(square):
    event = square.in_state("under_way", places=2)
    with time_machine.travel(BEGINS, tick=False):
        event = square.step(event, "walk_in", guest="来帮忙的奶奶")
        event_check_in(actor=square.neighbours[0], code=code_of(event, BEGINS))
        with pytest.raises(Conflict):
            square.step(event, "walk_in", person=square.neighbours[1])
        for given in ({}, {"guest": "甲", "person": square.neighbours[1]}):
            with pytest.raises(Invalid):
                square.step(event, "walk_in", **given)
    event.refresh_from_db()
    assert event.taken == 2 and set(square.states(event)) == {"checked_in"}


def test_volunteers_are_as_many_as_are_wanted_and_their_minutes_are_counted_once(square):
    event = square.open()
    square.step(event, "add_task", title="布置场地", wanted=1)
    task = event.tasks.get()
    mine = volunteer(task, actor=square.neighbours[0])
    with pytest.raises(Conflict):
        volunteer(task, actor=square.neighbours[1])
    with pytest.raises(NotPermitted):
        volunteer(task, actor=square.city.user("resident"))
    square.step(mine, "cancel", by=square.neighbours[0])
    other = volunteer(task, actor=square.neighbours[1])
    event = square.step(event, "begin", at=BEGINS)
    square.step(other, "check_in", at=BEGINS)
    square.step(event, "finish", at=BEGINS + timedelta(minutes=95))
    other.refresh_from_db()
    assert (other.state, other.minutes) == ("done", 95)
    assert Volunteering.objects.done().get() == other and Volunteering.objects.all().minutes_in_all() == 95
    assert Event.objects.get(name="volunteering.done").payload["minutes"] == 95
    # who runs the event corrects them, within what it lasted with its preparation: six hours
    for minutes in (-1, 361):
        with pytest.raises(Invalid) as refused:
            square.step(other, "correct", minutes=minutes, reason="记错")
        assert refused.value.field == "minutes"
    page, given = (
        f"/admin/property/volunteering/{other.pk}/transition/correct/",
        {"minutes": "60", "reason": "中途离开"},
    )
    assert client_of(square.organiser).post(page, given, format="multipart").status_code == 302
    other.refresh_from_db()
    told = Event.objects.get(name="volunteering.corrected").payload
    assert (other.minutes, told["minutes"], told["before"]) == (60, 60, 95)


def test_nobody_writes_down_their_own_hours_and_forgotten_ones_do_not_grow(square):
    event = square.open()
    square.step(event, "add_task", title="布置场地", wanted=2)
    helper = square.city.user("community_staff")
    home = square.place.dwellings[3]
    Residency.objects.create(user=helper, dwelling=home, area=home.area, kind="tenant", valid_from=NOW.date(),
                             state="verified")  # fmt: skip
    mine = volunteer(event.tasks.get(), actor=helper)
    with pytest.raises(NotPermitted):
        square.step(mine, "check_in", by=helper, at=BEGINS)
    assert {step.name for step in offered(mine, helper)} == {"cancel"}
    mine = square.step(mine, "check_in", at=BEGINS - timedelta(hours=1))
    with pytest.raises(NotPermitted):
        square.step(mine, "check_out", by=helper, at=ENDS)
    # when nobody ends the event before the next day
    with time_machine.travel(BEGINS, tick=False):
        event = square.go(event, "begin")
    square.step(event, "finish", at=ENDS + timedelta(days=1))
    mine.refresh_from_db()
    assert mine.minutes == 360
    with pytest.raises(NotPermitted):
        square.step(mine, "correct", by=helper, minutes=1, reason="记错")


def test_an_offer_ends_when_the_event_begins_and_a_check_in_is_undone_to_what_it_was(square):
    event = square.open(places=2)
    rows = [square.sign_up(event, number) for number in range(4)]
    square.step(rows[0], "cancel", by=square.neighbours[0])
    square.step(rows[1], "cancel", by=square.neighbours[1])
    square.sign_up(event, 1)
    square.step(SignUp.objects.get(pk=rows[2].pk), "take", by=square.neighbours[2])
    assert square.states(event) == ["cancelled", "waiting", "signed_up", "offered"]
    with time_machine.travel(BEGINS - timedelta(minutes=30), tick=False):
        # seen by mistake while a place was only offered: it is offered still, until it begins
        row = square.step(square.step(SignUp.objects.get(pk=rows[3].pk), "check_in"), "undo", reason="认错人")
        assert (row.state, row.offered_until) == ("offered", BEGINS)
        event = square.go(NeighbourEvent.objects.get(pk=event.pk), "begin")
        # begun: the offer is over, its place is for who is there
        assert square.states(event) == ["cancelled", "waiting", "signed_up", "lapsed"]
        assert NeighbourEvent.objects.get(pk=event.pk).free == 1
        for number, before in ((0, "cancelled"), (1, "waiting"), (2, "signed_up"), (3, "lapsed")):
            seen = square.step(SignUp.objects.get(pk=rows[number].pk), "check_in")
            row = square.step(seen, "undo", reason="认错人")
            assert (row.state, row.checked_in_at, row.way) == (before, None, "")
        event = square.step(event, "walk_in", guest="路过的奶奶")
        by = SignUp.objects.get(event=event, name="路过的奶奶")
        assert square.step(by, "undo", reason="认错人").state == "cancelled"
        assert NeighbourEvent.objects.get(pk=event.pk).taken == 1
        page = client_of(square.organiser).get(f"/m/gatherings/{event.pk}/")
        assert (page.context["there"], page.context["expected"]) == (0, 1)


def test_who_was_there_says_how_it_was_and_three_answers_are_shown(square):
    event = square.open(places=5)
    for number in range(4):
        square.sign_up(event, number)
    event = square.step(event, "begin", at=BEGINS)
    with time_machine.travel(BEGINS, tick=False):
        for row in SignUp.objects.filter(event=event, person__in=square.neighbours[:3]):
            square.step(row, "check_in")
    with pytest.raises(Conflict):
        feedback_give(event, actor=square.neighbours[0], stars=5)
    event = square.go(event, "finish")
    with pytest.raises(NotPermitted):
        feedback_give(event, actor=square.neighbours[3], stars=1)
    for stars in (0, 6, True):
        with pytest.raises(Invalid):
            feedback_give(event, actor=square.neighbours[0], stars=stars)
    client = client_of(square.neighbours[3])
    for number, stars in enumerate((5, 4, 5)):
        assert client.get(f"/api/v1/me/gatherings/{event.pk}/").json()["stars"] is None
        feedback_give(event, actor=square.neighbours[number], stars=stars, words="热闹")
    assert client.get(f"/api/v1/me/gatherings/{event.pk}/").json()["stars"] == 4.7
    assert rating_of(event).count == 3
    # and who said what is nowhere in the history that staff read
    told = Event.objects.filter(name="gathering.rated")
    assert told.count() == 3 and all(one.actor.is_system for one in told)
    with pytest.raises(Conflict):
        feedback_give(event, actor=square.neighbours[0], stars=1)


def test_the_cost_is_exact_published_once_settled_and_only_corrected(square):
    event = square.in_state("held")
    line = {"title": "糯米", "source": "subsidy", "source_text": "社区邻里节补贴"}
    event = square.step(event, "add_cost", stage="planned", amount=Decimal("300"), **line)
    event = square.step(event, "add_cost", stage="actual", amount=Decimal("286.50"), **line)
    for field, amount in (("amount", Decimal("0")), ("amount", Decimal("1.005")), ("amount", Decimal("1000000"))):
        with pytest.raises(Invalid) as refused:
            square.step(event, "add_cost", stage="actual", amount=amount, **line)
        assert refused.value.field == field
    client = client_of(square.neighbours[0])
    assert client.get(f"/api/v1/me/gatherings/{event.pk}/").json()["settlement"] is None
    event = square.step(event, "settle")
    with pytest.raises(Conflict):
        square.step(event, "add_cost", stage="actual", amount=Decimal("1"), **line)
    for given in ({"line": 9, "amount": Decimal("1")}, {"line": 2, "amount": Decimal("-286.51")},
                  {"line": 2, "amount": Decimal("0")}):  # fmt: skip
        with pytest.raises(Invalid):
            square.step(event, "correct_cost", reason="票据有误", **given)
    square.step(event, "correct_cost", line=2, amount=Decimal("-6.50"), reason="票据有误")
    told = client.get(f"/api/v1/me/gatherings/{event.pk}/").json()["settlement"]
    assert (told["planned"], told["actual"]) == ("300.00", "280.00")
    assert [row["corrects"] for row in told["lines"]] == [None, None, 2]
    assert settlement_of(event).actual == Decimal("280.00")
    # no code changes a line
    for change in (lambda rows: rows.update(amount=1), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(EventCostLine.objects.filter(event=event))


def test_everybody_signed_up_is_told_and_reminded(square):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0008_gathering_notices.json"), verbosity=0)
    event = square.open(places=1)
    square.sign_up(event, 0)
    waiting = square.sign_up(event, 1)
    with time_machine.travel(BEGINS - timedelta(hours=23), tick=False):
        fire_due()
        assert Notice.objects.filter(person=square.neighbours[0]).count() == 1
        assert not Notice.objects.filter(person=square.neighbours[1]).exists()
        square.step(SignUp.objects.get(event=event, turn=1), "cancel", by=square.neighbours[0])
        waiting.refresh_from_db()
        assert waiting.state == "offered" and Notice.objects.filter(person=square.neighbours[1]).count() == 1
        square.go(event, "cancel")
    assert Notice.objects.filter(person=square.neighbours[1]).count() == 2
    # who asked in vain is told that it is over, and not to sign up again
    event = square.open(places=1, title="跳绳", venue=None, place="花园")
    square.sign_up(event, 0)
    square.sign_up(event, 3)
    with time_machine.travel(BEGINS, tick=False):
        square.go(square.go(NeighbourEvent.objects.get(pk=event.pk), "begin"), "finish")
    told = Notice.objects.filter(person=square.neighbours[3]).latest("id")
    assert told.title == "候补结束：跳绳" and "重新报名" not in told.body
    assert not Notice.objects.filter(person=square.neighbours[2]).exists()


def test_the_list_of_sign_ups_goes_out_as_a_table_and_to_be_ticked(square):
    event = square.open()
    square.sign_up(event, 0, companions=1, needs="=1+1")
    client = client_of(square.organiser)
    base = f"/admin/property/neighbourevent/{event.pk}"
    table = client.post(f"{base}/sign-ups.xlsx")
    cells = list(load_workbook(io.BytesIO(b"".join(table.streaming_content))).active.iter_rows(values_only=True))
    assert cells[1][1] == str(square.neighbours[0]) and cells[1][5] == "'=1+1"
    assert table_of(event)[1][0][3] == 1
    # who only waits is listed, and not counted among those who come
    square.sign_up(event, 1, companions=1)
    assert square.states(event) == ["signed_up", "waiting"]
    said = "\n".join(part.text for part in Document(io.BytesIO(word_of(event)[1])).paragraphs)
    assert "合计：2人" in said
    assert client.post(f"{base}/sign-ups.docx").status_code == 200
    assert client.get(f"{base}/sign-ups.docx").status_code == 405
    assert client_of(square.city.user("administrator")).post(f"{base}/sign-ups.xlsx").status_code == 403
    assert Event.objects.filter(name="export.done", actor=square.organiser).count() == 2
