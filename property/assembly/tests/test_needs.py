"""Follow-up items and topics become needs, and what becomes of the need is told back to them."""

from datetime import date

import pytest

from cases.tests.api import client_of
from conftest import PASSWORD
from governance.errors import Conflict, NotPermitted
from governance.models import Appointment, Event, Role, User
from governance.workflow import act
from partners.models import Need
from property.assembly.tests.assemblies import BEGINS
from property.models import FollowUpItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(house):
    """Who keeps the needs of the community."""
    city = house.city
    person = User.objects.create_user("manager", name="管理员", password=PASSWORD)
    area = city.area("community")
    Appointment.objects.create(
        user=person, unit=city.units["committee"], role=Role.PARTNER_MANAGER, area=area, valid_from=date(2020, 1, 1)
    )
    return person


def solved(need: Need, manager: User) -> Need:
    for name, given in (("verify", {}), ("adopt", {}), ("solve", {"evidence": "食堂开张了"})):
        need = act(need, name, actor=manager, **given)
    return need


def test_an_item_becomes_a_need_and_is_handed_in_when_that_is_solved(house, manager):
    item = house.step(house.follow_up(), "make_need", title="老年食堂")
    need = Need.objects.made_of(item).get()
    assert (item.state, need.source, need.title, need.estate) == (
        "in_progress",
        "assembly",
        "老年食堂",
        house.place.estate,
    )
    assert Event.objects.get(name="follow_up.need_made").payload["need"] == need.number
    # a second one waits until the first is over
    with pytest.raises(Conflict):
        house.step(item, "make_need", title="再来一个")
    solved(need, manager)
    item.refresh_from_db()
    assert item.state == "awaiting" and "食堂开张了" in item.result
    # opened again, it is the owner's again
    act(need, "reopen", actor=manager, reason="只开了一天")
    item.refresh_from_db()
    assert item.state == "returned"


def test_a_declined_need_gives_the_item_back_with_the_reason(house, manager):
    item = house.step(house.follow_up(), "make_need", title="老年食堂")
    need = act(Need.objects.made_of(item).get(), "verify", actor=manager)
    act(need, "decline", actor=manager, reason="没有场地")
    item.refresh_from_db()
    assert item.state == "returned"
    event = Event.objects.get(name="follow_up.need_declined")
    assert "没有场地" in event.remark.text and "没有场地" not in str(event.payload)
    # then another need, or a case, may be made of it
    assert house.step(item, "make_need", title="老年食堂选址").state == "in_progress"


def test_the_answer_comes_back_also_where_the_need_was_merged(house, manager):
    first = house.step(house.follow_up(), "make_need", title="老年食堂")
    need = act(Need.objects.made_of(first).get(), "verify", actor=manager)
    other = act(Need.objects.made_of(house.step(a_topic(house), "make_need", title="长者食堂")).get(), "verify",
                actor=manager)  # fmt: skip
    act(need, "merge", actor=manager, into=other)
    act(act(other, "adopt", actor=manager), "solve", actor=manager, evidence="开张了")
    first.refresh_from_db()
    assert first.state == "awaiting" and "开张了" in first.result
    answered = Event.objects.get(name="topic.need_answered")
    assert answered.payload["answer"] == "solved" and answered.remark.text == "开张了"


def a_topic(house):
    topic = house.in_state("in_session").agenda.exclude(source="follow_up").get()
    return house.step(topic, "decide", outcome="同意", at=BEGINS)


def test_who_put_the_topic_forward_is_told_and_sees_the_need(house, manager):
    topic = house.step(a_topic(house), "make_need", title="老年食堂")
    need = Need.objects.made_of(topic).get()
    proposers = set(need.raisers.values_list("user", flat=True))
    assert proposers == ({topic.proposer_id} if topic.source == "resident" else set())


def test_not_while_a_case_of_it_goes_on_and_not_by_others(house):
    item = house.follow_up()
    with pytest.raises(NotPermitted):
        house.step(item, "make_need", title="老年食堂", by=house.user("property_manager"))
    item = house.step(item, "open_case")
    with pytest.raises(Conflict):
        house.step(item, "make_need", title="老年食堂")
    assert not Need.objects.exists() and FollowUpItem.objects.get(pk=item.pk).state == "in_progress"


def test_the_button_is_in_admin_and_api_and_the_need_is_linked(house):
    item, staff = house.follow_up(), client_of(house.organiser)
    page = f"/admin/property/followupitem/{item.pk}/change/"
    assert 'data-transition="make_need"' in staff.get(page).content.decode()
    shown = staff.get(f"/api/v1/follow-up-items/{item.pk}/").json()
    assert "make_need" in shown["transitions"] and shown["need"] is None
    sent = staff.post(f"/api/v1/follow-up-items/{item.pk}/transitions/make_need/", {"title": "食堂", "category": "no"},
                      content_type="application/json")  # fmt: skip
    assert sent.status_code == 400 and not Need.objects.exists()
    sent = staff.post(f"/api/v1/follow-up-items/{item.pk}/transitions/make_need/", {"title": "食堂"},
                      content_type="application/json")  # fmt: skip
    need = Need.objects.get()
    assert sent.status_code == 200 and sent.json()["need"] == need.pk
    assert need.number in staff.get(page).content.decode()
    told = staff.get(f"/admin/partners/need/{need.pk}/change/").content.decode()
    assert item.number in told
