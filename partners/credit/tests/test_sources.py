"""Facts of what partners offer and of their projects: dates held, cancelled late, suspensions, results."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from governance.models import User
from governance.workflow import act
from partners.credit import facts, sources
from partners.credit.computing import profile_compute
from partners.credit.notes import note_record, notes_from_facts
from partners.credit.tests.files import load_templates, make_formula
from partners.models import CreditNote, OfferSlot
from partners.projects.outcomes import OutcomeFact
from partners.recruiting.slots import slots_make
from partners.recruiting.tests.desk import build_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(city):
    """A community that looks for partners, with a formula in force."""
    load_templates()
    act(make_formula(city.area("street")), "put_in_force", actor=city.user("administrator"))
    return build_desk(city)


def found(desk, partner) -> list[CreditNote]:
    today = timezone.localdate()
    clock = User.objects.system("timers")
    return notes_from_facts(partner, date(today.year, 1, 1), today, actor=clock)


def computed(desk, partner):
    return profile_compute(partner, timezone.localdate().year, actor=desk.manager)


def held(desk, offer, *, hours: int = 1, told_before: timedelta = timedelta(hours=2), by: str = "student") -> OfferSlot:
    """A date that was over so many hours ago, added so long before it began."""
    ends_at = timezone.now() - timedelta(hours=hours)
    starts_at = ends_at - timedelta(minutes=30)
    (slot,) = slots_make(offer, actor=desk.user(by), starts_at=starts_at, ends_at=ends_at,
                         occurred_at=starts_at - told_before)  # fmt: skip
    return slot


def test_a_date_held_is_an_activity_and_a_date_kept_unless_a_told_fact_says_otherwise(desk):
    partner = desk.active("student")
    offer = desk.offer(partner)
    slot = held(desk, offer)
    profile = computed(desk, partner)
    assert {line.line: line.value for line in profile.current.lines.all() if line.value} == {
        "activities": 1, "punctuality": profile.current.lines.get(line="punctuality").value,
    }  # fmt: skip
    assert str(profile.score) == "51.50"
    # when staff record that nobody came, the date is neither an activity nor kept
    note_record(actor=desk.manager, partner=partner, line="absent", happened_on=timezone.localdate(), what="未到场",
                evidence=("partners.offerslot", slot.pk))  # fmt: skip
    assert str(computed(desk, partner).score) == "45.00"


def test_only_dates_that_everybody_could_see_coming_count_and_one_a_day(desk):
    partner = desk.active("student")
    # an offer that the community has not put on view, and a date added when it had begun
    hidden = desk.offer(partner, by="student", title="自称的活动")
    held(desk, hidden)
    shown = desk.offer(partner)
    held(desk, shown, told_before=-timedelta(minutes=10))
    assert str(computed(desk, partner).score) == "50.00"
    # a day cut into many dates is one
    for hours in (2, 3, 4):
        held(desk, shown, hours=hours)
    lines = {line.line: len(line.facts) for line in computed(desk, partner).current.lines.all()}
    days = len({timezone.localdate(timezone.now() - timedelta(hours=hours)) for hours in (2, 3, 4)})
    assert (lines["activities"], lines["punctuality"]) == (days, days)
    # what the partner proposed counts once the community has read it
    act(hidden, "publish", actor=desk.manager)
    assert str(computed(desk, partner).score) == f"{50 + 1.5 * (days + 1):.2f}"


def test_only_late_cancellations_by_the_partner_lower(desk):
    partner = desk.active("student")
    offer = desk.offer(partner)
    late, early, ours = desk.slot(offer, days=1), desk.slot(offer, days=20), desk.slot(offer, days=1, **_evening())
    act(late, "cancel", actor=desk.user("student"), reason="临时有课")
    act(early, "cancel", actor=desk.user("student"), reason="考试周")
    act(ours, "cancel", actor=desk.manager, reason="活动室检修")
    notes = found(desk, partner)
    assert [(note.line, note.evidence_id, note.state) for note in notes] == [("cancelled", late.pk, "told")]
    assert "金融知识讲座" in notes[0].what
    assert found(desk, partner) == []
    assert str(computed(desk, partner).score) == "47.00"


def test_taking_the_whole_offer_back_is_cancelling_its_dates(desk):
    partner = desk.active("student")
    offer, other, hidden = desk.offer(partner), desk.offer(partner), desk.offer(partner, by="student")
    soon = desk.slot(offer, days=1, **_evening())
    desk.slot(offer, days=20), desk.slot(other, days=1, **_evening()), desk.slot(hidden, days=1, **_evening())
    # when the partner ends one offer, the community takes another down, and a third was never on view
    act(offer, "end", actor=desk.user("student"), reason="不办了")
    act(other, "take_down", actor=desk.manager, reason="内容不合适")
    act(hidden, "end", actor=desk.user("student"))
    # then the date of tomorrow alone, that people counted on, is a fact
    assert [(note.line, note.evidence_id) for note in found(desk, partner)] == [("cancelled", soon.pk)]


def _evening() -> dict:
    at = timezone.now() + timedelta(hours=20)
    return {"starts_at": at, "ends_at": at + timedelta(hours=1)}


def test_a_suspension_lowers_once_told(desk):
    partner = desk.active("student")
    act(partner, "suspend", actor=desk.manager, reason="核查")
    assert [note.line for note in found(desk, partner)] == ["standing"]
    assert str(computed(desk, partner).score) == "45.00"


def test_projects_are_activities_with_results_and_dates_kept_or_lower_once_told(desk, monkeypatch):
    # given a project closed in time, one reported late, one given up and one the community ended
    day = date(2026, 5, 4)
    outcomes = [
        OutcomeFact(claim, 1, "P1", "社区花园", day, code, score=score, late=late)
        for claim, code, score, late in (
            (1, "closed", Decimal("87.47"), False), (2, "closed", None, True), (3, "quit", None, False),
            (4, "dismissed", None, False),
        )
    ]  # fmt: skip
    monkeypatch.setattr(sources, "outcomes_of", lambda partner, first, last: outcomes)
    # when they are asked for
    found = list(sources.projects_done(None, day, day))
    # then each stands in its lines, and what lowers is said to
    assert [(fact.line, fact.evidence[1], fact.figure, fact.lowers) for fact in found] == [
        ("activities", 1, 1, False), ("evaluations", 1, Decimal("87.47"), False), ("punctuality", 1, 1, False),
        ("activities", 2, 1, False), ("unpunctual", 2, 1, True),
        ("cancelled", 3, 1, True), ("standing", 4, 1, True),
    ]  # fmt: skip
    # and the files ask for them
    assert "projects" in facts._sources
