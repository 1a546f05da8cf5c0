"""Attacks on an estate's money: roles held elsewhere, a use that a consultation decided, neighbours' payments."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Appointment, Building, Event, Role
from governance.workflow import act
from property.costs.tests.estate import moved_on
from property.models import FundEntry, Payment, RuleSet
from property.voting.resolutions import resolution_change, resolution_record_official


def at_door(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_who_collects_elsewhere_does_not_read_what_neighbours_owe_here(estate, city):
    """A member of the owners' committee here who works for another community."""
    member = estate.owners_member
    Appointment.objects.create(
        user=member, unit=city.unit("other_committee"), role=Role.COMMUNITY_STAFF, area=city.area("other_community")
    )
    estate.collecting("800.00", due_in=-1)
    books, page = estate.books.pk, f"/admin/property/estatebooks/{estate.books.pk}/"
    assert client_of(member).get(f"/api/v1/estate-books/{books}/arrears/").status_code == 403
    client = at_door(member)
    assert client.get(f"{page}arrears/").status_code == 403
    assert client.get(f"{page}dwelling/{estate.dwellings[0].pk}/").status_code == 403
    shown = client.get(f"{page}change/")
    assert shown.status_code == 200 and "pc-arrears" not in shown.content.decode()
    assert client_of(estate.manager).get(f"/api/v1/estate-books/{books}/arrears/").status_code == 200


def test_the_books_do_not_tell_the_committee_why_a_neighbour_got_money_back(estate):
    estate.pay(0, "50.00")
    given = {"dwelling": estate.dwellings[0], "amount": Decimal("50.00"), "method": "cash"}
    act(estate.books, "refund", actor=estate.manager, paid_on=timezone.localdate(), reason="101室王某多交", **given)
    told = Event.objects.filter(name__startswith="books.payment_").values_list("payload", flat=True)
    assert [sorted(set(payload) - {"from", "to"}) for payload in told] == [["payment", "receipt"]] * 2
    page = f"/admin/property/estatebooks/{estate.books.pk}/change/"
    assert "101室王某多交" in at_door(estate.manager).get(page).content.decode()
    for role in (Role.OWNERS_COMMITTEE_MEMBER, Role.PARTY_SECRETARY, Role.ORGANISER):
        assert "101室王某多交" not in at_door(estate.user(role)).get(page).content.decode()


def test_a_use_that_became_a_consultation_lets_nothing_be_used(estate):
    """The rule was changed after the use was stated: what residents are asked only does not open the fund."""
    fund = estate.fund()
    made = estate.use(fund, "deliberating")
    survey = RuleSet.objects.create(code="survey", name="征询", kind="consultative", source="试验")
    changed = resolution_change(made.resolution, actor=estate.owners_member, rule_set=survey)
    moved_on(changed, "effective")
    given = {"booked_on": timezone.localdate(), "purpose": "屋面", "amount": Decimal("10.00")}
    with pytest.raises(Conflict) as refused:
        act(fund, "use", actor=estate.owners_member, use=made, **given)
    assert refused.value.code == "kind" and FundEntry.objects.count() == 1


def test_a_use_that_was_officially_rejected_lets_nothing_be_used(estate):
    fund = estate.fund()
    made = estate.use(fund)
    told = {"official_outcome": "rejected", "official_on": timezone.localdate(), "official_number": "住建〔2026〕1号"}
    made.resolution.refresh_from_db()
    resolution_record_official(made.resolution, actor=estate.user(Role.COMMUNITY_STAFF), **told)
    given = {"booked_on": timezone.localdate(), "purpose": "屋面", "amount": Decimal("10.00")}
    with pytest.raises(Conflict) as refused:
        act(fund, "use", actor=estate.owners_member, use=made, **given)
    assert refused.value.code == "not_effective" and FundEntry.objects.count() == 1


