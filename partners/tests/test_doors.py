"""The points bank through the API and the admin: whose accounts, and the same few statements for any number of rows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.tests.api import client_of
from governance.models import User
from partners.ledger.accounts import account_open
from partners.ledger.adjustments import adjustment_propose
from partners.ledger.holds import hold_place
from partners.ledger.points import points_spend

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/points/accounts/"


def statements(client, address, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(40) as ran:
        assert client.get(address).status_code == 200
    return len(ran)


def more_rows(bank, number: int) -> None:
    """Add a row to each list of the points bank."""
    person = User.objects.create(username=f"p-more-{number}", name=f"新成员{number}")
    account_open(bank.city.area("community"), actor=bank.staff, user=person)
    bank.earn("lawyer", 3)
    until = timezone.now() + timedelta(days=1)
    hold_place(bank.account("lawyer"), actor=bank.user("lawyer"), amount=1, key=f"m{number}", reason="coupon",
               until=until)  # fmt: skip
    adjustment_propose(bank.account("lawyer"), actor=bank.staff, amount=1, reason="漏记")


def test_owners_and_staff_read_accounts_and_statements(bank, django_assert_max_num_queries):
    bank.earn("lawyer", 10)
    points_spend(bank.account("lawyer"), actor=bank.user("lawyer"), amount=4, key="s", reason="room")
    address = f"{ACCOUNTS}{bank.account('lawyer').pk}/statement/"
    for who, sees in ((bank.user("lawyer"), 1), (bank.user("baker"), 1), (bank.staff, 7), (bank.user("stranger"), 1),
                      (bank.city.user("grid_worker"), 0), (bank.city.user("administrator"), 12)):  # fmt: skip
        client = client_of(who)
        assert len(client.get(ACCOUNTS).json()["results"]) == sees
        mine = who in (bank.people["lawyer"], bank.staff, bank.city.user("administrator"))
        assert client.get(address).status_code == (200 if mine else 404)
    assert client_of().get(ACCOUNTS).status_code == 401
    client = client_of(bank.user("lawyer"))
    (row,) = client.get(ACCOUNTS).json()["results"]
    assert (row["available"], row["held"], row["owed"], row["owner_name"]) == (6, 0, 0, "lawyer员")
    lines = client.get(address, {"page_size": 1}).json()
    assert [(line["amount"], line["reason"], line["kind"]) for line in lines["results"]] == [(-4, "room", "spend")]
    assert client.get(lines["next"]).json()["results"][0]["evidence_type"] == "property.servicerecord"
    assert client.post(ACCOUNTS, {}).status_code == 405
    # as many statements for more lines
    staff = client_of(bank.staff)
    # (what merchants and the community's sides have is the sum of their statements)
    rows = staff.get(ACCOUNTS).json()["results"]
    assert {row["available"] is None for row in rows if row["kind"] != "member"} == {True}
    first = [statements(staff, at, django_assert_max_num_queries) for at in (ACCOUNTS, address)]
    for number in range(5):
        more_rows(bank, number)
    assert [statements(staff, at, django_assert_max_num_queries) for at in (ACCOUNTS, address)] == first


@pytest.mark.parametrize("name", ["account", "transfer", "hold", "adjustment"])
def test_staff_look_at_the_lists_and_change_nothing(bank, name, django_assert_max_num_queries):
    made = bank.earn("lawyer", 10)
    address, client = reverse(f"admin:partners_{name}_changelist"), Client()
    client.force_login(bank.city.user("grid_worker"))
    assert client.get(address).status_code == 403
    client.force_login(bank.staff)
    more_rows(bank, 0)
    first = statements(client, address, django_assert_max_num_queries)
    for number in range(1, 5):
        more_rows(bank, number)
    assert statements(client, address, django_assert_max_num_queries) == first
    # (an adjustment is proposed here, and decided by another person)
    assert client.get(reverse(f"admin:partners_{name}_add")).status_code == (200 if name == "adjustment" else 403)
    if name in ("account", "transfer"):
        row = made if name == "transfer" else bank.account("lawyer")
        change = reverse(f"admin:partners_{name}_change", args=[row.pk])
        page = client.get(change).content.decode()
        assert ("服务记录 1" if name == "transfer" else "10") in page and (name == "account" or "关闭" in page)
        assert client.post(change, {"amount": 1}).status_code == 403
