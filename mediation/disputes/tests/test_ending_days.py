"""A mediation ends on the day on which it ended, whenever that is typed in: terminated, or declined."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.models import Dispute, DisputeState, RoutesTold
from mediation.tests.county import NOW, USUAL

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST, ENDED = NOW.date(), date(2026, 6, 5)
STEPS = {"terminate": (DisputeState.MEDIATING, USUAL["terminate"]),
         "decline": (DisputeState.REGISTERED, USUAL["decline"])}  # fmt: skip


def fresh(dispute):
    return Dispute.objects.get(pk=dispute.pk)


# Declining is done at the desk.
DOORS = [(name, door) for name in STEPS for door in ("service", "api", "admin", "phone")
         if (name, door) != ("decline", "phone")]  # fmt: skip


@pytest.mark.parametrize(("name", "door"), DOORS)
def test_it_ended_on_the_day_that_is_said(county, clock, name, door):
    # given a dispute that ended on Friday, typed in on Monday
    state, given = STEPS[name]
    dispute = county.in_state(state)
    clock.move_to(NOW + 6 * DAY)
    client, given = client_of(county.mediator), given | {"on": str(ENDED)}
    if door == "service":
        act(dispute, name, actor=county.mediator, **given | {"on": ENDED})
    elif door == "api":
        answer = client.post(f"/api/v1/mediation/disputes/{dispute.pk}/transitions/{name}/", given)
        assert answer.status_code == 200, answer.content
    else:
        page = {"admin": f"/admin/mediation/dispute/{dispute.pk}/transition/{name}/",
                "phone": f"/m/disputes/{dispute.pk}/steps/{name}/"}[door]  # fmt: skip
        assert 'name="on"' in client.get(page).content.decode()
        assert client.post(page, given, format="multipart").status_code == 302
    # then it bears that day; the event tells it, and is itself of the recording
    assert timezone.localdate(fresh(dispute).ended_at) == ENDED
    event = Event.objects.get(name=f"dispute.{fresh(dispute).state}")
    assert (event.payload["on"], event.occurred_at) == (str(ENDED), NOW + 6 * DAY)
    assert {timezone.localdate(at) for at in RoutesTold.objects.values_list("at", flat=True)} <= {ENDED}


@pytest.mark.parametrize("name", STEPS)
def test_not_ahead_nor_before_what_was_done_and_said(county, clock, name):
    state, given = STEPS[name]
    clock.move_to(NOW - DAY)
    dispute = county.in_state(DisputeState.AWAITING_CONSENT if name == "decline" else DisputeState.ACCEPTED)
    clock.move_to(NOW + 2 * DAY)
    if name == "terminate":
        dispute = act(dispute, "begin", actor=county.mediator)
        dates = [(date(2026, 6, 3), "too_early")]
    else:
        county.consent(dispute.parties.first(), answer="refused", said_on=date(2026, 6, 3))
        dates = [(date(2026, 6, 2), "too_early")]
    clock.move_to(NOW + 6 * DAY)
    before = snapshot(fresh(dispute))
    for day, code in [*dates, (date(2026, 6, 9), "in_future"), (date.max, "in_future")]:
        with pytest.raises(Invalid) as refusal:
            act(fresh(dispute), name, actor=county.mediator, **given, on=day)
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(fresh(dispute)) == before
    for key in ("outside_village_mediator", "neighbour", "counsellor"):
        with pytest.raises(NotPermitted):
            act(fresh(dispute), name, actor=county.people[key], **given, on=ENDED)
    assert snapshot(fresh(dispute)) == before


def test_without_a_day_it_ends_when_it_is_recorded(county, clock):
    dispute = county.in_state(DisputeState.MEDIATING)
    clock.move_to(NOW + 2 * DAY)
    act(dispute, "terminate", actor=county.mediator, **USUAL["terminate"])
    assert fresh(dispute).ended_at == NOW + 2 * DAY
