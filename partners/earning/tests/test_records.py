"""Services: reported, approved by others, points by rule and caps, two persons above the limit, reversed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from conftest import SINCE
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Role
from governance.workflow import act
from partners.earning.deciding import earning_of, rule_for
from partners.earning.donations import donation_approve, donation_give_back
from partners.earning.hours import certificate_issue
from partners.earning.outcomes import outcome_pay, outcome_take_back
from partners.earning.records import record_approve, records_approve
from partners.earning.tariffs import steps_told
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_spend
from partners.ledger.reasons import reasons_told
from partners.ledger.statement import statement_of
from partners.models import Account, Earning, EarningRule, ServiceRecord, Transfer, VolunteerHours

pytestmark = pytest.mark.django_db
NOBODY = ("resident", "grid_worker", "operations_centre", "administrator", "elsewhere", "shopkeeper", "baker")


def test_an_approved_record_earns_by_the_rule_of_its_day_and_the_caps(house):
    # given a rule with a cap of the day
    rule = house.rule(day_cap=15, months=12)
    record = house.record(quantity=2)
    # when somebody else approves it
    done = act(record, "approve", actor=house.user("manager"))
    # then the points are in the account, from this evidence, and the reason is told
    earning = earning_of(done)
    assert (done.state, earning.base, earning.points, house.points("lawyer")) == ("approved", 20, 15, 15)
    assert steps_told(earning.steps).startswith("10 × 2 = 20")
    assert (earning.transfer.evidence_type, earning.transfer.evidence_id) == ("partners.servicerecord", record.pk)
    assert earning.rule == rule
    assert earning.transfer.lots.get().expires_on is not None
    # and the next of this day earns nothing, the next of another day does
    assert earning_of(act(house.record(), "approve", actor=house.user("staff"))).points == 0
    other = house.record(performed_at=timezone.now() - timedelta(days=3))
    assert earning_of(act(other, "approve", actor=house.user("staff"))).points == 10
    # and the statement names it in words
    lines, _more = statement_of(house.partners["lawyer"].account)
    told = reasons_told(line.transfer for line in lines)
    assert all("法律咨询" in told[line.transfer_id].detail for line in lines)
    assert not invariants_broken()


def test_more_than_the_limit_needs_a_second_different_person(house):
    house.rule(points=50, approve_above=100)
    record = house.record(quantity=3)
    first = act(record, "approve", actor=house.user("manager"))
    assert (first.state, first.first_approver, house.points("lawyer")) == ("checked", house.people["manager"], 0)
    with pytest.raises(NotPermitted) as refused:
        act(first, "approve", actor=house.user("manager"))
    assert refused.value.code == "same_person"
    assert house.points("lawyer") == 0
    second = act(first, "approve", actor=house.user("manager2"))
    assert (second.state, house.points("lawyer")) == ("approved", 150)
    assert earning_of(act(house.record(quantity=2), "approve", actor=house.user("manager"))).points == 100


def test_nobody_decides_on_the_own_record(house):
    house.rule()
    house.rule("class", per="hour", points=2)
    by_staff = house.record(by="manager")
    theirs = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("1.5"))
    assert theirs.person == house.people["baker"]
    for row, who in ((by_staff, "manager"), (house.record(), "lawyer"), (theirs, "baker"), (theirs, "baker2")):
        for step, given in (("approve", {}), ("decline", {"reason": "不"})):
            with pytest.raises(NotPermitted):
                act(row, step, actor=house.user(who), **given)
            assert house.fresh(row).state == "submitted"
    # a partner manager who works for the partner is one of its people
    house.city.units["bakery"].appointments.create(
        user=house.people["manager"], role=Role.PARTNER, area=house.area, valid_from=SINCE
    )
    with pytest.raises(NotPermitted) as refused:
        act(theirs, "approve", actor=house.user("manager"))
    assert refused.value.code == "own"
    assert not Transfer.objects.exists()


STEPS = [("approve", "submitted", {}), ("decline", "submitted", {"reason": "没有来"}),
         ("reverse", "approved", {"reason": "记错了"})]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "given"), STEPS)
def test_only_those_who_run_it_here_decide(house, name, state, given):
    house.rule()
    record = house.record()
    if state == "approved":
        record = act(record, "approve", actor=house.user("manager2"))
    events = Event.objects.count()
    for who in NOBODY:
        with pytest.raises(NotPermitted):
            act(record, name, actor=house.user(who), **given)
    assert house.fresh(record).state == state
    assert Event.objects.count() == events
    for who in ("manager", "staff"):
        one = house.record()
        if state == "approved":
            one = act(one, "approve", actor=house.user("manager2"))
        assert act(one, name, actor=house.user(who), **given).state != state
    if given:
        with pytest.raises(Invalid):
            act(record, name, actor=house.user("manager"), reason=" ")
    with pytest.raises(Conflict):
        act(record, name, actor=house.user("manager"), version=99, **given)
    assert not invariants_broken()


def test_a_reversal_takes_points_and_hours_back_and_frees_the_cap(house):
    house.rule("class", per="hour", points=10, day_cap=15)
    record = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("1.5"))
    done = act(record, "approve", actor=house.user("manager"))
    assert VolunteerHours.objects.get().minutes == 90
    account = house.partners["bakery"].account
    points_spend(Account.objects.get(pk=account.pk), actor=house.user("baker"), amount=9, key="s", reason="room")
    today = timezone.localdate()
    paper = certificate_issue(actor=house.user("baker"), person=house.people["baker"], area=house.area,
                              first=today - timedelta(days=9), last=today)  # fmt: skip
    assert (paper.minutes, len(paper.lines)) == (90, 1)
    # when it is reversed
    act(done, "reverse", actor=house.user("staff"), reason="没有上课")
    # then what was spent is owed, the hours are gone, the certificate of them is revoked and still says what it said
    kept = Account.objects.get(pk=account.pk)
    assert (kept.available, kept.owed) == (0, 9)
    assert VolunteerHours.objects.minutes_sum() == 0
    fresh = house.fresh(paper)
    assert (fresh.state, fresh.minutes) == ("revoked", 90)
    # and the cap of the day is free again
    again = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("2"))
    assert earning_of(act(again, "approve", actor=house.user("manager"))).points == 15
    assert not invariants_broken()


def test_what_is_reported_is_judged(house):
    house.rule()
    house.rule("class", per="hour")
    now = timezone.now()
    wrong = [
        ({"performed_at": now + timedelta(hours=1)}, Invalid, "performed_at"),
        ({"performed_at": now - timedelta(days=500)}, Invalid, "performed_at"),
        ({"quantity": 0}, Invalid, "quantity"), ({"served": -1}, Invalid, "served"),
        ({"hours": Decimal("25")}, Invalid, "hours"), ({"hours": Decimal("NaN")}, Invalid, "hours"),
        ({"hours": Decimal("0.001")}, Invalid, "hours"), ({"note": "字" * 501}, Invalid, "note"),
        ({"kind": "class"}, Invalid, "hours"), ({"kind": "gift"}, Invalid, "kind"),
        ({"person": house.people["baker"]}, Invalid, "person"),
    ]  # fmt: skip
    for given, error, field in wrong:
        with pytest.raises(error) as refused:
            house.record(**given)
        assert refused.value.field == field, given
    at = now - timedelta(hours=3)
    house.record(performed_at=at)
    with pytest.raises(Conflict) as refused:
        house.record(performed_at=at)
    assert refused.value.code == "twice"
    for who in ("baker", "stranger", "elsewhere", "operations_centre", "administrator"):
        with pytest.raises(NotPermitted):
            house.record(by=who)
    EarningRule.objects.filter(kind=house.kinds["consultation"]).update(valid_to=date(2025, 1, 1))
    with pytest.raises(Conflict) as refused:
        house.record()
    assert refused.value.code == "no_rule"
    assert ServiceRecord.objects.count() == 1


def test_a_community_has_its_own_rule_or_that_of_above(house):
    street = house.rule(area=house.city.area("street"), points=7)
    today = timezone.localdate()
    kind = house.kinds["consultation"]
    assert rule_for(kind, house.area, today) == street
    own = house.rule(points=9)
    assert rule_for(kind, house.area, today) == own
    assert rule_for(kind, house.city.area("other_community"), today) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        house.rule(points=1, valid_from=today)
    # and one in force is not edited, whoever writes
    with pytest.raises(IntegrityError), transaction.atomic():
        EarningRule.objects.filter(pk=own.pk).update(points=99)
    # past decisions keep theirs
    earning = earning_of(act(house.record(), "approve", actor=house.user("manager")))
    EarningRule.objects.filter(pk=own.pk).update(valid_to=today)
    assert Earning.objects.get().rule_id == earning.rule_id == own.pk


def test_the_books_refuse_raw_sql(house):
    house.rule("class", per="hour")
    record = house.record(by="baker", partner="bakery", kind="class", hours=Decimal("1"))
    act(record, "approve", actor=house.user("manager"))
    day = timezone.localdate()
    certificate_issue(actor=house.user("manager"), person=house.people["baker"], area=house.area,
                      first=day - timedelta(days=9), last=day)  # fmt: skip
    for statement in (
        "UPDATE partners_earning SET points = 1", "DELETE FROM partners_earning",
        "UPDATE partners_volunteerhours SET minutes = 1", "DELETE FROM partners_volunteerhours",
        "UPDATE partners_hourscertificate SET minutes = 1", "DELETE FROM partners_hourscertificate",
        "INSERT INTO partners_volunteerhours (person_id, area_id, record_id, day, minutes, reverses_id, counted_at) "
        "SELECT person_id, area_id, record_id, day, -1, id, now() FROM partners_volunteerhours",
        "INSERT INTO partners_transfer (kind, key, fingerprint, account_id, area_id, amount, actor_id, reason, "
        "evidence_type, occurred_at) SELECT 'earn', 'x', 'x', account_id, area_id, 1, actor_id, 'x', '', now() "
        "FROM partners_transfer",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_many_are_approved_each_for_itself(house):
    house.rule(day_cap=25)
    rows = [house.record() for _one in range(3)] + [house.record(by="manager")]
    done, refused = records_approve(rows, actor=house.user("manager"))
    assert (len(done), [pk for pk, _why in refused]) == (3, [rows[3].pk])
    assert house.points("lawyer") == 25
    assert ServiceRecord.objects.filter(state="approved").count() == 3


def test_donations_earn_once_approved_by_another_and_lose_it_when_given_back(house):
    house.rule("gift", points=20)
    gift = house.donation(quantity=60)  # however many sacks: one donation
    assert gift.receipt.endswith("-0001")
    with pytest.raises(NotPermitted):
        donation_approve(gift, actor=house.user("staff"))
    for who in (*NOBODY, "lawyer"):
        with pytest.raises(NotPermitted):
            act(gift, "approve", actor=house.user(who))
    done = act(gift, "approve", actor=house.user("manager"))
    assert (done.state, house.points("bakery")) == ("approved", 20)
    back = donation_give_back(done, actor=house.user("staff"), reason="物资过期")
    assert (back.state, house.points("bakery")) == ("returned", 0)
    void = act(house.donation(), "decline", actor=house.user("manager"), reason="写重了")
    assert void.receipt.endswith("-0002")
    for given, field in (({"description": " "}, "description"), ({"value": Decimal("-1")}, "value"),
                         ({"received_on": timezone.localdate() + timedelta(days=1)}, "received_on"),
                         ({"kind": house.kinds["class"]}, "kind"), ({"sort": "gold"}, "sort")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            house.donation(**given)
        assert refused.value.field == field
    for who in NOBODY:
        with pytest.raises(NotPermitted):
            house.donation(by=who)
    assert house.donation().receipt.endswith("-0003")


def test_outcomes_are_paid_once_by_the_same_rules(house):
    house.rule("outcome", points=100, month_cap=120)
    given = {"partner": house.partners["lawyer"], "kind": house.kinds["outcome"], "actor": house.user("manager")}
    project, other = house.area, house.city.area("street")  # any rows will do as evidence
    assert outcome_pay(evidence=project, share=80, **given).points == 80
    assert outcome_pay(evidence=project, share=100, **given).points == 80
    assert outcome_pay(evidence=other, **given).points == 40
    assert house.points("lawyer") == 120
    outcome_take_back(evidence=other, partner=house.partners["lawyer"], actor=house.user("manager"))
    assert house.points("lawyer") == 80
    with pytest.raises(Conflict):
        outcome_take_back(evidence=other, partner=house.partners["lawyer"], actor=house.user("manager"))
    for who in NOBODY:
        with pytest.raises(NotPermitted):
            outcome_pay(evidence=house.city.area("city"), **given | {"actor": house.user(who)})
    with pytest.raises(Invalid):
        outcome_pay(evidence=project, **given | {"kind": house.kinds["gift"]})


def test_approving_again_is_refused_and_posts_nothing(house):
    house.rule()
    record = house.record()
    done = record_approve(record, actor=house.user("manager"))
    with pytest.raises(Conflict):
        record_approve(record, actor=house.user("manager2"))
    with pytest.raises(Conflict):
        act(done, "approve", actor=house.user("staff"))
    assert house.points("lawyer") == 10
