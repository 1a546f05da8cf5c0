"""Where a hazard is and how it was found: area and position on the phone, rounds, signals, what stewards hand over."""

import uuid
from datetime import timedelta

import pytest

from cases.tests.api import client_of
from cases.tests.patrols import a_beat, a_round
from governance.errors import Invalid
from governance.models import Event, Role
from governance.workflow import act
from mediation.models import Hazard, Signal
from mediation.prevention import report_forms
from mediation.prevention.handover import hazard_from_outside
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.village import WORDS, hazard
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
INSIDE = {"longitude": "112.905", "latitude": "28.205"}
ELSEWHERE = {"longitude": "112.925", "latitude": "28.205"}  # in the other community
GRID, COMMUNITY = "990102001001001", "990102001001"


def phoned(county, **given) -> Hazard:
    """What the village mediator sends from the phone."""
    before = set(Hazard.objects.values_list("pk", flat=True))
    form = {"words": WORDS, "once": str(uuid.uuid4())} | given
    answer = client_of(county.mediator).post("/m/hazards/new/", form, format="multipart")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return Hazard.objects.exclude(pk__in=before).get()


def test_a_hazard_of_a_patrol_names_the_round_and_one_of_a_round_no_other_source(county):
    # given a round under way
    patrol = a_round(a_beat(county.city))
    act(patrol, "start", actor=county.user(Role.GRID_WORKER))
    before = Event.objects.count()

    # when "found on a patrol" is said without the round, or something else of a round, then it is refused by name
    for given, field in (({"source": "patrol"}, "patrol"), ({"source": "phone", "patrol": patrol}, "source")):
        with pytest.raises(Invalid) as refused:
            hazard(county, **given)
        assert refused.value.field == field
    answer = client_of(county.user(Role.GRID_WORKER)).post(
        "/api/v1/mediation/hazards/", {"words": WORDS, "area": GRID, "source": "patrol"}, format="json"
    )
    assert answer.status_code == 400 and "patrol" in str(answer.json())
    assert (Hazard.objects.count(), Event.objects.count()) == (0, before)
    assert hazard(county, area=None, source="patrol", patrol=patrol).patrol == patrol


def test_an_area_chosen_by_hand_stays_whatever_position_the_phone_takes(county):
    # given the phone took its position by itself, in another community, and the mediator chose the grid by hand
    found = phoned(county, area=GRID, **ELSEWHERE)

    # then it is the grid's, and the position, which is not there, is not told of it
    assert (found.area, found.longitude, found.latitude) == (county.area("grid"), None, None)

    # when the position lies in the chosen area, then both are kept
    found = phoned(county, area=GRID, words=f"{WORDS}，又吵了一次", **INSIDE)
    assert (found.area, found.longitude, found.latitude) == (county.area("grid"), 112.905, 28.205)

    # when the area is the one that was proposed, then the position says more
    assert phoned(county, area=COMMUNITY, **INSIDE).area == county.area("grid")


def test_the_form_is_made_once_for_what_was_sent(county, monkeypatch):
    asked, plain = [], report_forms.areas_of
    monkeypatch.setattr(report_forms, "areas_of", lambda *given: asked.append(given) or plain(*given))
    phoned(county, area=GRID)
    assert len(asked) == 1


def test_the_position_of_a_signal_goes_to_its_hazard(county):
    # given a signal with a position, and one whose position lies outside the area it is reported for
    given = {"channel": "hotline", "event_date": "2026-05-01", "received_at": "2026-05-01T08:00+08:00", "text": WORDS}
    here = Signal.objects.create(area=county.area("community"), longitude=112.905, latitude=28.205, **given)
    vague = Signal.objects.create(area=county.area("community"), longitude=112.925, latitude=28.205, **given)

    # when they are reported
    found = signal_report(here, actor=county.mediator)
    other = signal_report(vague, actor=county.mediator, area=county.area("grid"))

    # then the first one is where the signal was, the second where the mediator said
    assert (found.area, found.longitude, found.latitude) == (county.area("grid"), 112.905, 28.205)
    assert (other.area, other.longitude, other.latitude) == (county.area("grid"), None, None)


def test_what_a_steward_saw_long_ago_is_taken_over_all_the_same(county):
    seen = NOW - timedelta(days=200)
    given = {"actor": county.user(Role.COMMUNITY_STAFF), "area": county.area("grid"), "words": "楼上楼下吵架"}
    assert hazard_from_outside(**given, origin=county.dispute(), seen_at=seen).seen_at == seen
    with pytest.raises(Invalid) as refused:
        hazard(county, seen_at=seen)
    assert refused.value.field == "seen_at"
