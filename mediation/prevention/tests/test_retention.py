"""Old signals are emptied of what tells of persons; what is counted stays."""

from datetime import date, timedelta

import pytest

from governance.models import Event
from mediation.models import MediationRule, Signal, SignalSource
from mediation.prevention.receiving import records_receive
from mediation.prevention.retention import signals_forget
from mediation.prevention.tasks import forget_signals
from mediation.prevention.tests.test_signals import CENTRE, HOTLINE, LEAKS, record
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def signals(county) -> list[Signal]:
    """One that came 731 days ago, one 730 days ago, one today."""
    source = SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=county.area("district"),
                                         mapping=HOTLINE)  # fmt: skip
    records_receive([record(number, 来电号码=f"1390000111{number}") for number in range(3)],
                    actor=county.user(CENTRE), source=source)  # fmt: skip
    for age, row in zip((731, 730, 0), Signal.objects.order_by("id"), strict=True):
        Signal.objects.filter(pk=row.pk).update(received_at=NOW - timedelta(days=age), event_date=NOW.date(),
                                                place="三号楼", longitude=112.9, latitude=28.2)  # fmt: skip
    return list(Signal.objects.order_by("id"))


def test_after_two_years_nothing_tells_of_a_person_any_more(county, signals):
    # when the nightly job runs, twice
    assert [forget_signals(0), forget_signals(0)] == [1, 0]

    # then what came more than 730 days ago has no words, no place, no complainant; it still counts
    old, kept, new = Signal.objects.order_by("id")
    assert (old.text, old.text_digest, old.complainant, old.place, old.longitude) == ("", "", "", "", None)
    assert old.erased_at == NOW and (old.type.code, old.area_id, old.event_date) == (
        "neighbours", signals[0].area_id, NOW.date(),
    )  # fmt: skip
    for row in (kept, new):
        assert row.text == LEAKS and row.complainant and row.place == "三号楼" and row.erased_at is None
    event = Event.objects.get(name="signals.emptied")
    assert event.payload == {"signals": 1, "days": 730} and event.actor.is_system
    assert (event.subject_type, event.subject_id) == ("governance.area", signals[0].area_id)

    # and the same record is not brought in again
    told = records_receive([record(0)], actor=county.user(CENTRE), source=old.source)
    assert told[0].status == "repeated"


def test_how_long_is_the_rule_of_the_place(county, signals):
    # given a rule by which the street keeps them for a year; and one of another street
    MediationRule.objects.create(area=county.area("street"), valid_from=date(2026, 1, 1), signal_days=365)
    MediationRule.objects.create(area=county.area("other_street"), valid_from=date(2026, 1, 1), signal_days=90)
    Signal.objects.filter(pk=signals[2].pk).update(received_at=NOW - timedelta(days=200))

    # then two are over, the third is not
    assert signals_forget() == 2
    assert list(Signal.objects.filter(erased_at=None)) == [signals[2]]
