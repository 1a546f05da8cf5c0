"""All signals of one event have its one hazard, also where they became one because a type was put right."""

import importlib

import pytest
from django.db import connection

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Event
from mediation.models import Hazard, Signal, SignalSource
from mediation.prevention.signals import signal_report, signal_type_set
from mediation.prevention.tests.test_signals import CENTRE, LEAKS, record, take
from mediation.prevention.tests.village import HOTLINE, step

pytestmark = pytest.mark.django_db
LIST = "/api/v1/mediation/signals/"
repair = importlib.import_module("mediation.migrations.0019_hazards_of_events").ONE_HAZARD


@pytest.fixture
def apart(county):
    """Two complaints of one caller that are not one event only because of the type; the second has a repeat."""
    hotline = SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=county.area("district"),
                                          mapping=HOTLINE)  # fmt: skip
    told = take(county, hotline, record(1), record(2, 诉求类别="欠薪"), record(3, 诉求类别="欠薪"))
    return [one.signal for one in told]


def fresh(signal: Signal) -> Signal:
    return Signal.objects.with_rows().get(pk=signal.pk)


def disputed(county, signal: Signal) -> Hazard:
    return step(county, step(county, signal_report(signal, actor=county.mediator), "assess"), "convert")


@pytest.mark.parametrize("earlier", [True, False])
def test_what_becomes_one_event_with_a_dispute_is_of_it(county, apart, earlier):
    # given that one of two complaints became a dispute
    first, other, again = apart
    became = first if earlier else other
    made = disputed(county, became)
    # when the type of the second is put right, so that it joins the first
    signal_type_set(fresh(other), actor=county.mediator, type=county.type("neighbours"))
    # then all are of that dispute, and lists tell no words of any
    for one in (first, other, again):
        assert (fresh(one).hazard, fresh(one).disputed) == (made, True)
    assert LEAKS not in client_of(county.user(CENTRE)).get(LIST).content.decode()
    # and none is reported a second time
    for one in (first, other, again):
        with pytest.raises(Conflict):
            signal_report(fresh(one), actor=county.mediator)
    assert set(Hazard.objects.values_list("pk", flat=True)) == {made.pk}


def test_two_hazards_are_not_made_one(county, apart):
    first, other, again = apart
    one, two = (signal_report(signal, actor=county.mediator) for signal in (first, other))
    before = list(Signal.objects.order_by("pk").values()), Event.objects.count()
    with pytest.raises(Conflict):
        signal_type_set(fresh(again), actor=county.mediator, type=county.type("neighbours"))
    assert (list(Signal.objects.order_by("pk").values()), Event.objects.count()) == before
    assert (fresh(first).hazard, fresh(other).hazard) == (one, two)
    # and the door says so
    answer = client_of(county.mediator).post(f"{LIST}{again.pk}/type/", {"type": "neighbours"}, format="json")
    assert answer.status_code == 409


def test_an_event_of_which_one_is_a_hazard_is_not_reported_again(county, apart):
    # given rows as they were joined before: the later without the hazard of the first
    first, other, again = apart
    found = signal_report(first, actor=county.mediator)
    Signal.objects.filter(pk__in=[other.pk, again.pk]).update(duplicate_of=first)
    with pytest.raises(Conflict):
        signal_report(fresh(again), actor=county.mediator)
    assert fresh(first).hazard == found and Hazard.objects.count() == 1


def test_the_migration_gives_each_event_its_one_hazard(county, apart):
    # given an event as it was left before: its dispute's hazard lost to a later report of a repeat; and one half linked
    first, other, again = apart
    made = disputed(county, first)
    later = signal_report(other, actor=county.mediator)
    Signal.objects.filter(pk__in=[other.pk, again.pk]).update(duplicate_of=first)
    Signal.objects.update(hazard=later)
    Signal.objects.filter(pk=again.pk).update(hazard=None)
    alone = Signal.objects.create(channel="hotline", area=first.area, event_date=first.event_date,
                                  received_at=first.received_at)  # fmt: skip
    # when it runs, twice
    for _time in range(2):
        with connection.cursor() as cursor:
            cursor.execute(repair)
        # then all are of the dispute, and what is no hazard is none
        assert {fresh(one).hazard for one in (first, other, again)} == {made}
        assert fresh(alone).hazard is None
