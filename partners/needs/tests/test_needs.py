"""The life of a need: registered, verified, merged, passed on, declined, solved, called back; who is told what."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cases.models import Case
from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, Residency, Timer
from governance.timers import fire_due
from governance.workflow import act
from partners.models import Need, NeedLimit, NeedRaiser
from partners.needs.deciding import need_solve
from partners.needs.making import need_from_answer
from partners.needs.public import need_told
from partners.needs.querysets import Raised
from partners.needs.raisers import raisers_for
from partners.needs.registering import Raiser
from partners.needs.tests.hall import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(hall):
    """The notices as shipped."""
    call_command("loaddata", settings.BASE_DIR / "fixtures" / "0009_need_notices.json", verbosity=0)
    return lambda number: list(
        Notice.objects.filter(person=hall.neighbours[number]).order_by("id").values_list("title", flat=True)
    )


def test_a_resident_raises_a_need_and_is_told_what_becomes_of_it(hall, told):
    need = hall.own(0, "开办长者食堂", description="独居老人做饭难")
    # the words sort it, the home says where it is
    assert (need.category.code, need.estate, need.source) == ("elders", hall.estate, "resident")
    assert need.verify_by - NOW >= timedelta(days=5)
    for name in ("verify", "adopt", "solve"):
        need = hall.step(need, name)
    need = hall.step(need, "call_back", satisfied=True, call_words="很满意")
    assert need.state == "called_back" and need.called_by == hall.manager
    assert told(0) == ["需求已核实：开办长者食堂", "需求已采纳：开办长者食堂", "需求已办结：开办长者食堂"]
    # nobody's words stand in the history
    payloads = str(list(Event.objects.values_list("payload", flat=True)))
    assert "食堂" not in payloads and "满意" not in payloads and "三期" not in payloads
    # what is solved and found good is not opened again
    with pytest.raises(Conflict):
        hall.step(need, "reopen", reason="还要")


def test_a_declined_need_tells_the_reason_and_may_be_considered_again(hall, told):
    need = hall.go(hall.own(0), "declined")
    assert need.answer == "本年度没有经费"
    assert "本年度没有经费" in Notice.objects.get(title__startswith="需求暂不办理").body
    with pytest.raises(Invalid) as refused:
        hall.step(need, "reconsider")
    assert refused.value.field == "reason"
    need = hall.step(need, "reconsider", reason="申请到了经费")
    assert (need.state, need.answer) == ("verified", "")


def test_a_merged_need_keeps_who_raised_it_and_all_are_told(hall, told):
    first, second, third = hall.own(0, "老年食堂"), hall.own(1, "长者助餐"), hall.own(2, "老人吃饭难")
    for need in (first, second, third):
        hall.step(need, "verify")
    hall.step(third, "merge", into=second)
    merged = hall.step(second, "merge", into=first)
    # those merged before went along: no chain of mergers
    assert set(Need.objects.filter(merged_into=first)) == {second, third} and merged.merged_into == first
    assert [row["name"] for row in raisers_for(Need.objects.with_rows().get(pk=first.pk), hall.manager)] == [
        "邻居0", "邻居1", "邻居2"
    ]  # fmt: skip
    hall.step(hall.step(first, "adopt"), "solve")
    for number, title in enumerate(("老年食堂", "长者助餐", "老人吃饭难")):
        assert told(number)[-2:] == [f"需求已采纳：{title}", f"需求已办结：{title}"]
    row = Need.objects.with_rows().get(pk=third.pk)
    assert need_told(row, hall.neighbour(1))["joined_state"] == "solved"
    assert "已开课三期" in need_told(row, hall.neighbour(1))["became"]
    with pytest.raises(Conflict):
        hall.step(first, "merge", into=second)


def test_what_cannot_be_merged(hall):
    need, other = hall.in_state("verified"), hall.in_state("verified")
    with pytest.raises(Invalid):
        hall.step(need, "merge", into=need)
    with pytest.raises(Conflict):
        hall.step(need, "merge", into=hall.in_state("registered"))
    with pytest.raises(Conflict):
        hall.step(need, "merge", into=hall.in_state("declined"))
    elsewhere = hall.need(actor=hall.city.outsider("partner_manager"), area=hall.city.area("other_community"))
    hall.step(elsewhere, "verify", by=hall.city.outsider("partner_manager"))
    with pytest.raises(NotPermitted):
        hall.step(need, "merge", into=elsewhere)
    assert Need.objects.get(pk=need.pk).state == "verified" and Need.objects.get(pk=other.pk).state == "verified"
    merged = hall.step(need, "merge", into=other)
    with pytest.raises(Invalid):
        hall.step(merged, "split")
    assert hall.step(merged, "split", reason="不是一回事").merged_into is None


def test_a_case_is_opened_and_its_end_is_told_back(hall, told):
    need = hall.step(hall.own(0, "楼道灯坏了"), "verify")
    need = hall.step(need, "open_case", description="1 号楼楼道灯不亮")
    case = need.case
    assert (case.origin, case.source, case.description) == ({"need": need.number}, "resident", "1 号楼楼道灯不亮")
    assert told(0)[-1] == "需求已转办：楼道灯坏了"
    act(case, "reject", actor=hall.city.user("registrar"), reason="不属于受理范围")
    need = Need.objects.get(pk=need.pk)
    assert (need.state, need.case) == ("verified", None)
    # nothing of who raised it went along
    assert not case.reporters.exists()
    before = Case.objects.count()
    with pytest.raises(NotPermitted):
        act(need, "open_case", actor=hall.city.user("grid_worker"))
    assert Case.objects.count() == before


def test_a_unit_does_what_it_was_given_and_gives_back_what_it_does_not(hall):
    doctor = hall.city.user("doctor")
    need = hall.in_state("transferred")
    assert Need.objects.of_staff(doctor).get() == need
    done = need_solve(need, actor=doctor, evidence="每周三上门量血压")
    assert (done.state, done.result) == ("solved", "每周三上门量血压")
    assert done.call_back_by == NOW + timedelta(days=7)
    need = hall.in_state("transferred")
    with pytest.raises(NotPermitted):
        act(need, "take_back", actor=doctor, reason="不归我们管")
    need = hall.step(need, "take_back", reason="卫生站没有人手")
    assert need.unit is None and not Need.objects.of_staff(doctor).filter(pk=need.pk).exists()
    with pytest.raises(Invalid):
        hall.step(need, "transfer", unit=hall.city.units["other_committee"])


def test_somebody_who_is_not_satisfied_has_it_opened_again(hall):
    need = hall.in_state("solved")
    need = hall.step(need, "call_back", satisfied=False, call_words="只来了一次")
    need = hall.step(need, "reopen", reason="居民反映只来了一次")
    assert (need.state, need.result, need.satisfied, need.call_back_by) == ("verified", "", None, None)


def test_deadlines_are_dated_data_and_missed_ones_are_told(hall, clock):
    NeedLimit.objects.create(valid_from=NOW.date(), verify_days=2, call_back_days=3)
    need = hall.need()
    # Tuesday and two working days
    assert (need.verify_by.astimezone(NOW.tzinfo).date() - NOW.date()).days in (1, 2)
    clock.shift(timedelta(days=4))
    fire_due()
    assert Event.objects.filter(name="need.verify_overdue", subject_id=need.pk).count() == 1
    assert list(Need.objects.overdue()) == [need] and Need.objects.get(pk=need.pk).overdue
    need = hall.go(need, "solved")
    assert not Need.objects.overdue().exists()
    clock.shift(timedelta(days=4))
    fire_due()
    assert Event.objects.filter(name="need.call_back_overdue", subject_id=need.pk).count() == 1
    hall.step(need, "call_back")
    assert not Timer.objects.filter(fired_at=None, cancelled_at=None, kind__startswith="need.").exists()


def test_a_need_verified_in_time_is_never_called_late(hall, clock):
    need = hall.in_state("verified")
    clock.shift(timedelta(days=30))
    fire_due()
    assert not Event.objects.filter(name="need.verify_overdue").exists() and not need.overdue


def test_anonymous_means_that_nobody_at_work_reads_who_it_was(hall, told):
    need = hall.own(0, "长者心理关怀", anonymous=True)
    row = Need.objects.with_rows().get(pk=need.pk)
    (shown,) = raisers_for(row, hall.manager)
    assert (shown["name"], shown["phone"], shown["dwelling"]) == ("", "", "")
    assert not Event.objects.filter(actor=hall.neighbours[0]).exists() and row.building is None
    # but they follow it
    hall.step(need, "verify")
    assert told(0) == ["需求已核实：长者心理关怀"]
    assert Need.objects.raised_by(hall.neighbour(0)).get() == need


def test_names_and_phones_are_masked_for_who_only_looks(hall):
    need = Need.objects.with_rows().get(pk=hall.need(area=hall.city.area("grid")).pk)
    told = {
        role: raisers_for(need, hall.city.user(role))[0] for role in ("community_staff", "grid_worker", "organiser")
    }
    assert told["community_staff"]["name"] == told["grid_worker"]["name"] == "张奶奶"
    assert (told["organiser"]["name"], told["organiser"]["phone"]) == ("张**", "139****1111")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "  "}, "title"), ({"title": "长" * 81}, "title"), ({"people": 0}, "people"),
        ({"people": 10**12}, "people"), ({"group": "martians"}, "group"), ({"urgency": "now"}, "urgency"),
        ({"source": "rumour"}, None), ({"occurred_at": NOW + timedelta(days=2)}, "raised_at"),
        ({"occurred_at": NOW - timedelta(days=800)}, "raised_at"), ({"area": "city"}, "area"),
        ({"estate": "other"}, "estate"), ({"raisers": [Raiser(phone="not a phone")]}, "phone"),
        ({"title": "好\0坏"}, "title"), ({"description": "长" * 2001}, "description"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_field_and_leaves_nothing(hall, given, field):
    if given.get("area") == "city":
        given = {"area": hall.city.area("city")}
    if given.get("estate") == "other":
        given = {"estate": hall.other_estate}
    with pytest.raises((Invalid, NotPermitted)) as refused:
        hall.need(**given)
    assert refused.value.field == field or field is None
    assert not Need.objects.exists() and not NeedRaiser.objects.exists() and not Event.objects.exists()


def test_who_registers_from_which_source(hall):
    may = {
        "partner_manager": "all", "community_staff": "all", "grid_worker": {"visit", "phone"}, "steward": {"visit"},
        "organiser": {"visit", "phone", "assembly"}, "party_secretary": {"visit", "phone", "assembly"},
        "operations_centre": {"analysis", "phone"}, "dispatcher": {"analysis"},
    }  # fmt: skip
    roles = [*may, "administrator", "registrar", "handler", "supervisor", "resident", "property_manager"]
    for role in roles:
        for source in ("questionnaire", "visit", "assembly", "analysis", "resident", "phone"):
            allowed = may.get(role, set()) == "all" or source in may.get(role, set())
            count = Need.objects.count()
            try:
                hall.need(actor=hall.city.user(role), source=source, area=hall.city.area("grid"))
            except (NotPermitted, Invalid):
                assert not allowed and Need.objects.count() == count, (role, source)
            else:
                assert allowed, (role, source)
            if allowed and role not in ("operations_centre", "dispatcher"):
                with pytest.raises(NotPermitted):
                    hall.need(actor=hall.city.outsider(role), source=source, area=hall.city.area("grid"))


def test_only_people_with_a_confirmed_home_raise_needs_and_not_without_end(hall):
    with pytest.raises(NotPermitted):
        hall.own(0, dwelling=hall.dwellings[1])
    for number in range(10):
        hall.own(0, f"第{number}件")
    with pytest.raises(Conflict):
        hall.own(0, "第十一件")
    assert Need.objects.count() == 10


def test_an_answer_of_a_questionnaire_becomes_a_need(hall):
    answer = hall.dwellings[0]  # any stored row stands for it
    need = need_from_answer(actor=hall.manager, origin=answer, title="希望增加充电桩", area=hall.city.area("community"),
                            user=hall.neighbour(0), dwelling=hall.dwellings[0])  # fmt: skip
    assert (need.source, need.category.code, need.origin_type) == ("questionnaire", "services", "governance.dwelling")
    assert list(Need.objects.made_of(answer)) == [need] and Need.objects.raised_by(hall.neighbour(0)).get() == need
    nobody = need_from_answer(actor=hall.manager, origin=answer, title="长者食堂", estate=hall.estate, anonymous=True)
    assert not nobody.raisers.exists()


def test_the_database_refuses_what_is_not_whole(hall):
    need = hall.in_state("verified")
    for wrong in ({"merged_into": need}, {"state": "merged"}, {"state": "declined"}, {"state": "transferred"},
                  {"state": "solved"}, {"state": "called_back"}, {"origin_type": "x.y"}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Need.objects.filter(pk=need.pk).update(**wrong)


def test_correcting_keeps_what_is_not_corrected(hall):
    need = hall.need()
    form = {"title": "长者手机课", "description": "", "category": hall.category("other"), "group": "elders",
            "people": 30, "urgency": "urgent"}  # fmt: skip
    need = hall.step(need, "amend", **form)
    assert (need.title, need.category.code, need.people, need.state) == ("长者手机课", "other", 30, "registered")
    assert Event.objects.get(name="need.amended").payload["changed"] == ["category", "group", "people", "title",
                                                                        "urgency"]  # fmt: skip
    with pytest.raises(Invalid):
        hall.step(need, "amend", **(form | {"title": " "}))


def test_what_a_dwelling_answered_is_told_to_who_lives_there_and_not_in_whose_words(hall, told):
    # given an answer of a dwelling, of which it is not kept who gave it, and somebody who moves in later
    home = hall.dwellings[0]
    Residency.objects.create(user=hall.neighbours[1], dwelling=home, area=home.area, kind="tenant", state="verified",
                             valid_from=NOW.date() + timedelta(days=1))  # fmt: skip
    need = need_from_answer(actor=hall.manager, origin=home, title="多放长椅", description="他爸走不动",
                            area=hall.city.area("community"), dwelling=home)  # fmt: skip
    # when it is verified, adopted and solved
    for name in ("verify", "adopt", "solve"):
        need = hall.step(need, name)
    # then who lives there is told and finds it among the own, without what somebody there wrote
    assert told(0) == ["需求已核实：多放长椅", "需求已采纳：多放长椅", "需求已办结：多放长椅"]
    assert told(1) == told(2) == []
    mine, other = hall.neighbour(0), hall.neighbour(1)
    assert Need.objects.raised_by(mine).get() == need and not Need.objects.raised_by(other).exists()
    row = Need.objects.with_rows().get(pk=need.pk)
    assert Raised().holds(row, None, mine) and not Raised().holds(row, None, other)
    page = client_of(mine).get("/r/needs/").content.decode()
    assert "多放长椅" in page and "已开课三期" in page and "他爸" not in page
    # and staff still read the dwelling, nobody's name
    assert [(one["name"], one["dwelling"]) for one in raisers_for(row, hall.manager)] == [("", home.code)]
    # what was said at a door with a name, or by a person, is told to nobody else of the dwelling
    hall.need("借轮椅", raisers=[Raiser(name="李阿姨", phone="13900009999", dwelling=home)])
    assert Need.objects.raised_by(mine).count() == 1


def test_who_raised_it_is_told_where_what_was_planned_does_not_go_on(hall, told):
    need = hall.go(hall.own(0), "adopted")
    hall.step(need, "take_back", reason="没有合伙人认领")
    assert told(0)[-1] == "需求重新研究：开办长者食堂"
    hall.step(hall.step(need, "decline"), "reconsider", reason="有了经费")
    assert told(0)[-1] == "需求重新办理：开办长者食堂"
