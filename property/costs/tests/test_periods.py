"""A cost period from draft to disclosure, its corrections, and what stands once it is published."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import timezone

from cases.tests.pages import photo
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Attachment, Dwelling, Event, Role
from governance.workflow import act
from property.costs.papers import statement_paper
from property.costs.statements import parts_of, period_figures
from property.costs.tests.estate import moved_on
from property.models import AgreedShare, Charge, CostLine, CostPart, CostPeriod, CostShare, IncomeEntry, Resolution

YUAN = Decimal


def adds_up():
    """Check what the database checks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def charges_of(period):
    return list(period.charges.order_by("dwelling__code", "id").values_list("amount", flat=True))


def test_a_period_is_drawn_up_published_collected_settled_and_disclosed(estate):
    # given 1,000.01 yuan of which subsidy and public income bear a quarter each
    period = estate.draft("600.00", "400.01")
    # when it is published
    estate.earn("300.00")
    period = estate.publish(period)
    adds_up()
    # then the parts add up to the fen, by the largest remainder, and so do the charges of eight equal flats
    assert parts_of(period) == {
        "subsidy": YUAN("250.00"), "public_income": YUAN("250.00"), "household": YUAN("500.01"),
    }  # fmt: skip
    assert charges_of(period) == [YUAN("62.51")] + [YUAN("62.50")] * 7
    assert period.notice_until == timezone.localdate() - timedelta(days=33)
    # when it is collected, public income gives its part
    period = estate.collect(period, due_in=-1)
    assert IncomeEntry.objects.first().balance == YUAN("50.00")
    # when six of eight have paid and it is settled and disclosed
    for place in range(6):
        estate.pay(place, "62.51" if place == 0 else "62.50")
    period = act(period, "settle", actor=estate.manager, subsidy_received=YUAN("200.00"))
    assert period.disclose_by == timezone.localdate() + timedelta(days=15)
    period = act(period, "disclose", actor=estate.owners_member)
    # then the statement says so, without a household in it
    told = {name: period.figures[name] for name in ("total", "paid", "arrears", "subsidy_received", "dwellings")}
    assert told == {"total": "1000.01", "paid": "375.01", "arrears": "125.00", "subsidy_received": "200.00",
                    "dwellings": 8}  # fmt: skip
    assert not any(code in str(period.figures) for code in ("GY-1", "业主"))
    names = Event.objects.filter(subject_type="property.costperiod").order_by("id").values_list("name", flat=True)
    assert list(names)[-4:] == [f"cost_period.{name}" for name in ("published", "collecting", "settled", "disclosed")]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("area", ["45.00", "45.00", "25.00", "25.00", "25.00", "25.00", "25.00", "25.00"]),
        ("dwelling", ["30.00"] * 8),
        ("agreed", ["120.00", "80.00", "40.00"]),
    ],
)
def test_households_share_by_area_by_dwelling_or_as_agreed(estate, basis, expected):
    # given two flats of 144 m² and six of 80, and a shop that is no longer in use; a share of 3 : 2 : 1 is agreed
    Dwelling.objects.filter(pk__in=[row.pk for row in estate.dwellings[:2]]).update(floor_area=144)
    terms = {"subsidy": (None, YUAN("100.00")), "household": (YUAN(1), None)}
    period = estate.draft("340.00", basis=basis, terms=terms)
    if basis == "agreed":
        AgreedShare.objects.bulk_create(
            AgreedShare(period=period, dwelling=row, weight=weight)
            for row, weight in zip(estate.dwellings, (3, 2, 1), strict=False)
        )
    # when it is published
    estate.earn("300.00")
    period = estate.publish(period)
    adds_up()
    # then
    assert charges_of(period) == [YUAN(amount) for amount in expected]


def test_what_cannot_be_shared_out_is_not_published(estate):
    empty = act(
        estate.books, "open_period", actor=estate.manager, title="空", first="2026-01-01", last="2026-01-31"
    ).made
    too_fixed = estate.draft("10.00", terms={"subsidy": (None, YUAN("11.00")), "household": (YUAN(1), None)})
    nobody = estate.draft("10.00", basis="agreed", name="无人")
    no_area = estate.draft("10.00", name="缺面积")
    told = {}
    for period in (empty, too_fixed, nobody, no_area):
        if period == no_area:
            Dwelling.objects.filter(pk=estate.dwellings[3].pk).update(floor_area=None)
        with pytest.raises(Invalid) as refused:
            act(period, "publish", actor=estate.owners_member)
        told[period.name] = refused.value.code
        assert CostPeriod.objects.get(pk=period.pk).state == "draft"
    assert told == {"空": "empty", "2026年第三季度": "too_much_fixed", "无人": "nobody", "缺面积": "no_area"}
    assert not Charge.objects.exists() and not CostPart.objects.exists()


