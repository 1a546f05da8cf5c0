"""Migration 0021 ends what older releases let go on: its statements, run over rows as they were then."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from governance.clock import SHANGHAI
from governance.models import Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import effective, owed_money
from mediation.joint.tests.work import Work
from mediation.models import Agreement, Dispute, JudicialConfirmation, Obligation, Track
from mediation.tests.county import NOW

made = import_module("mediation.migrations.0021_followed_to_the_end")
pytestmark = pytest.mark.django_db


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in ("SET CONSTRAINTS ALL IMMEDIATE", *statements):
            cursor.execute(statement)


def test_what_a_newer_agreement_replaced_ends(county):
    # given two agreements of one dispute in effect, as the database let them be; one obligation was performed
    older = effective(county)
    repair = older.obligations.get(amount=None)
    act(repair, "perform_whole", actor=county.mediator)
    terms = list(Timer.objects.filter(cancelled_at=None).values_list("pk", flat=True))
    dispute = county.step(county.step(Dispute.objects.get(pk=older.dispute_id), "reopen"), "begin")
    newer = effective(county, dispute)
    run("DROP INDEX mediation_agreement_one_in_effect")
    Agreement.objects.filter(pk=older.pk).update(state="effective", replaced_by=None)
    Obligation.objects.filter(agreement=older, state="replaced").update(state="overdue")
    JudicialConfirmation.objects.filter(agreement=older).update(state="eligible")
    Timer.objects.filter(pk__in=terms).exclude(kind__startswith="mediation.visit").update(cancelled_at=None)

    # when the migration's statements run
    run(made.REPLACE)

    # then the older is replaced by the newer, with what was owed, its term and its timers; nothing else is touched
    rows = {row.pk: row for row in Agreement.objects.all()}
    assert (rows[older.pk].state, rows[older.pk].replaced_by_id) == ("replaced", newer.pk)
    assert (rows[newer.pk].state, rows[newer.pk].replaced_by_id) == ("effective", None)
    states = dict(Obligation.objects.values_list("pk", "state"))
    assert states[repair.pk] == "performed" and states[owed_money(older).pk] == "replaced"
    assert set(newer.obligations.values_list("state", flat=True)) == {"due"}
    assert dict(JudicialConfirmation.objects.values_list("agreement", "state")) == {
        older.pk: "replaced", newer.pk: "eligible"
    }  # fmt: skip
    running = Timer.objects.filter(fired_at=None, cancelled_at=None, kind="mediation.obligation_due")
    assert set(running.values_list("subject_id", flat=True)) == set(newer.obligations.values_list("pk", flat=True))


def test_tracks_that_were_forgotten_get_their_round_and_their_end(county, clock):
    # given a dispute with a result, reopened with another track that works, and one that ended with three forgotten
    work = Work(county)
    first = work.in_state("track", "result")
    dispute = county.step(Dispute.objects.get(pk=first.dispute_id), "terminate", by=work.user("township_mediator"))
    clock.shift(timedelta(days=1))
    dispute = county.step(dispute, "reopen", by=work.user("township_mediator"))
    second = work.in_state("track", "working", dispute=dispute)
    invited = work.make_track()
    working = work.make_track(invited.dispute, kind="judicial", organ=county.unit("court"))
    working = act(act(working, "accept", actor=work.user("judges_clerk")), "begin", actor=work.user("judges_clerk"))
    county.step(Dispute.objects.get(pk=invited.dispute_id), "terminate", by=work.user("township_mediator"))
    run("DROP INDEX track_once_of_a_kind", "DROP INDEX track_one_lead")
    Track.objects.update(round=0, hand_in_by=None)
    Track.objects.filter(pk=invited.pk).update(state="invited", ended_at=None)
    Timer.objects.filter(kind="track.ends").delete()

    # when the migration's statements run
    run(made.ROUNDS)

    # then each has its round, and those of the ended dispute an end
    found = {row.pk: (row.round, row.state) for row in Track.objects.all()}
    assert found == {first.pk: (0, "result"), second.pk: (1, "working"), invited.pk: (0, "ended"),
                     working.pk: (0, "working")}  # fmt: skip
    ends = {row.pk: row.hand_in_by for row in Track.objects.exclude(hand_in_by=None)}
    assert set(ends) == {working.pk} and Track.objects.get(pk=invited.pk).ended_at is not None
    # and the clock sees to it
    timer = Timer.objects.get(kind="track.ends")
    assert timer.due_at.astimezone(SHANGHAI).date() == ends[working.pk] + timedelta(days=1)
    clock.move_to(max(timer.due_at, NOW))
    while fire_due():
        pass
    assert Track.objects.get(pk=working.pk).state == "ended"
