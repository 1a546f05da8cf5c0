"""A device whose clock or line is behind says so on its pages; nothing is judged otherwise for it."""

import pytest

from cases.tests.api import client_of
from devices.tests import test_admin
from devices.tests.fleet import at, message
from devices.tests.test_admin import page_of

HOURS = 60


def told(fleet) -> tuple[int | None, bool, bool]:
    """What REST, the admin and the phone say of the cover."""
    user = fleet.city.user("dispatcher")
    row = client_of(user).get("/api/v1/devices/MC-001/").json()
    phone = client_of(fleet.city.user("grid_worker")).get("/m/devices/MC-001/").content.decode()
    return row["behind_seconds"], "滞后" in test_admin.get(user, page_of(fleet.cover)), "滞后" in phone


@pytest.mark.parametrize(("minutes", "behind"), [
    (0, None), (-10, None), (-11, 11 * 60), (-8 * HOURS, 8 * 3600), (3, None), (30, None),
])  # fmt: skip
def test_a_device_that_is_behind_says_so(fleet, minutes, behind):
    # when the newest that a cover says was measured so long before it came in
    fleet.ingest(message(minutes, metrics={"tilt": 3}), received_at=at(0))
    # then its pages say how far it is behind, if that is more than ten minutes
    assert told(fleet) == (behind, behind is not None, behind is not None)


def test_a_backlog_with_what_is_new_is_not_behind_and_it_is_over_when_the_clock_is_right(fleet):
    assert told(fleet) == (None, False, False)
    fleet.ingest(message(-8 * HOURS, metrics={"tilt": 3}), message(-1, metrics={"tilt": 3}), received_at=at(0))
    assert told(fleet) == (None, False, False)
    fleet.ingest(message(-0.5, status="normal"), received_at=at(60))
    assert told(fleet)[0] == 60 * 60 + 30
    fleet.ingest(message(65, status="normal"), received_at=at(65))
    assert told(fleet) == (None, False, False)