def test_a_correction_is_a_line_with_the_difference_and_everything_follows_it(estate):
    # given a collected period of 800 yuan: 200 + 200 + 400, 50 a flat
    period = estate.collecting()
    line = period.lines.get()
    before = IncomeEntry.objects.first().balance
    # when the line should have been 760.05
    given = {"line": line, "amount": YUAN("760.05"), "reason": "发票金额看错"}
    period = act(period, "correct", actor=estate.owners_member, **given)
    adds_up()
    # then a second line holds the difference, the first stands, and parts, charges and public income follow
    assert list(period.lines.values_list("amount", "corrects")) == [(YUAN("800.00"), None), (YUAN("-39.95"), line.pk)]
    assert parts_of(period) == {
        "subsidy": YUAN("190.01"), "public_income": YUAN("190.01"), "household": YUAN("380.03"),
    }  # fmt: skip
    assert sum(charges_of(period)) == YUAN("380.03")
    assert Charge.objects.filter(period=period, correction=None).count() == 8
    assert IncomeEntry.objects.first().balance == before + YUAN("9.99")
    # and a second correction starts from what the line says now, with the weights of then
    Dwelling.objects.update(floor_area=1)
    act(period, "correct", actor=estate.owners_member, **given | {"amount": YUAN("800.00")})
    adds_up()
    assert parts_of(period)["household"] == YUAN("400.00")
    figures = period_figures(period)
    assert [row["amount"] for row in figures["lines"][0]["corrections"]] == ["-39.95", "39.95"]
    assert figures["total"] == figures["lines"][0]["stands"] == "800.00"
    # and what it says already is no correction
    with pytest.raises(Invalid):
        act(period, "correct", actor=estate.owners_member, **given | {"amount": YUAN("800.00")})


def test_nothing_is_edited_once_it_is_published(estate):
    period = estate.collecting()
    line, share = period.lines.get(), period.shares.first()
    payment = estate.pay()
    rows = [period, line, share, period.parts.first(), period.charges.first(), payment, IncomeEntry.objects.first()]
    tries = [(lambda row=row: type(row)._base_manager.filter(pk=row.pk).delete()) for row in rows]
    tries += [(lambda row=row: type(row)._base_manager.filter(pk=row.pk).update(amount=1)) for row in rows[3:]]
    tries += [
        lambda: CostLine.objects.filter(pk=line.pk).update(title="改"),
        lambda: CostShare.objects.filter(pk=share.pk).update(weight=9),
        lambda: CostPeriod.objects.filter(pk=period.pk).update(name="改"),
        lambda: CostPeriod.objects.filter(pk=period.pk).update(published_at=timezone.now()),
        lambda: CostLine.objects.create(period=period, kind="other", title="补", amount=1, made_by=estate.manager),
        lambda: Charge.objects.create(period=period, dwelling=estate.dwellings[0], amount=1, weight=1),
        lambda: CostPart.objects.create(period=period, source="subsidy", amount=1, correction=None),
        lambda: AgreedShare.objects.create(period=period, dwelling=estate.dwellings[0], weight=1),
    ]
    for number, attempt in enumerate(tries):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            attempt()
            pytest.fail(f"attempt {number} went through")


def test_the_database_refuses_parts_that_do_not_add_up(estate):
    period = estate.publish(estate.draft())
    # a correcting line without its parts, and parts without their charges
    for source in (None, "household"):
        with pytest.raises(IntegrityError, match="cost period"), transaction.atomic():
            line = CostLine.objects.create(
                period=period, kind="other", title="补", amount=1, made_by=estate.manager, corrects=period.lines.first()
            )
            if source:
                CostPart.objects.create(period=period, source=source, amount=1, correction=line)
            adds_up()


