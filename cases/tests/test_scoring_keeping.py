"""Facts kept up to date by the worker: the same whether read event by event, late, twice, or all anew."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cases.models import Case, CaseFact, FactCursor, FrozenSpellFact, SpellFact
from cases.scoring import keeping
from cases.tasks import read_facts
from cases.tests import scoring_histories
from cases.tests.scoring import day, formula_of, lived, opened
from governance.models import Event
from governance.workflow import act


def everything() -> tuple[list, list]:
    """Every column of every fact but the key of a turn."""
    spells = SpellFact.objects.order_by("case_id", "ordinal").values()
    return (
        list(CaseFact.objects.order_by("case_id").values()),
        [{name: value for name, value in row.items() if name != "id"} for row in spells],
    )


@pytest.mark.django_db(transaction=True)
def test_read_event_by_event_or_all_anew_facts_are_the_same(city):
    """One transactional test for all of it: emptying the database afterwards costs most."""
    _in_small_pieces_of_history(city)
    _twice_changes_nothing()
    _an_event_that_commits_late_is_not_passed_over(city)
    _a_case_that_cannot_be_read_is_named(city)
    _a_frozen_period_is_what_its_events_tell(city)


def _in_small_pieces_of_history(city):
    # given histories that are written one event at a time in many transactions, read now and then
    units = [city.municipal, city.urban, city.water]
    _cases, told = scoring_histories.prepare(
        Random(3), 12, first=day(1), days=20, areas=[city.grid], units=units, desk=city.centre,
        categories=[city.category],
    )  # fmt: skip
    assert len(told) > 60
    for place, event in enumerate(sorted(told, key=lambda event: event.occurred_at)):
        event.save()
        if place % 25 == 0:
            read_facts(0)
    read_facts(0)
    caught_up = everything()
    assert len(caught_up[0]) == 12 and caught_up[1]
    # when all is thrown away and read anew
    CaseFact.objects.all().delete()
    SpellFact.objects.all().delete()
    call_command("rebuild_scores", verbosity=0)
    # then the facts are the same
    assert everything() == caught_up
    assert FactCursor.objects.get().rebuilt_to is None


def _twice_changes_nothing():
    before = everything()
    FactCursor.objects.update(server_started=timezone.now() - timedelta(days=1))  # the server restarted: read again
    read_facts(0)
    assert everything() == before


def _an_event_that_commits_late_is_not_passed_over(city):
    # given a case reported in a transaction that stays open while others commit and are read
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            case = Case.objects.exclude(spells=None).first()
            actor = city.user("registrar").pk
            cursor.execute(
                "INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, payload, occurred_at)"
                " VALUES ('case.merged', 'cases.case', %s, %s, 'registrar', '{}', now())",
                [case.pk, actor],
            )
            city.report(occurred_at=day(2))
            read_facts(0)
            assert CaseFact.objects.get(case=case).excluded != "merged"
            assert CaseFact.objects.count() == Case.objects.count()
            cursor.execute("COMMIT")
        # when it commits, then it is read
        read_facts(0)
        assert CaseFact.objects.get(case=case).excluded in ("merged", "appeal")
    finally:
        other.close()


def _a_case_that_cannot_be_read_is_named(city):
    # given an event that no service would write
    case = city.report(occurred_at=day(3))
    Event.objects.create(name="case.dispatched", subject_type="cases.case", subject_id=case.pk, role="system",
                         actor=city.user("registrar"), payload={"lead": "nobody"}, occurred_at=day(3, 10))  # fmt: skip
    read_facts(0)
    # then the others are counted, and this one is told
    assert FactCursor.objects.get().unreadable == [case.pk]


def _a_frozen_period_is_what_its_events_tell(city):
    # given a computed period, and things that happen later
    lived(city, day(5))
    late = lived(city, day(6), hours=None)
    period = act(opened(city, formula=formula_of()), "compute", actor=city.user("operations_centre"))
    act(late, "recall", actor=city.user("dispatcher"), reason="派错了", occurred_at=day(25))
    read_facts(0)
    assert SpellFact.objects.get(case=late).withdrawn
    # then the events known then still tell exactly what was kept
    call_command("rebuild_scores", check=period.pk, verbosity=0)
    # and what was kept otherwise is found
    FrozenSpellFact.objects.filter(period=period, case=late).update(withdrawn=True)
    with pytest.raises(CommandError, match="1 facts differ"):
        call_command("rebuild_scores", check=period.pk, verbosity=0)
    assert keeping.catch_up() is False
