"""Opening and closing by the clock, and who is told: residents of the place, and those who have not answered."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, Timer
from governance.timers import fire_due
from governance.workflow import act
from partners.models import Survey, SurveyTemplate
from partners.surveys.building import survey_make
from partners.surveys.checking import problems
from partners.surveys.tests.place import CLOSES, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def templates(db):
    """What the product ships."""
    call_command("loaddata", "fixtures/0009_survey_notices.json", "fixtures/0009_survey_templates.json", verbosity=0)


def told(key_words: str) -> set[str]:
    return set(Notice.objects.filter(title__contains=key_words).values_list("person__username", flat=True))


def test_it_opens_and_closes_by_itself_and_its_people_are_told(place, templates):
    survey = place.in_state("scheduled")
    with time_machine.travel(NOW + timedelta(days=1, minutes=1), tick=False):
        assert fire_due() == 1
        survey.refresh_from_db()
        assert (survey.state, survey.opened_at) == ("open", NOW + timedelta(days=1))
        assert told("请您填写") == {f"owner{number}" for number in range(8)}
        place.answer(survey, 0)
        place.answer(survey, 1)
    with time_machine.travel(CLOSES - timedelta(days=2), tick=False):
        fire_due()
        assert told("还差您一份") == {f"owner{number}" for number in range(2, 8)}
    with time_machine.travel(CLOSES + timedelta(minutes=1), tick=False):
        fire_due()
        survey.refresh_from_db()
        assert (survey.state, survey.closed_at) == ("closed", CLOSES)
        assert Event.objects.get(name="survey.closed").payload["answers"] == 2
        place.step(survey, "publish")
    assert told("结果公布") == {f"owner{number}" for number in range(8)}
    assert not Timer.objects.filter(fired_at=None, cancelled_at=None).exists()


def test_a_reminder_goes_to_people_or_dwellings_and_never_where_it_is_anonymous(place, templates):
    place.people[2].ownerships.all().delete()
    surveys = {mode: place.open(mode=mode) for mode in ("person", "anonymous")}
    place.answer(surveys["person"], 0)
    place.answer(surveys["anonymous"], 0)
    kinds = list(Timer.objects.filter(kind="survey.reminder").values_list("subject_id", flat=True))
    assert kinds == [surveys["person"].pk]
    with time_machine.travel(CLOSES - timedelta(days=2), tick=False):
        fire_due()
    assert told("还差您一份") == {f"owner{number}" for number in range(1, 8)}
    # one that is open for a few days only reminds nobody
    place.open(closes_at=NOW + timedelta(days=3), opens_at=None)
    assert Timer.objects.filter(kind="survey.reminder").count() == 1


def test_telling_many_costs_no_statements_for_each(place, templates):
    counts = []
    for estate in (None, place.estate):
        survey = place.draft(estate=estate)
        with CaptureQueriesContext(connection) as run:
            place.step(survey, "open")
        counts.append(len(run))
        place.people[4].residencies.all().delete()
        place.people[4].ownerships.all().delete()
    assert counts[0] == counts[1]


def test_times_and_questions_are_judged_before_it_opens(place):
    for given in ({"closes_at": None}, {"opens_at": None}):
        with pytest.raises(Invalid):
            place.step(place.draft(**given), "schedule")
    with pytest.raises(Conflict) as refused:
        place.step(place.draft(questions=[]), "open")
    assert refused.value.code == "empty"
    past = place.draft()
    with time_machine.travel(CLOSES, tick=False), pytest.raises(Invalid):
        place.step(past, "open")
    survey = place.open()
    for closes_at in (NOW - timedelta(days=1), NOW + timedelta(days=999)):
        with pytest.raises(Invalid):
            act(survey, "extend", actor=place.staff, closes_at=closes_at)
    survey = act(survey, "extend", actor=place.staff, closes_at=NOW + timedelta(days=1))
    assert Timer.objects.get(key=f"survey.closes:{survey.pk}").due_at == survey.closes_at


def test_what_cannot_open_at_its_time_stays_and_its_makers_are_told(place, templates):
    survey = place.in_state("scheduled")
    with time_machine.travel(CLOSES + timedelta(days=1), tick=False):
        survey.questions.all().delete()
        fire_due()
    survey.refresh_from_db()
    assert survey.state == "scheduled" and Event.objects.get(name="survey.not_opened").payload["why"] == "empty"


def test_taken_back_or_withdrawn_nothing_happens_by_itself(place):
    for name, state in (("recall", "draft"), ("withdraw", "withdrawn")):
        survey = place.step(place.in_state("scheduled"), name, reason="改期")
        assert survey.state == state
    assert not Timer.objects.filter(fired_at=None, cancelled_at=None).exists()
    hidden = place.step(place.open(), "withdraw", reason="问错了")
    assert not Survey.objects.of_residents(place.neighbour(0)).filter(pk=hidden.pk).exists()


def test_the_templates_that_are_shipped_are_in_order(place, templates):
    for template in SurveyTemplate.objects.all():
        made = survey_make(
            actor=place.staff, area=place.city.area("community"), title=template.title, template=template
        )
        assert made.mode == template.mode and problems(made.asked()) == [], template
    assert SurveyTemplate.objects.count() == 3
