"""A hot issue leads to its signals, and tells no words of a record that has just led to a dispute."""

import pytest

from cases.tests.api import client_of
from governance.scoping import forget_grants
from mediation.models import HotIssue, Signal
from mediation.prevention.signals import signal_report, signal_type_set
from mediation.prevention.tests.village import step
from mediation.warning.issues import issues_work_out
from mediation.warning.tests.test_issues import STATION
from mediation.warning.tests.test_watching import TODAY, signals

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(county) -> HotIssue:
    for number, text in enumerate(STATION):
        signals(county.area("community"), [TODAY], text=text, type=county.type(), complainant=f"{number:064d}")
    assert issues_work_out(TODAY) == 1
    return HotIssue.objects.get()


def client(county, key: str):
    forget_grants(county.people[key])
    return client_of(county.people[key])


def disputed(county, signal):
    step(county, step(county, signal_report(signal, actor=county.mediator), "assess"), "convert")


def test_the_numbers_of_an_issue_lead_to_its_signals(county, issue):
    page = f"/admin/mediation/hotissue/{issue.pk}/change/"
    told = client(county, "county_centre").get(page).content.decode()
    for signal in issue.signals.all():
        assert f'href="/admin/mediation/signal/{signal.pk}/change/"' in told and signal.number in told
    # who sees the issue but not a signal of it (its area was put right since) has the number alone
    moved = issue.signals.first()
    Signal.objects.filter(pk=moved.pk).update(area=county.area("other_community"))
    told = client(county, "township_mediator").get(page).content.decode()
    assert moved.number in told and f"/signal/{moved.pk}/change/" not in told


def test_a_label_goes_with_the_last_record_that_says_it(county, issue):
    # given an issue whose words several records say
    assert "搅拌站" in issue.label
    readers, kept = ("administrator", "operations_centre"), list(Signal.objects.all())

    def labels() -> set[str]:
        rows = [client(county, key).get("/api/v1/mediation/hot-issues/").json()["results"] for key in readers]
        return {row["label"] for found in rows for row in found}

    saying = [one for one in kept if all(word in one.text for word in issue.label.split())]
    # when they lead to disputes one after the other, then the label stands as long as another record says it
    for signal in saying:
        assert labels() == {issue.label}
        disputed(county, signal)
    # and after the last it is the name of the type, at once
    assert labels() == {issue.type.name}
    assert issues_work_out(TODAY) == 1


def test_a_record_that_joins_a_dispute_takes_the_label_along(county):
    # given a record that became a dispute, another one of the same caller, and an issue in the words of that one
    here, caller = county.area("community"), "1" * 64
    (led,) = signals(here, [TODAY], text="工地扬尘起争执", type=county.type("pollution"), complainant=caller)
    (said,) = signals(here, [TODAY], text=STATION[0], type=county.type(), complainant=caller)
    disputed(county, led)
    issue = HotIssue.objects.create(area=here, type=county.type(), label="搅拌站 噪音", people=3, records=3, heat=1,
                                    first_day=TODAY, last_day=TODAY, made_on=TODAY)  # fmt: skip
    issue.signals.set([said])
    # when its type is put right, which makes them one event
    signal_type_set(said, actor=county.mediator, type=county.type("pollution"))
    # then it is a dispute's record too, and the label tells none of its words
    assert Signal.objects.with_rows().get(pk=said.pk).disputed
    issue.refresh_from_db()
    assert issue.label == county.type().name
