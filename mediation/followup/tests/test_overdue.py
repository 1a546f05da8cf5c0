"""An overdue visit: the superior is told, in numbers only, and finds it first on the own first page."""

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.models import Appointment, Notice, NoticeTemplate
from governance.workflow import act
from mediation.followup.overseeing import overseen_by, superiors_of
from mediation.followup.tests.visiting import at_nine, found, fresh, visit_of
from mediation.models import Dispute, FollowUpVisit

pytestmark = pytest.mark.django_db
BELOW = "visit_overdue_below"
# By hand: who is told of an overdue visit beside the mediator, and finds it on the first page.
ABOVE = {"general": {"township_mediator"}, "complex": {"county_centre"}, "major": {"county_centre"}}
FINDS = {"general": {"township_mediator", "county_centre"}, "complex": {"county_centre"}, "major": {"county_centre"}}
OTHERS = ["outside_township_mediator", "outside_county_centre", "outside_village_mediator", "judges_clerk", "neighbour",
          "grid_worker", "operations_centre"]  # fmt: skip


def late(county, clock, tier: str, unit: str = "", mediator: str = "") -> FollowUpVisit:
    """A visit of a dispute of a tier, overdue for a day; ``unit``, ``mediator``: who carries it on."""
    NoticeTemplate.objects.create(key=BELOW, language="zh-hans", context="mediation.followupvisit",
                                  title="逾期 {{ dispute }}", body="请督促承办单位")  # fmt: skip
    row = visit_of(county)
    given = {"tier": tier} | ({"unit": county.unit(unit)} if unit else {})
    given |= {"mediator": county.people[mediator]} if mediator else {}
    Dispute.objects.filter(pk=row.dispute_id).update(**given)
    at_nine(clock, row, days=4)
    return fresh(row)


def told() -> set[str]:
    return {notice.person.username for notice in Notice.objects.filter(title__startswith="逾期")}


@pytest.mark.parametrize("tier", ABOVE)
def test_the_superior_is_told_and_finds_it(county, clock, tier):
    # when a visit of the village's becomes overdue
    row = late(county, clock, tier)
    # then the superior of the tier is told, once, the number and nothing else; nobody besides
    names = {county.people[key].username for key in ABOVE[tier]}
    assert told() == names
    notice = Notice.objects.filter(title__startswith="逾期").get()
    assert notice.title == f"逾期 {row.dispute.number}" and "漏水" not in notice.body + notice.title
    # and finds it on the first page, with the days
    page = reverse("admin:mediation_followupvisit_change", args=[row.pk])
    for key in FINDS[tier]:
        shown = client_of(county.people[key]).get("/admin/").content.decode()
        assert page in shown and "漏水" not in shown, key
    for key in OTHERS:
        assert not overseen_by(county.user(key)).exists(), key
    # until it is logged
    act(fresh(row), "log", actor=county.mediator, found=found())
    assert not any(overseen_by(county.people[key]).exists() for key in FINDS[tier])


def test_of_a_general_one_of_the_township_itself_the_county_is_told(county, clock):
    row = late(county, clock, "general", unit="medcentre", mediator="township_mediator")
    assert told() == {"county_centre"}
    assert not overseen_by(county.people["township_mediator"]).exists()
    assert overseen_by(county.people["county_centre"]).get() == row


def test_major_ones_of_the_own_centre_are_looked_after_by_its_others(county, clock):
    # given a second person at the county's centre, who mediates
    second = county.people["colleague"]
    Appointment.objects.filter(user=second).update(
        role="county_centre", unit=county.unit("govcentre"), area=county.area("district")
    )
    row = late(county, clock, "major", unit="govcentre", mediator="colleague")
    # then the other is told and finds it among the overdue ones; who mediates has it to make
    assert told() == {"county_centre"}
    assert overseen_by(county.people["county_centre"]).get() == row
    assert not overseen_by(second).exists()


def test_without_a_township_centre_the_county_is_told(county, clock):
    Appointment.objects.filter(user=county.people["township_mediator"]).update(valid_to="2026-01-01")
    row = late(county, clock, "general")
    assert told() == {"county_centre"} and superiors_of(row.dispute) == [county.people["county_centre"]]
