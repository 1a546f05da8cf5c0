"""The community's list of residents: entered through the service of its own entries, claims that wait confirmed."""

from governance.exchange.importers import grant_to_import, importer_named
from governance.exchange.tests.material import bring, counted, wrong_lines
from governance.models import Event, Residency, User

KEY = "registry.residencies"
HEADER = ["dwelling", "person", "kind", "valid_from", "reason"]


def test_residents_are_entered_once_and_a_waiting_claim_is_confirmed(registry):
    staff = registry.user("community_staff")
    User.objects.filter(username="neighbour").update(phone="+99900000401")
    registry.claim(kind="owner")
    rows = [HEADER, ["gy-3-2-501", "resident", "业主", "", "房产证 118 号"],
            ["gy-3-2-502", "+99900000401", "tenant", "2026/3/1", "租赁合同"]]  # fmt: skip
    assert counted(bring(KEY, rows, staff)) == (1, 1, 0)
    assert counted(bring(KEY, rows, staff)) == (0, 0, 2)
    found = {row.user.username: row for row in Residency.objects.all()}
    assert {name: (row.state, row.kind) for name, row in found.items()} == {
        "resident": ("verified", "owner"), "neighbour": ("verified", "tenant"),
    }  # fmt: skip
    assert str(found["neighbour"].valid_from) == "2026-03-01"
    verified = Event.objects.filter(name="residency.verified")
    assert {(event.actor, event.remark.text) for event in verified} == {
        (staff, "房产证 118 号"), (staff, "租赁合同"),
    }  # fmt: skip


def test_bad_lines_are_named_and_nothing_is_stored(registry):
    registry.in_state(Residency, "verified")
    rows = [HEADER, ["x", "neighbour", "owner", "", "查"], ["gy-3-2-501", "nobody", "owner", "", "查"],
            ["gy-3-2-501", "neighbour", "guest", "", "查"], ["gy-3-2-501", "neighbour", "owner", "2999-01-01", "查"],
            ["gy-3-2-501", "neighbour", "owner", "", ""], ["gy-3-2-501", "resident", "tenant", "", "查"],
            ["gy-3-2-502", "community_staff", "owner", "", "查"]]  # fmt: skip
    assert wrong_lines(KEY, rows, registry.user("community_staff")) == [
        (2, "dwelling"), (3, "person"), (4, "kind"), (5, "valid_from"), (6, "reason"), (7, "kind"), (8, ""),
    ]  # fmt: skip
    assert Residency.objects.count() == 1


def test_the_list_reaches_as_far_as_the_community(registry):
    rows = [HEADER, ["gy-3-2-501", "neighbour", "owner", "", "查"]]
    assert wrong_lines(KEY, rows, registry.city.outsider("community_staff")) == [(2, "dwelling")]
    for role in ("grid_worker", "registrar", "handler", "resident"):
        assert grant_to_import(importer_named(KEY), registry.user(role)) is None
    assert not Residency.objects.exists()
