"""Old signals, and hazards excluded long ago, are emptied of what tells of persons; what is counted stays."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from cases.tests.api import client_of
from governance.attachments import attach, attachments_of
from governance.errors import Conflict
from governance.models import AttachmentPurpose, Event, Remark
from governance.photos import inspect_upload
from governance.testing import snapshot
from governance.tests.test_photos import encoded, picture
from mediation.models import Hazard, HazardState, MediationRule, Signal, SignalSource
from mediation.prevention.receiving import records_receive
from mediation.prevention.retention import hazards_forget, signals_forget
from mediation.prevention.signals import signal_report
from mediation.prevention.tasks import forget_hazards, forget_signals
from mediation.prevention.tests.test_signals import CENTRE, LEAKS, record
from mediation.prevention.tests.village import HOTLINE, in_state, step
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


@pytest.fixture
def hazards(county) -> dict[str, Hazard]:
    """One in each state, with words, people, a place, a photo of the report and one of an assessment; each last moved
    on 366 days ago, but for one that was excluded 365 days ago (``kept``)."""
    made = {}
    for name in (*HazardState.values, "kept"):
        made[name] = found = in_state(
            county, "excluded" if name == "kept" else name, area=None, longitude=112.905, latitude=28.205,
            parties="何家与马家", place="老槐树旁",
        )  # fmt: skip
        for purpose in (AttachmentPurpose.REPORT, AttachmentPurpose.EVIDENCE):
            attach(found, [inspect_upload(encoded(picture()))], purpose=purpose, actor=county.mediator)
        Hazard.objects.filter(pk=found.pk).update(
            finding="何秀英说是误会", decided_at=NOW - timedelta(days=365 if name == "kept" else 366),
            reported_at=NOW - timedelta(days=400),
        )  # fmt: skip
    return made


def told_of(hazard: Hazard) -> list:
    """What of a hazard tells of persons: its words, the words of its history, its photos."""
    row = Hazard.objects.filter(pk=hazard.pk).values_list("words", "parties", "place", "longitude", "finding").get()
    remarks = Remark.objects.filter(event__subject_type="mediation.hazard", event__subject_id=hazard.pk)
    return [*row, *remarks.values_list("text", flat=True), *attachments_of(hazard).values_list("pk", flat=True)]


def test_a_hazard_excluded_a_year_ago_tells_of_nobody_any_more(county, hazards, settings):
    # given hazards of every state, and one that came of a signal
    before = {name: told_of(row) for name, row in hazards.items()}
    files = [row.file.path for row in attachments_of(hazards["excluded"])]
    assert len(files) == 2 and all(Path(path).exists() for path in files) and len(before["excluded"]) == 8

    # when the nightly job runs, twice
    assert [forget_hazards(0), forget_hazards(0)] == [1, 0]

    # then the one that was excluded more than 365 days ago tells of nobody, and its photos are gone from the disk
    old = Hazard.objects.get(pk=hazards["excluded"].pk)
    assert told_of(old) == ["", "", "", None, ""] and not any(Path(path).exists() for path in files)
    # it still counts: where, of which type, for how many, and how it went
    assert (old.area, old.type.code, old.people, old.state, old.erased_at) == (
        county.area("grid"), "houses_homesteads", 4, "excluded", NOW,
    )  # fmt: skip
    assert Event.objects.filter(subject_type="mediation.hazard", subject_id=old.pk).count() == 3
    # and all others are as they were
    assert {name: told_of(row) for name, row in hazards.items() if name != "excluded"} == {
        name: told for name, told in before.items() if name != "excluded"
    }  # fmt: skip
    event = Event.objects.get(name="hazards.emptied")
    assert event.payload == {"hazards": 1, "days": 365} and event.actor.is_system


def test_how_long_excluded_hazards_are_kept_is_the_rule_of_the_place(county, hazards):
    MediationRule.objects.create(area=county.area("street"), valid_from=date(2026, 1, 1), hazard_days=400)
    assert hazards_forget() == 0
    MediationRule.objects.create(area=county.area("community"), valid_from=date(2026, 2, 1), hazard_days=90)
    assert hazards_forget() == 2


def test_what_was_emptied_is_not_considered_again_and_says_why(county, hazards):
    hazards_forget()
    old, desk = hazards["excluded"], client_of(county.mediator)
    before = snapshot(old)
    with pytest.raises(Conflict):
        step(county, old, "reconsider")
    for page in (f"/admin/mediation/hazard/{old.pk}/change/", f"/m/hazards/{old.pk}/"):
        text = desk.get(page).content.decode()
        assert "当事人和照片已于2026-06-02清除" in text and "reconsider" not in text, page
        assert "reconsider" in desk.get(page.replace(str(old.pk), str(hazards["kept"].pk))).content.decode()
    url = f"/api/v1/mediation/hazards/{old.pk}/transitions/reconsider/"
    answer = desk.post(url, {"reason": "又吵了"}, format="json")
    assert answer.status_code == 409 and snapshot(old) == before


def test_words_of_a_signal_do_not_outlive_it_in_an_excluded_hazard(county):
    # given a call that was reported as a hazard, which was excluded
    signal = Signal.objects.create(channel="hotline", area=county.area("community"), event_date=NOW.date(),
                                   received_at=NOW, text="来电人13900001111称何秀英家与马家争吵")  # fmt: skip
    found = step(county, step(county, signal_report(signal, actor=county.mediator), "assess"), "exclude")
    # when both are old
    later = NOW + timedelta(days=731)
    assert (signals_forget(later), hazards_forget(later)) == (1, 1)
    signal.refresh_from_db()
    # then neither tells what was said
    assert (signal.text, Hazard.objects.get(pk=found.pk).words) == ("", "")


def test_only_what_was_excluded_is_emptied(county):
    found = in_state(county, "watched")
    with pytest.raises(IntegrityError), transaction.atomic():
        Hazard.objects.filter(pk=found.pk).update(erased_at=NOW)