def test_a_period_hangs_out_as_long_as_the_rule_says(estate):
    estate.earn()
    period = act(estate.draft(), "publish", actor=estate.owners_member)
    given = {"actor": estate.manager, "due_on": timezone.localdate() + timedelta(days=30)}
    for days, refused in ((0, True), (7, True), (8, False)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            if refused:
                with pytest.raises(Conflict):
                    act(period, "collect", **given)
            else:
                assert act(period, "collect", **given).state == "collecting"


def test_public_income_gives_no_more_than_it_has(estate):
    # given less than its part: not even published
    draft = estate.draft()
    estate.earn("199.99")
    with pytest.raises(Conflict) as refused:
        estate.publish(draft)
    assert (refused.value.code, CostPeriod.objects.get().state) == ("not_enough", "draft")
    # given enough when it is published, and less when it is collected
    estate.earn("0.01")
    period = estate.publish(draft)
    given = {"kind": "parking", "amount": YUAN("0.01"), "booked_on": timezone.localdate(), "purpose": "划线"}
    act(estate.books, "spend", actor=estate.manager, **given)
    with pytest.raises(Conflict) as refused:
        estate.collect(period)
    assert refused.value.code == "not_enough"
    assert CostPeriod.objects.get().state == "published" and IncomeEntry.objects.count() == 3


def test_a_period_is_settled_when_the_time_to_pay_is_over_or_all_have_paid(estate):
    period = estate.collecting("16.00")
    given = {"actor": estate.manager, "subsidy_received": YUAN("4.00")}
    with pytest.raises(Conflict):
        act(period, "settle", **given)
    for place in range(8):
        estate.pay(place, "1.00")
    with pytest.raises(Invalid):
        act(period, "settle", **given | {"subsidy_received": YUAN("4.01")})
    # nor before the day of what a correction adds
    late = estate.collecting("16.00", due_in=-5, name="上一期")
    given["subsidy_received"] = YUAN("0.00")
    correction = {"actor": estate.owners_member, "line": late.lines.get(), "reason": "发票", "amount": YUAN("32.00")}
    late = act(late, "correct", **correction)
    with pytest.raises(Conflict) as refused:
        act(late, "settle", **given)
    assert refused.value.code == "not_over" and str(timezone.localdate() + timedelta(days=20)) in refused.value.detail
    for place in range(8):
        estate.pay(place, "1.00")
    assert act(late, "settle", **given).state == "settled"
    with pytest.raises(Conflict):
        act(period, "settle", **given)
    for place in range(8):
        estate.pay(place, "1.00")
    assert act(period, "settle", **given).state == "settled"


def test_nobody_publishes_what_they_drew_up(estate):
    member = estate.owners_member
    period = act(estate.books, "open_period", actor=member, title="自拟", first="2026-01-01", last="2026-03-31").made
    act(period, "add_line", actor=member, kind="other", title="杂项", amount=YUAN("8.00"))
    with pytest.raises(NotPermitted):
        act(period, "publish", actor=member)
    # nor what they wrote a line of, or set the shares of
    secretary, admin = estate.user(Role.COMMUNITY_STAFF), estate.user(Role.ADMINISTRATOR)
    period = act(period, "add_line", actor=secretary, kind="other", title="补项", amount=YUAN("1.00"))
    period = act(period, "set_terms", actor=admin, basis="area", terms={"household": (YUAN(1), None)})
    for wrote in (secretary, admin):
        with pytest.raises(NotPermitted):
            act(period, "publish", actor=wrote)
    assert CostPeriod.objects.get().state == "draft" and not period.charges.exists()
    assert act(period, "publish", actor=estate.user(Role.PARTY_SECRETARY)).state == "published"


def test_a_resolution_that_was_revoked_carries_no_period(estate):
    resolution = estate.resolution("effective")
    given = {"actor": estate.manager, "title": "据决议", "first": date(2026, 7, 1), "last": date(2026, 9, 30)}
    period = act(estate.books, "open_period", resolution=resolution, **given).made
    period = act(period, "add_line", actor=estate.manager, kind="other", title="杂项", amount=YUAN("8.00"))
    # when it is revoked after that
    moved_on(resolution, "revoked")
    with pytest.raises(Conflict) as refused:
        act(period, "publish", actor=estate.owners_member)
    # then nothing is published under it, nor drawn up
    assert refused.value.code == "not_effective" and CostPeriod.objects.get().state == "draft"
    with pytest.raises(Invalid) as refused:
        act(estate.books, "open_period", resolution=resolution, **given | {"title": "再据"})
    assert refused.value.field == "resolution"
    # nor under one that the body in charge declared not passed; what hangs out already is not collected
    moved_on(resolution, "effective")
    period = estate.publish(period)
    type(resolution).objects.filter(pk=resolution.pk).update(official_outcome="rejected")
    with pytest.raises(Conflict) as refused:
        estate.collect(period)
    assert refused.value.code == "not_effective" and CostPeriod.objects.get().state == "published"
    with pytest.raises(Invalid):
        act(estate.books, "open_period", resolution=resolution, **given | {"title": "再据"})
    assert not Resolution.objects.in_effect().exists()


def test_what_a_correction_adds_has_a_day_of_its_own(estate):
    # given a period whose day has passed, paid by the first flat
    period = estate.collecting("800.00", due_in=-5)
    estate.pay(0, "50.00")
    # when a line is corrected upwards
    line, today = period.lines.get(), timezone.localdate()
    given = {"actor": estate.owners_member, "line": line, "reason": "发票"}
    act(period, "correct", amount=YUAN("960.00"), **given)
    # then the additional ten yuan are due by the rule, and nobody is late with them
    paid, unpaid = estate.account(0), estate.account(1)
    assert [(bill.amount, bill.additional) for bill in paid.bills] == [(YUAN("50.00"), False), (YUAN("10.00"), True)]
    assert paid.bills[1].due_on == today + timedelta(days=20)
    assert (paid.overdue(today), unpaid.overdue(today), unpaid.owed) == (0, YUAN("50.00"), YUAN("60.00"))
    # when it is corrected downwards, what is overdue is less at once
    act(period, "correct", amount=YUAN("640.00"), **given)
    unpaid = estate.account(1)
    assert [bill.amount for bill in unpaid.bills] == [YUAN("30.00"), YUAN("10.00")]
    assert unpaid.overdue(today) == YUAN("30.00")
    # and a correction that comes before it is collected is due with the rest
    early = estate.publish(estate.draft("80.00", name="下一期"))
    act(early, "correct", **given | {"line": early.lines.get(), "amount": YUAN("160.00")})
    early = estate.collect(CostPeriod.objects.get(pk=early.pk), due_in=30)
    assert {bill.due_on for bill in estate.account(1).bills if bill.period_id == early.pk} == {early.due_on}


def test_a_subsidy_that_was_received_is_claimed_or_returned_after_a_correction(estate):
    # given a settled period whose subsidy of 200 yuan came
    period = estate.collecting("800.00", due_in=-5)
    period = act(period, "settle", actor=estate.manager, subsidy_received=YUAN("200.00"))
    given = {"actor": estate.owners_member, "line": period.lines.get(), "reason": "发票"}
    told = {"actor": estate.manager, "booked_on": timezone.localdate()}
    # when the line was 80.04 yuan too much
    period = act(period, "correct", amount=YUAN("719.96"), **given)
    adds_up()
    figures = period_figures(period)
    # then the statement says what goes back, as a line of its own, and what was received stands
    subsidy = figures["subsidy"]
    assert (subsidy["borne"], subsidy["received"], subsidy["to_return"]) == ("179.99", "200.00", "20.01")
    assert [(row["amount"], row["title"]) for row in subsidy["corrections"]] == [("-20.01", "保洁")]
    assert sum(YUAN(part) for part in figures["parts"].values()) == YUAN(figures["total"]) == YUAN("719.96")
    assert figures["subsidy_received"] == "200.00"
    # no more goes back than that, nor is anything claimed
    for wrong in ({"direction": "returned", "amount": YUAN("20.02")}, {"direction": "claimed", "amount": YUAN("0.01")}):
        with pytest.raises(Conflict) as refused:
            act(period, "record_subsidy", **told | wrong)
        assert refused.value.code == "too_much"
    period = act(period, "record_subsidy", direction="returned", amount=YUAN("20.01"), **told)
    assert period_figures(period)["subsidy"]["to_return"] == "0.00"
    # what was recorded by mistake is undone once, by a line of its own, and recorded again
    undo = {"actor": estate.manager, "line": period.subsidy_lines.get(), "reason": "记错"}
    period = act(period, "reverse_subsidy", **undo)
    assert period_figures(period)["subsidy"]["to_return"] == "20.01"
    for line in period.subsidy_lines.all():
        with pytest.raises(Conflict) as refused:
            act(period, "reverse_subsidy", **undo | {"line": line})
        assert refused.value.code == "reversed"
    assert period.subsidy_lines.count() == 2
    period = act(period, "record_subsidy", direction="returned", amount=YUAN("20.01"), **told,
                 photos=read_uploads([photo()]))  # fmt: skip
    # its document is shown to staff and to the people of the estate
    paper = f"/files/{Attachment.objects.get(subject_type='property.subsidyline').pk}/"
    doors = ((estate.manager, f"/admin/property/costperiod/{period.pk}/change/"),
             (estate.place.owners[2], f"/r/costs/statements/{period.pk}/"))  # fmt: skip
    for user, page in doors:
        client = Client()
        client.force_login(user)
        assert paper in client.get(page).content.decode() and client.get(paper).status_code == 200
    # when it is corrected upwards after it was disclosed, more is claimed and the statement shows it
    period = act(period, "disclose", actor=estate.owners_member)
    period = act(period, "correct", amount=YUAN("720.00"), **given)
    paper = statement_paper(period)
    rows = [row for table in paper.tables if table.title == "政府补贴" for row in table.rows]
    assert [row[2] for row in rows] == [
        YUAN(amount) for amount in (
            "200.00", "-20.01", "0.01", "180.00", "200.00", "-20.01", "20.01", "-20.01", "0.01", "0.00",
        )
    ]  # fmt: skip
    assert "冲正" in [row[0] for row in rows]
    with pytest.raises(IntegrityError), transaction.atomic():
        period.subsidy_lines.update(amount=1)
