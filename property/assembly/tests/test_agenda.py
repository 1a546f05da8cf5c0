"""Topics: who puts them forward, how they reach an agenda, what may be decided, and what returns."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User
from governance.testing import snapshot
from property.assembly.tests.assemblies import BEGINS
from property.assembly.topics import MOST_WAITING, topic_propose, topic_second
from property.costs.tests.estate import moved_on
from property.models import AgendaItem, Assembly, Resolution, RuleSet, TopicSecond
from property.models import AgendaState as A
from property.models import SessionState as S
from property.party.tests.test_doors import signed_in

pytestmark = pytest.mark.django_db
NEXT = BEGINS + timedelta(days=14)


def test_a_resident_puts_a_topic_forward_and_neighbours_second_it_once(house):
    topic = house.topic()
    assert (topic.state, topic.source) == (A.PROPOSED, "resident")
    for _again in range(2):
        topic_second(topic, actor=house.place.owners[3])
    assert TopicSecond.objects.count() == 1
    assert Event.objects.filter(name="topic.seconded").count() == 1
    # not the own one, not from elsewhere, not once it is settled
    for person, refusal in ((house.resident, Conflict), (house.user("resident"), NotPermitted)):
        with pytest.raises(refusal):
            topic_second(topic, actor=person)
    house.step(topic, "reject", reason="不属于议事范围")
    with pytest.raises(Conflict):
        topic_second(topic, actor=house.place.owners[4])
    assert TopicSecond.objects.count() == 1


def test_who_lives_elsewhere_puts_nothing_forward_and_nobody_too_much(house):
    given = {"assembly": house.assembly, "title": "停车"}
    for outsider in (house.user("resident"), house.organiser):
        with pytest.raises(NotPermitted):
            topic_propose(actor=outsider, **given)
    for field, words in (("title", {"title": " "}), ("title", {"title": "停" * 121}), ("body", {"body": "停" * 4001})):
        with pytest.raises(Invalid) as refused:
            topic_propose(actor=house.resident, **(given | words))
        assert refused.value.field == field
    Assembly.objects.filter(pk=house.assembly.pk).update(is_active=False)
    with pytest.raises(NotPermitted):
        topic_propose(actor=house.resident, **given)
    Assembly.objects.filter(pk=house.assembly.pk).update(is_active=True)
    assert not AgendaItem.objects.exists()
    for _number in range(MOST_WAITING):
        house.topic()
    with pytest.raises(Conflict) as refused:
        house.topic()
    assert refused.value.code == "too_many" and AgendaItem.objects.count() == MOST_WAITING


def test_a_community_without_estate_asks_everybody_in_its_area(house):
    Assembly.objects.filter(pk=house.assembly.pk).update(estate=None)
    assert set(Assembly.objects.of_residents(house.resident)) == {house.assembly}
    assert not Assembly.objects.of_residents(house.user("resident")).exists()
    other = house.city.area("other_community")
    Assembly.objects.filter(pk=house.assembly.pk).update(area=other)
    assert not Assembly.objects.of_residents(house.resident).exists()


def test_turned_down_with_a_reason_that_its_proposer_reads(house):
    topic = house.topic()
    before = snapshot(topic)
    with pytest.raises(Invalid) as refused:
        house.step(topic, "reject", reason=" ")
    assert refused.value.field == "reason" and snapshot(topic) == before
    assert house.step(topic, "reject", reason="应由业主大会表决").answer == "应由业主大会表决"


def test_taken_on_it_goes_to_the_next_session_or_waits_for_one(house):
    waiting = house.step(house.topic("装电梯"), "accept", session=None)
    assert waiting.session is None
    session = house.session()
    later = house.session(NEXT)
    session = house.step(session, "collect")
    waiting.refresh_from_db()
    assert waiting.session == session and waiting.position == 1
    second = house.step(house.topic("停车"), "accept", session=None)
    assert (second.session, second.position) == (session, 2)
    third = house.step(house.topic("绿化"), "accept", session=later)
    assert third.session == later
    # a frozen agenda takes nothing on
    session = house.step(session, "notice")
    fourth = house.topic("灯")
    with pytest.raises(Conflict) as refused:
        house.step(fourth, "accept", session=session)
    assert refused.value.code == "frozen"
    assert house.step(fourth, "accept", session=None).session == later


def test_the_order_of_an_agenda_and_taking_off(house):
    session = house.step(house.session(), "collect")
    first, second, third = (house.on_agenda(session, title) for title in "甲乙丙")
    house.step(third, "place", position=1)
    assert list(session.agenda.order_by("position").values_list("title", "position")) == [
        ("丙", 1),
        ("甲", 2),
        ("乙", 3),
    ]
    off = house.step(first, "take_off", reason="另案处理")
    assert (off.state, off.session) == (A.PROPOSED, None)
    session = house.step(session, "notice")
    # it did not come back by itself, and now the agenda is frozen
    assert session.agenda.count() == 2
    for name, given in (("place", {"position": 1}), ("take_off", {"reason": "晚了"})):
        with pytest.raises(Conflict):
            house.step(second, name, **given)


def test_what_did_not_stand_on_the_notice_cannot_be_decided(house):
    session = house.in_state(S.IN_SESSION)
    floor = house.on_agenda(session, "临时动议")
    before = snapshot(floor)
    with pytest.raises(Conflict) as refused:
        house.step(floor, "decide", outcome="同意", at=BEGINS)
    assert refused.value.code == "not_noticed" and snapshot(floor) == before
    # nor does the database let it pass as decided
    with pytest.raises(IntegrityError, match="topic_decided_was_noticed"):
        AgendaItem.objects.filter(pk=floor.pk).update(state="decided")


def test_decisions_are_made_in_the_session_only(house):
    session = house.in_state(S.NOTICED)
    topic = session.agenda.get()
    for name, given in (("decide", {"outcome": "同意"}), ("note", {}), ("defer", {"reason": "材料不全"}),
                        ("discuss", {"discussion": "张三说"})):  # fmt: skip
        with pytest.raises(Conflict):
            house.step(topic, name, at=BEGINS, **given)
    session = house.go(session, "open")
    with pytest.raises(Invalid):
        house.step(topic, "decide", outcome=" ", at=BEGINS)
    decided = house.step(topic, "decide", outcome="同意划线", at=BEGINS)
    assert (decided.state, decided.outcome, decided.decided_at) == (A.DECIDED, "同意划线", BEGINS)


def test_put_off_goes_to_the_next_session_once_and_says_from_where(house):
    session = house.in_state(S.NOTICED)
    topic = session.agenda.get()
    session = house.go(session, "open")
    untouched = house.on_agenda(session, "临时动议")
    house.step(topic, "defer", reason="需补充测绘", at=BEGINS)
    house.go(session, "close")
    carried = AgendaItem.objects.filter(source="put_off").order_by("id")
    assert [(row.carried_from, row.state, row.session) for row in carried] == [
        (topic, A.ACCEPTED, None), (untouched, A.ACCEPTED, None)]  # fmt: skip
    following = house.step(house.session(NEXT), "collect")
    assert set(following.agenda.values_list("carried_from__title", flat=True)) == {topic.title, "临时动议"}
    house.step(following, "notice")
    assert following.agenda.count() == 2 and all(following.agenda.values_list("on_notice", flat=True))


def test_the_topics_of_a_cancelled_session_wait_for_the_next(house):
    session = house.in_state(S.NOTICED)
    topic = session.agenda.get()
    house.step(session, "cancel", reason="停电")
    topic.refresh_from_db()
    assert (topic.session, topic.on_notice, topic.state) == (None, False, A.ACCEPTED)
    following = house.step(house.session(NEXT), "collect")
    assert list(following.agenda.all()) == [topic]


def test_a_topic_from_a_case_and_one_tied_to_a_resolution(house):
    case = house.city.report()
    session = house.session()
    house.step(session, "add_item", title="井盖", case=case)
    topic = AgendaItem.objects.get(case=case)
    assert topic.source == "case"
    rules = RuleSet.objects.first() or RuleSet.objects.create(**RULES)
    resolution = Resolution.objects.create(
        title="加装电梯", text="同意加装", kind="consultative", area=house.assembly.area, estate=house.place.estate,
        rule_set=rules, proposed_by=house.organiser,
    )  # fmt: skip
    assert house.step(topic, "tie", resolution=resolution).resolution == resolution
    assert list(resolution.agenda_items.all()) == [topic]
    # the chain is followed both ways: from the vote to the topic, from the topic to the vote and the case
    vote, talk = f"/admin/property/resolution/{resolution.pk}/change/", f"/admin/property/agendaitem/{topic.pk}/change/"
    client = client_of(house.organiser)
    assert talk in client.get(vote).content.decode()
    assert vote in client.get(talk).content.decode()
    elsewhere = Resolution.objects.create(
        title="别处", text="别处", kind="consultative", area=house.city.area("other_community"), rule_set=rules,
        proposed_by=house.organiser,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        house.step(topic, "tie", resolution=elsewhere)
    assert refused.value.field == "resolution"


RULES = {"code": "talk", "version": 1, "name": "协商", "kind": "consultative"}


def test_who_withdraws(house):
    topic = house.topic()
    other = User.objects.get(username="owner4")
    with pytest.raises(NotPermitted):
        house.step(topic, "withdraw", by=other)
    assert house.step(topic, "withdraw", by=house.resident).state == A.WITHDRAWN


def test_a_resolution_is_proposed_from_a_topic_by_every_door(house):
    session = house.session()
    RuleSet.objects.create(**RULES)
    topic = house.on_agenda(session)
    step = f"/api/v1/agenda-items/{topic.pk}/transitions/propose/"
    given = {"title": "停车位重划", "text": "同意重划东门车位。", "rule_set": "talk/1", "takes_online": True}
    # who may not run the assembly may not, and nothing is left of the attempt
    for role in ("property_manager", "owners_member", "steward", "administrator"):
        status = client_of(house.user(role)).post(step, given, format="json").status_code
        assert status in (403, 404), role
    api = client_of(house.organiser)
    wrong = api.post(step, given | {"rule_set": "talk/2"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "rule_set")
    assert not Resolution.objects.exists()
    # REST: the resolution is of the assembly's estate and tied both ways
    told = api.post(step, given, format="json")
    assert told.status_code == 200, told.json()
    made = Resolution.objects.get(pk=told.json()["resolution"])
    assert (made.estate, made.state, made.proposed_by) == (house.place.estate, "proposed", house.organiser)
    assert list(made.agenda_items.all()) == [topic]
    # a second one is neither offered nor taken, until the first is revoked
    assert "propose" not in told.json()["transitions"]
    assert api.post(step, given, format="json").status_code == 409
    phone, shown = f"/m/assembly/{session.pk}/", signed_in(house.organiser)
    page = shown.get(phone).content.decode()
    assert "停车位重划" in page and f"/m/assembly/topics/{topic.pk}/propose/" not in page
    house.step(made, "revoke", reason="另行商议")
    assert f"/m/assembly/topics/{topic.pk}/propose/" in shown.get(phone).content.decode()
    # the phone and the admin offer what the topic says, and carry it out
    desk = f"/admin/property/agendaitem/{topic.pk}/transition/propose/"
    for place in (f"/m/assembly/topics/{topic.pk}/propose/", desk):
        assert topic.title in shown.get(place).content.decode()
        assert shown.post(place, given | {"secrecy": "open", "takes_paper": "on"}).status_code == 302, place
        made = Resolution.objects.latest("pk")
        assert AgendaItem.objects.get(pk=topic.pk).resolution == made
        house.step(made, "revoke", reason="另行商议")
    assert Resolution.objects.count() == 3
    # nor does one stand in the way that did not pass, or was declared not passed; one that passed does
    for state, official, status in (("rejected", "", 200), ("no_quorum", "", 200), ("effective", "rejected", 200),
                                    ("rejected", "passed", 409), ("effective", "", 409)):  # fmt: skip
        latest = Resolution.objects.latest("pk")
        moved_on(latest, state)
        Resolution.objects.filter(pk=latest.pk).update(official_outcome=official)
        assert api.post(step, given, format="json").status_code == status, (state, official)
