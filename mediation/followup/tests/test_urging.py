"""The superior urges an overdue visit: once a day, told to who makes it, and read in its history."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice, NoticeTemplate
from governance.workflow import act, available
from mediation.followup.tests.visiting import found, fresh, in_state
from mediation.models import Dispute, VisitState

pytestmark = pytest.mark.django_db
BUTTON = 'data-transition="urge"'
ASKED = "请本周内上门，或说明原因"


@pytest.fixture
def late(county, clock):
    NoticeTemplate.objects.create(key="visit_urged", language="zh-hans", context="mediation.followupvisit",
                                  title="督办 {{ dispute }}", body="请尽快回访")  # fmt: skip
    return in_state(county, clock, VisitState.OVERDUE)


def names(row, user) -> list[str]:
    return [step.name for step in available(row, user)]


def test_the_township_urges_and_the_mediator_reads_what_is_asked(county, late):
    # given an overdue visit of the village's
    township = client_of(county.people["township_mediator"])
    page = reverse("admin:mediation_followupvisit_change", args=[late.pk])
    form = reverse("admin:mediation_followupvisit_transition", args=[late.pk, "urge"])
    assert BUTTON in township.get(page).content.decode()
    assert form in township.get("/m/visits/").content.decode()
    # when the township urges it in the administration
    assert township.post(form, {"reason": ASKED}, format="multipart").status_code == 302
    # then it stays overdue, says when it was urged, and by whom in the history; the township reads its own words
    row = fresh(late)
    assert row.state == "overdue" and row.urged_at is not None
    event = Event.objects.get(name="followup.urged")
    assert event.actor == county.people["township_mediator"] and event.payload["kind"] == "week"
    assert ASKED not in str(event.payload)
    shown = township.get(page).content.decode()
    assert ASKED in shown and BUTTON not in shown
    # and its mediator and the others of the unit are told, in numbers only
    told = Notice.objects.filter(title=f"督办 {row.dispute.number}")
    assert {one.person.username for one in told} == {county.mediator.username, county.people["colleague"].username}
    assert not any(ASKED in one.body + one.title for one in told)
    # who read it in the administration and on the phone
    for address in (page, reverse("phone_mediation_visits:one", args=[late.pk])):
        assert ASKED in client_of(county.mediator).get(address).content.decode(), address


def test_once_a_day_whoever_it_is(county, clock, late):
    row = act(late, "urge", actor=county.people["township_mediator"], reason=ASKED)
    # given that the township urged it, the county does not on the same day
    assert names(row, county.people["county_centre"]) == []
    with pytest.raises(Conflict) as refused:
        act(row, "urge", actor=county.people["county_centre"], reason=ASKED)
    assert refused.value.code == "urged_today"
    answer = client_of(county.people["county_centre"]).post(
        f"/api/v1/mediation/visits/{row.pk}/transitions/urge/", {"reason": ASKED}
    )
    assert answer.status_code == 409 and answer.json()["errors"][0]["code"] == "urged_today"
    # but on the next
    clock.move_to(row.urged_at + timedelta(days=1))
    assert names(fresh(row), county.people["county_centre"]) == ["urge"]
    told = client_of(county.people["county_centre"]).post(
        f"/api/v1/mediation/visits/{row.pk}/transitions/urge/", {"reason": ASKED}
    )
    assert told.status_code == 200 and told.json()["urged_at"] > row.urged_at.astimezone(SHANGHAI).isoformat()
    assert Event.objects.filter(name="followup.urged").count() == 2


def test_not_without_words(county, late):
    with pytest.raises(Invalid) as refused:
        act(late, "urge", actor=county.people["township_mediator"])
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("tier", "unit", "may"),
    [
        ("general", "", {"township_mediator", "county_centre"}),
        ("general", "medcentre", {"county_centre"}),  # the township's own
        ("complex", "medcentre", {"county_centre"}),
        ("major", "govcentre", {"county_centre"}),  # of a colleague
    ],
)
def test_who_may(county, late, tier, unit, may):
    given = {"tier": tier} | ({"unit": county.unit(unit)} if unit else {})
    Dispute.objects.filter(pk=late.dispute_id).update(**given)
    row = fresh(late)
    for key in ("township_mediator", "county_centre", "outside_township_mediator", "outside_county_centre",
                "village_mediator", "colleague", "grid_worker", "operations_centre", "administrator", "judges_clerk",
                "neighbour"):  # fmt: skip
        user = county.user(key)
        assert ("urge" in names(row, user)) == (key in may), key
        if key not in may:
            with pytest.raises(NotPermitted):
                act(row, "urge", actor=user, reason=ASKED)


def test_nobody_urges_what_they_make_themselves_or_what_is_made(county, late):
    # given a major dispute that the county's person mediates
    county_centre = county.people["county_centre"]
    Dispute.objects.filter(pk=late.dispute_id).update(
        tier="major", unit=county.unit("govcentre"), mediator=county_centre
    )
    assert "urge" not in names(fresh(late), county_centre)
    # and a visit that was made
    Dispute.objects.filter(pk=late.dispute_id).update(
        tier="general", unit=county.unit("medcom"), mediator=county.mediator
    )
    row = act(fresh(late), "log", actor=county.mediator, found=found())
    with pytest.raises(NotPermitted):
        act(row, "urge", actor=county.people["township_mediator"], reason=ASKED)
