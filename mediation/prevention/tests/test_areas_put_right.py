"""A signal of which only the county is known is handed to a community: then it counts there, and somebody has it."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.exchange.files import Source
from governance.exchange.runs import import_now
from governance.models import Event, Role
from mediation.models import Hazard, Signal, WarningWatch
from mediation.prevention.signals import signal_area_set, signal_report
from mediation.prevention.tests.test_signals import CENTRE, record, take
from mediation.warning.streams import Ground, happenings

pytestmark = pytest.mark.django_db
LIST = "/api/v1/mediation/signals/"


@pytest.fixture
def lost(county, hotline) -> Signal:
    """A record of which only the district is known, and one that repeats it."""
    first, again = take(county, hotline, record(1, 所属社区=""), record(2, 所属社区=""))
    assert again.event == first.signal and first.signal.area == county.area("district")
    return first.signal


def places(county) -> list:
    day = Signal.objects.first().event_date
    return [row.place for row in happenings(Ground.of(county.area("district")), day, day + timedelta(days=40))]


def test_the_county_hands_a_signal_to_a_community_which_reports_it(county, lost):
    # given that no mediator has it, and that it counts for no place
    mediator = client_of(county.mediator)
    assert mediator.get(f"{LIST}{lost.pk}/").status_code == 404 and places(county) == [None]
    # when the county says in which community it is
    centre = client_of(county.user(Role.COUNTY_CENTRE))
    assert [row["id"] for row in centre.get(LIST, {"placed": "false", "counted": "true"}).json()["results"]] == [
        lost.pk
    ]
    answer = centre.post(f"{LIST}{lost.pk}/area/", {"area": county.area("community").code}, format="json")
    assert (answer.status_code, answer.json()["area"]) == (200, county.area("community").code)
    # then it counts there with what repeats it, and its mediator reports it
    ground = Ground.of(county.area("district"))
    assert places(county) == [ground.places.index(county.area("community"))]
    assert set(Signal.objects.values_list("area__code", flat=True)) == {county.area("community").code}
    assert centre.get(LIST, {"placed": "false"}).json()["results"] == []
    refused = centre.get(LIST, {"placed": "maybe"})
    assert refused.status_code == 400 and refused.json()["errors"][0]["attr"] == "placed"
    assert mediator.post(f"{LIST}{lost.pk}/report/", {}, format="json").status_code == 201
    assert Signal.objects.filter(hazard=Hazard.objects.get()).count() == 2
    event = Event.objects.get(name="signal.placed")
    assert event.payload == {"area": county.area("community").code, "signals": 2, "joined": None}


def test_only_who_reads_it_here_and_there_says_so(county, lost):
    before = list(Signal.objects.order_by("pk").values())
    for stranger in (Role.VILLAGE_MEDIATOR, Role.TOWNSHIP_MEDIATOR, Role.GRID_WORKER):
        with pytest.raises(NotPermitted):
            signal_area_set(lost, actor=county.user(stranger), area=county.area("community"))
    with pytest.raises(NotPermitted):
        signal_area_set(lost, actor=county.outsider(Role.COUNTY_CENTRE), area=county.area("community"))
    with pytest.raises(Invalid) as refused:
        signal_area_set(lost, actor=county.user(Role.COUNTY_CENTRE), area=county.area("other_district"))
    assert refused.value.field == "area"
    nowhere = client_of(county.user(CENTRE)).post(f"{LIST}{lost.pk}/area/", {"area": "000"}, format="json")
    assert nowhere.status_code == 400
    assert list(Signal.objects.order_by("pk").values()) == before and not Event.objects.filter(name="signal.placed")
    # a township puts right within itself
    Signal.objects.update(area=county.area("street"))
    township = county.user(Role.TOWNSHIP_MEDIATOR)
    assert signal_area_set(lost, actor=township, area=county.area("grid")).area == county.area("grid")
    with pytest.raises(Invalid):
        signal_area_set(lost, actor=township, area=county.area("other_community"))


def test_what_becomes_one_event_there_joins_it_and_a_hazard_stays_where_it_was_reported(county, hotline, lost):
    # given that the same caller told the community of the same
    (known,) = (one.signal for one in take(county, hotline, record(3)))
    assert known.duplicate_of is None
    # when the record of the county is put there, then both are one event
    moved = signal_area_set(lost, actor=county.user(CENTRE), area=county.area("community"))
    assert moved.duplicate_of == known and list(Signal.objects.events()) == [known]
    signal_report(known, actor=county.mediator)
    with pytest.raises(Conflict):
        signal_area_set(moved, actor=county.user(CENTRE), area=county.area("grid"))


def test_the_form_puts_it_right_and_the_pages_say_how_many_there_are(county, hotline, lost):
    Signal.objects.update(event_date=Now())  # the last year is that of the database
    watch = WarningWatch.objects.create(code="w", name="临江区", area=county.area("district"))
    centre = client_of(county.user(Role.ADMINISTRATOR))
    assert centre.get("/api/v1/mediation/warning-watches/w/").json()["unplaced"] == 1
    page = centre.get(f"/admin/mediation/warningwatch/{watch.pk}/change/").content.decode()
    assert "?placed=unknown&amp;counted=events" in page
    shown = centre.get("/admin/mediation/signal/?placed=unknown").content.decode()
    assert f"/signal/{lost.pk}/change/" in shown
    where = f"/admin/mediation/signal/{lost.pk}/area/"
    assert where in centre.get(f"/admin/mediation/signal/{lost.pk}/change/").content.decode()
    assert centre.get(where).status_code == 200
    assert centre.post(where, {"area": county.area("grid").code}, format="multipart").status_code == 302
    assert Signal.objects.get(pk=lost.pk).area == county.area("grid")
    assert centre.get("/api/v1/mediation/warning-watches/w/").json()["unplaced"] == 0
    assert f"/signal/{lost.pk}/change/" not in centre.get("/admin/mediation/signal/?placed=unknown").content.decode()
    assert client_of(county.outsider(Role.VILLAGE_MEDIATOR)).get(where).status_code in (403, 404)


def test_an_import_says_of_how_many_records_no_community_is_known(county, hotline):
    lines = ["工单编号,诉求内容,所属社区,受理时间,来电号码,诉求类别"]
    lines += [
        ",".join(record(number, 所属社区="" if number < 3 else "990102001001").values()) for number in range(1, 5)
    ]
    lines = [line.replace("，", "、") for line in lines]
    run = import_now(actor=county.user(CENTRE), key="mediation.signals", options={"source": "hotline"},
                     sources=[Source("a.csv", "\n".join(lines).encode())])  # fmt: skip
    assert any("2" in note and "社区" in note for note in run.notes), run.notes
