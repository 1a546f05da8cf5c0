"""Numbers that people are told are found in the lists; what a list finds by words of a dispute is written down."""

from datetime import timedelta

import pytest
import time_machine

from cases.tests.api import client_of
from governance.scoping import forget_grants
from mediation.models import Dispute, DisputeAccess, Hazard, Signal
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.village import hazard, in_state, step
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
LIST, API = "/admin/mediation/{}/", "/api/v1/mediation/{}s/"


def client(county, key: str):
    forget_grants(county.people[key])
    return client_of(county.people[key])


def listed(desk, model: str, words: str) -> set[int]:
    """The keys of the rows that the search box of a list finds."""
    answer = desk.get(LIST.format(model), {"q": words})
    assert answer.status_code == 200
    return {row.pk for row in answer.context_data["cl"].result_list}


@pytest.fixture
def rows(county) -> dict:
    """A dispute, a hazard and a signal, another of each, and a hazard and a signal of a dispute."""

    def called(text: str) -> Signal:
        return Signal.objects.create(channel="hotline", area=county.area("community"), type=county.type(),
                                     event_date=NOW.date(), received_at=NOW, text=text)  # fmt: skip

    led = called("两家为一棵树动了手")
    step(county, step(county, signal_report(led, actor=county.mediator), "assess"), "convert")
    county.dispute()
    hazard(county)
    called("楼道堆物争吵")
    return {"dispute": county.dispute(), "hazard": hazard(county), "signal": called("为车位争吵"),
            "hazard of a dispute": led.hazard or Hazard.objects.get(dispute__isnull=False),
            "signal of a dispute": led}  # fmt: skip


def test_each_number_finds_its_row_and_writes_nothing_down(county, rows):
    desk, before = client(county, "village_mediator"), DisputeAccess.objects.count()
    for name, row in rows.items():
        model = name.split()[0]
        for said in (row.number, row.number.lower(), f" {row.number[0]}{row.pk} "):
            assert listed(desk, model, said) == {row.pk}, (name, said)
        for other in {"dispute", "hazard", "signal"} - {model}:
            assert not listed(desk, other, row.number), (name, other)
        found = desk.get(API.format(model), {"number": row.number}).json()["results"]
        assert [one["id"] for one in found] == [row.pk], name
    assert DisputeAccess.objects.count() == before


def test_a_number_finds_only_what_is_theirs(county, rows):
    desk = client(county, "outside_village_mediator")
    for model in ("dispute", "hazard", "signal"):
        assert not listed(desk, model, rows[model].number)
        assert desk.get(API.format(model), {"number": rows[model].number}).json()["results"] == []
    # the masked row of a signal is found too: that it is, its readers know
    assert listed(client(county, "operations_centre"), "signal", rows["signal of a dispute"].number)


@pytest.mark.parametrize("number", ["12", "X000012", "D", "D1.5", "D" + "9" * 19, "D-1", "D１２"])
def test_what_is_no_number_is_refused_by_the_api(county, number):
    answer = client(county, "village_mediator").get(API.format("dispute"), {"number": number})
    assert answer.status_code == 400 and "number" in answer.content.decode()


def test_what_is_found_by_words_is_written_down_as_read(county):
    # given two disputes, one of which names somebody
    county.dispute()
    other = in_state(county, "converted").dispute
    found = Dispute.objects.exclude(pk=other.pk).get()
    desk = client(county, "village_mediator")
    # when the list is opened, or nobody is found, nothing is read
    assert listed(desk, "dispute", "") == {found.pk, other.pk} and not listed(desk, "dispute", "李不存在")
    assert not DisputeAccess.objects.exists()
    # when a party is looked for, then who found which is written down, for as long as the page stands open once an hour
    for _again in range(2):
        assert listed(desk, "dispute", "何秀英") == {found.pk}
    row = DisputeAccess.objects.get()
    assert (row.dispute, row.person, row.role, row.kind, row.what) == (
        found, county.mediator, "village_mediator", "read", f"mediation.dispute {found.pk}, search",
    )  # fmt: skip
    assert listed(client(county, "colleague"), "dispute", "天花板") == {found.pk}
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        listed(client(county, "village_mediator"), "dispute", "何秀英")
    assert DisputeAccess.objects.count() == 3
    # who may not read it finds nothing, and leaves nothing
    assert not listed(client(county, "outside_village_mediator"), "dispute", "何秀英")
    assert DisputeAccess.objects.count() == 3


def test_lists_tell_no_place_of_a_hazard_that_became_a_dispute(county):
    place = "老槐树旁何秀英家"
    hazard(county, place="菜场门口")
    step(county, step(county, hazard(county, place=place), "assess"), "convert")
    pages = (("village_mediator", "/admin/mediation/hazard/"), ("grid_worker", "/m/hazards/"),
             ("village_mediator", "/m/hazards/"))  # fmt: skip
    for key, url in pages:
        told = client(county, key).get(url).content.decode()
        assert "菜场门口" in told and place not in told, (key, url)
    for key, url in (("village_mediator", API.format("hazard")), ("grid_worker", f"{API.format('hazard')}mine/")):
        told = client(county, key).get(url).json()["results"]
        assert {row["place"] for row in told} == {"菜场门口", ""}, key
        assert [row.get("longitude") for row in told if not row["place"]] == [None]
    assert not DisputeAccess.objects.exists()
