"""Giving points to another member through every door; accounts out of use; nobody decides on their own points."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.identity.limits import KeyThrottle
from governance.models import Appointment, Notice, Role, User
from governance.notices.planning import tell_past
from governance.scoping import forget_grants
from partners.ledger.accounts import account_open, balance_of
from partners.ledger.adjustments import adjustment_approve, adjustment_decline, adjustment_propose
from partners.ledger.audit import invariants_broken
from partners.ledger.giving import gift_make
from partners.ledger.points import points_spend
from partners.ledger.reasons import lines_told
from partners.ledger.reversals import transfer_reverse
from partners.ledger.statement import statement_of
from partners.models import Account, Adjustment, Lot, Transfer

pytestmark = pytest.mark.django_db
BAKERY = "麦香面包房"


def has(bank, name: str) -> tuple[int, int]:
    row = Account.objects.get(pk=bank.account(name).pk)
    return row.available, row.owed


def give(bank, amount: int = 4, **given) -> Transfer:
    given = {"number": bank.account("bakery").pk, "name": BAKERY, "key": "one"} | given
    return gift_make(bank.account("lawyer"), actor=bank.user("lawyer"), amount=amount, **given)


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return client


def test_a_gift_keeps_its_last_day_and_both_sides_read_whose_it_was(bank):
    end = timezone.localdate() + timedelta(days=9)
    bank.earn("lawyer", 10, expires_on=end)
    made = give(bank)
    assert (has(bank, "lawyer"), has(bank, "bakery")) == ((6, 0), (4, 0))
    assert Lot.objects.get(account=bank.account("bakery")).expires_on == end
    told = [lines_told(statement_of(bank.account(name))[0]) for name in ("lawyer", "bakery")]
    said = [next(str(one) for pk, one in each.items() if pk in made.entries.values_list("pk", flat=True))
            for each in told]  # fmt: skip
    assert BAKERY in said[0] and "lawyer员" not in said[0]
    assert "lawyer员" in said[1] and BAKERY not in said[1]
    # sent again it is the same gift; the same key for another one is refused
    assert give(bank).pk == made.pk
    with pytest.raises(Conflict) as refusal:
        give(bank, 5)
    assert refusal.value.code == "key_reused"
    assert invariants_broken() == []


def test_number_and_name_must_both_fit_and_one_alone_tells_nothing(bank):
    bank.earn("lawyer", 10)
    number = bank.account
    wrong = [
        {"name": "麦香"}, {"name": ""}, {"number": 2**62}, {"number": number("shop").pk, "name": "惠民便利店"},
        {"number": number("stranger").pk, "name": "stranger员"},
        {"number": Account.objects.get(kind="pool", area=number("lawyer").area).pk,
         "name": number("lawyer").area.name},
    ]  # fmt: skip
    said = set()
    for given in wrong:
        with pytest.raises(Invalid) as refusal:
            give(bank, **given)
        assert refusal.value.field == "to"
        said.add(str(refusal.value.detail))
    assert len(said) == 1
    with pytest.raises(Invalid):
        give(bank, number=number("lawyer").pk, name="lawyer员")
    for who in (bank.staff, bank.user("baker"), bank.user("stranger"), bank.city.user("administrator")):
        with pytest.raises(NotPermitted):
            gift_make(number("lawyer"), actor=who, number=number("bakery").pk, name=BAKERY, amount=1, key="k")
    assert has(bank, "lawyer") == (10, 0)


def owing(bank, name: str, who: str, amount: int) -> None:
    """Let a member owe points: an earning that was spent is reversed."""
    earned = bank.earn(name, amount)
    points_spend(bank.account(name), actor=bank.user(who), amount=amount, key=bank.key(), reason="room")
    transfer_reverse(earned, actor=bank.staff, reason="mistake")


def test_who_owes_gives_nothing_away_and_a_debt_is_paid_by_whatever_comes(bank):
    # given a member with five points who owes three more
    owing(bank, "lawyer", "lawyer", 8)
    adjustment = adjustment_propose(bank.account("lawyer"), actor=bank.staff, amount=10, reason="补记")
    assert has(bank, "lawyer") == (0, 8)
    # points that two persons add pay the debt first
    adjustment_approve(adjustment, actor=bank.city.user("administrator"))
    assert has(bank, "lawyer") == (2, 0)
    # a gift does, too
    owing(bank, "bakery", "baker", 5)
    give(bank, 2)
    assert (has(bank, "lawyer"), has(bank, "bakery")) == ((0, 0), (0, 3))
    # and who owes gives nothing, whatever there is
    first = bank.earn("lawyer", 6)
    bank.earn("lawyer", 6, expires_on=timezone.localdate())
    points_spend(bank.account("lawyer"), actor=bank.user("lawyer"), amount=8, key="s", reason="room")
    transfer_reverse(first, actor=bank.staff, reason="mistake")
    assert has(bank, "lawyer")[1] == 2
    with pytest.raises(Conflict) as refusal:
        give(bank, 1, key="two")
    assert refusal.value.code == "owed"
    assert invariants_broken() == []


def test_the_api_gives_from_the_own_account_and_no_other(bank):
    bank.earn("lawyer", 10)
    address = f"/api/v1/points/accounts/{bank.account('lawyer').pk}/give/"
    body = {"to": bank.account("bakery").pk, "name": BAKERY, "amount": 3}
    for who, status in ((bank.staff, 403), (bank.user("baker"), 404), (bank.user("stranger"), 404)):
        assert client_of(who).post(address, body, format="json").status_code == status
    assert client_of().post(address, body, format="json").status_code == 401
    client = client_of(bank.user("lawyer"))
    for wrong, status in (({"amount": 0}, 400), ({"amount": 10**12}, 400), ({"to": 2**70}, 400), ({"to": "x"}, 400),
                          ({"name": "\0"}, 400), ({"name": "别人"}, 400), ({"amount": 11}, 409)):  # fmt: skip
        assert client.post(address, body | wrong, format="json").status_code == status, wrong
    made = [client.post(address, body, format="json", headers={"Idempotency-Key": "g-1"}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201] and made[0].json() == made[1].json()
    assert made[0].json()["balance"]["available"] == 7
    assert (has(bank, "lawyer"), has(bank, "bakery")) == ((7, 0), (3, 0))
    shop = f"/api/v1/points/accounts/{bank.account('shop').pk}/give/"
    assert client_of(bank.user("shopkeeper")).post(shop, body, format="json").status_code == 404


def test_the_page_gives_once_however_often_the_button_is_pressed(bank):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_earning_notices.json"), verbosity=0)
    bank.earn("bakery", 10)
    lawyer = bank.account("lawyer")
    client, address = signed(bank.user("baker")), f"/r/points/{bank.account('bakery').pk}/give/"
    assert f"账号 {bank.account('bakery').pk}" in client.get("/r/points/").content.decode()
    assert signed(bank.user("lawyer")).get(address).status_code == 404
    assert signed(bank.staff).get(address).status_code == 404
    form = {"to": lawyer.pk, "name": "lawyer员", "amount": 4, "key": uuid.uuid4()}
    for wrong, status in (({"name": "别人"}, 400), ({"amount": 11}, 409), ({"amount": "九"}, 400), ({"key": "x"}, 400),
                          ({"to": "9" * 40}, 400)):  # fmt: skip
        assert client.post(address, form | wrong).status_code == status, wrong
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    page = client.post(address, form | {"amount": 5})
    assert page.status_code == 409 and "已提交过" in page.content.decode()
    assert (has(bank, "lawyer"), has(bank, "bakery")) == ((4, 0), (6, 0))
    # the other member is told that there is something, and the page says from whom
    hour_ago = timezone.now() - timedelta(hours=1)
    tell_past(hour_ago, unread_since=hour_ago)
    (notice,) = Notice.objects.filter(person=bank.people["lawyer"])
    assert "4" in notice.title and BAKERY not in notice.title + notice.body
    assert BAKERY in signed(bank.user("lawyer")).get("/r/points/").content.decode()


def test_staff_take_an_account_out_of_use_and_into_use_again_with_a_reason(bank):
    bank.earn("lawyer", 5)
    account = bank.account("lawyer")
    off, on = (reverse("admin:partners_account_use", args=[account.pk, on]) for on in (0, 1))
    address, page = off, reverse("admin:partners_account_change", args=[account.pk])
    for who in ("grid_worker", "operations_centre", "handler", "outside_community_staff"):
        client = signed(bank.city.user(who) if "outside" not in who else bank.city.outsider("community_staff"))
        assert client.post(address, {"reason": "x"}).status_code in (302, 403, 404), who
        assert Account.objects.get(pk=account.pk).is_active, who
    staff = signed(bank.staff)
    assert address in staff.get(page).content.decode()
    assert staff.post(address, {"reason": " "}).status_code == 400
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"reason": "迁出本社区"}).status_code == 302
    assert not Account.objects.get(pk=account.pk).is_active
    assert "迁出本社区" in staff.get(page).content.decode()
    own = signed(bank.user("lawyer")).get("/r/points/").content.decode()
    assert "停用" in own or "未启用" in own
    with pytest.raises(Conflict):
        give(bank, 1)
    # an old page that is sent once more turns nothing round
    assert staff.post(off, {"reason": "迁出本社区"}).status_code == 302
    assert not Account.objects.get(pk=account.pk).is_active and on in staff.get(page).content.decode()
    assert staff.post(on, {"reason": "迁回"}).status_code == 302
    assert Account.objects.get(pk=account.pk).is_active
    # a community's own sides are always in use
    pool = Account.objects.get(kind="pool", area=account.area)
    assert staff.post(reverse("admin:partners_account_use", args=[pool.pk, 0]), {"reason": "x"}).status_code == 403


def test_nobody_decides_on_their_own_points(bank):
    # given community staff who are members themselves, and a committee that is one
    staff, other = bank.staff, User.objects.create(username="p-second", name="第二人", is_staff=True)
    here = bank.account("lawyer").area
    committee = bank.city.unit("committee")
    Appointment.objects.create(user=other, unit=committee, role=Role.COMMUNITY_STAFF, area=here,
                               valid_from=timezone.localdate())  # fmt: skip
    forget_grants(other)
    for owner in ({"user": staff}, {"unit": committee}):
        account = account_open(here, actor=bank.city.user("administrator"), **owner)
        row = adjustment_propose(account, actor=other, amount=50, reason="补记")
        for decide in (adjustment_approve, lambda row, actor: adjustment_decline(row, actor=actor, reason="x")):
            with pytest.raises(NotPermitted) as refusal:
                decide(row, actor=staff)
            assert refusal.value.code == "own"
        address = reverse("admin:partners_adjustment_change", args=[row.pk])
        assert "/approve/" not in signed(staff).get(address).content.decode()
        assert Adjustment.objects.get(pk=row.pk).stage == "proposed" and balance_of(account).available == 0
        answer = signed(staff).post(reverse("admin:partners_account_use", args=[account.pk, 0]), {"reason": "x"})
        assert answer.status_code == 403
        adjustment_approve(row, actor=bank.city.user("administrator"))
        assert balance_of(account).available == 50


def test_numbers_and_names_cannot_be_tried_out(bank, monkeypatch):
    # given a member who has points and asks for one account after the other
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"gift-try": "3/hour"})
    bank.earn("lawyer", 20)
    account, right = bank.account("lawyer"), bank.account("bakery").pk
    api, page = client_of(bank.user("lawyer")), signed(bank.user("lawyer"))
    door = f"/api/v1/points/accounts/{account.pk}/give/"
    wish = {"name": BAKERY, "amount": 4}
    # a key that undoes what was refused does not undo the count
    for number in range(2):
        sent = api.post(door, wish | {"to": 10_000_000 + number}, HTTP_IDEMPOTENCY_KEY=f"k{number}")
        assert sent.status_code == 400
    form, address = {"key": uuid.uuid4()}, f"/r/points/{account.pk}/give/"
    assert page.post(address, wish | form | {"to": 10_000_009}).status_code == 400
    # then even the right one is not told any more, at no door, and nothing moved
    assert api.post(door, wish | {"to": right}, HTTP_IDEMPOTENCY_KEY="k9").status_code == 429
    assert page.post(address, wish | form | {"to": right}).status_code == 429
    assert has(bank, "lawyer") == (20, 0)


def test_points_that_would_be_over_are_proposed_again(bank):
    end = timezone.localdate() - timedelta(days=1)
    row = Adjustment.objects.create(account=bank.account("lawyer"), area=bank.account("lawyer").area, amount=5,
                                    expires_on=end, reason="补记", proposed_by=bank.staff)  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        adjustment_approve(row, actor=bank.city.user("administrator"))
    assert refusal.value.code == "over" and not Transfer.objects.filter(kind="adjust").exists()
