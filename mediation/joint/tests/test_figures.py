"""Figures of respected locals: to this moment for who reads the disputes, for analysts by quarters and in steps that
are no small cells, so that two looks do not tell how one dispute ended."""

from datetime import date, datetime

import pytest

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.scoping import forget_grants
from mediation.joint.figures import helper_figures

pytestmark = pytest.mark.django_db
ANALYSTS = ["administrator", "operations_centre", "county_centre", "township_mediator"]


@pytest.fixture
def helped(work):
    """Let disputes end in which a helper took part."""

    def end(agreed: int = 0, failed: int = 0):
        for step in ["agree"] * agreed + ["terminate"] * failed:
            invitation = work.in_state("helperinvitation", "accepted")
            dispute = work.county.step(invitation.dispute, step)
        return dispute

    return end


def told(work, key: str) -> list[tuple]:
    user = work.county.people[key]
    forget_grants(user)
    return [(row.ended, row.agreed) for row in helper_figures(user)]


def test_analysts_count_up_to_the_end_of_the_last_quarter(work, helped, clock):
    # given disputes that have ended in a quarter that is not over
    last = helped(agreed=5, failed=5)
    # then mediators of the place count them, analysts do not
    assert told(work, "village_mediator") == [(10, 5)]
    assert all(told(work, key) == [] for key in ANALYSTS)
    # when the quarter is over, then each analyst counts them, and says up to which day
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=SHANGHAI))
    assert all(told(work, key) == [(10, 5)] for key in ANALYSTS)
    assert {row.until for row in helper_figures(work.user("county_centre"))} == {date(2026, 6, 30)}
    answer = client_of(work.user("county_centre")).get("/api/v1/mediation/helpers/figures/").json()
    assert answer[0]["until"] == "2026-06-30" and answer[0]["share"] == 50
    page = client_of(work.user("administrator")).get("/admin/mediation/respectedhelper/figures/").content.decode()
    assert "2026-06-30" in page
    # when one is reopened and another ends, then mediators see it (four without an agreement are too few) and analysts
    # do not
    helped(agreed=1)
    work.county.step(last, "reopen")
    assert told(work, "village_mediator") == [(10, None)]
    assert all(told(work, key) == [(10, 5)] for key in ANALYSTS)


def test_a_quarter_in_which_few_ended_is_told_with_the_next_ones(work, helped, clock):
    helped(agreed=5, failed=5)
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=SHANGHAI))
    helped(agreed=1)
    # given a quarter in which one ended: its figures are those of before, so that the difference tells nothing
    clock.move_to(datetime(2026, 10, 8, 9, 0, tzinfo=SHANGHAI))
    assert told(work, "county_centre") == [(10, 5)]
    # when enough have ended since, but too few without an agreement, then their number alone is told
    helped(agreed=5, failed=1)
    clock.move_to(datetime(2027, 1, 4, 9, 0, tzinfo=SHANGHAI))
    assert told(work, "county_centre") == [(17, None)]
    # and the agreements once five have ended without, all since they were told last
    helped(agreed=1, failed=4)
    clock.move_to(datetime(2027, 4, 6, 9, 0, tzinfo=SHANGHAI))
    assert told(work, "county_centre") == [(22, 12)]