def test_the_page_of_a_fund_asks_as_much_for_many_uses_as_for_one(estate):
    fund, client = estate.fund(), at_door(estate.owners_member)
    page = f"/admin/property/maintenancefund/{fund.pk}/change/"

    def statements():
        with CaptureQueriesContext(connection) as found:
            assert client.get(page).status_code == 200
        return len(found)

    estate.use(fund)
    statements()
    one = statements()
    for _ in range(3):
        estate.use(fund)
    assert statements() == one


def test_an_own_account_asks_as_much_for_many_payments_as_for_one(estate):
    client = client_of(estate.place.owners[0])

    def statements():
        with CaptureQueriesContext(connection) as found:
            assert client.get("/api/v1/me/charges/").status_code == 200
        return len(found)

    act(estate.books, "reverse_payment", actor=estate.manager, payment=estate.pay(0), reason="记错")
    statements()
    one = statements()
    for _ in range(3):
        act(estate.books, "reverse_payment", actor=estate.manager, payment=estate.pay(0), reason="记错")
    assert statements() == one


def test_dwellings_of_a_building_out_of_use_are_charged_nothing(estate):
    """They are on no roll of the owners either."""
    gone, stands = estate.place.buildings
    Building.objects.filter(pk=gone.pk).update(is_active=False)
    charges = estate.publish(estate.draft("800.00")).charges
    assert not charges.filter(dwelling__building=gone).exists()
    assert [row.amount for row in charges.filter(dwelling__building=stands)] == [Decimal("100.00")] * 4


@pytest.mark.parametrize("advance", [False, True])
def test_a_payment_in_cash_sent_twice_from_the_books_is_one_payment(estate, advance):
    """The form opened at the books knows no dwelling: it comes back once with what is owed, which tells them apart."""
    if not advance:
        estate.collecting("800.00")
    before = Payment.objects.count()
    client = at_door(estate.manager)
    path = f"/admin/property/estatebooks/{estate.books.pk}/transition/pay/"
    given = {"dwelling": "GY-1-1-101", "amount": "50.00", "method": "cash", "paid_on": timezone.localdate().isoformat()}
    # given the form as it comes back
    back = client.post(path, given)
    assert back.status_code == 400 and Payment.objects.count() == before
    owed = back.context["form"]["owed"].value()
    assert Decimal(owed) == (0 if advance else Decimal("50.00"))
    # when it is sent twice
    answers = [client.post(path, given | {"owed": owed}).status_code for _time in range(2)]
    # then one payment is recorded
    assert (answers[0], Payment.objects.count()) == (302, before + 1)
    assert answers[1] != 302


def test_a_refund_sent_twice_gives_back_once(estate):
    estate.pay(0, "80.00")
    client, before = at_door(estate.manager), Payment.objects.count()
    path = f"/admin/property/estatebooks/{estate.books.pk}/transition/refund/"
    given = {"dwelling": "GY-1-1-101", "amount": "30.00", "method": "cash", "reason": "多交",
             "paid_on": timezone.localdate().isoformat()}  # fmt: skip
    back = client.post(path, given)
    owed = back.context["form"]["owed"].value()
    assert (back.status_code, Decimal(owed), Payment.objects.count()) == (400, Decimal("-80.00"), before)
    answers = [client.post(path, given | {"owed": owed}).status_code for _time in range(2)]
    assert answers[0] == 302 and answers[1] != 302 and Payment.objects.count() == before + 1


def test_the_number_of_a_transfer_is_enough(estate):
    given = {"dwelling": "GY-1-1-101", "amount": "50.00", "method": "bank", "paid_on": timezone.localdate().isoformat()}
    path = f"/api/v1/estate-books/{estate.books.pk}/transitions/pay/"
    client = client_of(estate.manager)
    unsure = client.post(path, given, format="json")
    assert (unsure.status_code, unsure.json()["errors"][0]["code"]) == (400, "unconfirmed")
    assert client.post(path, given | {"reference": "T1"}, format="json").status_code == 200
    assert client.post(path, given | {"reference": "T1"}, format="json").status_code == 409
