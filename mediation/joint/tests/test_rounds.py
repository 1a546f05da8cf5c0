"""Tracks belong to a round of the dispute: its end, the days to hand in, and a second round."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from cases.tests.api import client_of
from governance.errors import Conflict, NotPermitted
from governance.models import Event, Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import effective
from mediation.disputes.completeness import missing_of
from mediation.files.tests.test_files import scan
from mediation.joint.tracks import HAND_IN_DAYS
from mediation.models import Dispute, DisputeFile, Track
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
T = "township_mediator"
LAST = date(2026, 6, 12)  # ten days after NOW


def fresh(track: Track) -> Track:
    return Track.objects.with_rows().get(pk=track.pk)


def later(clock, days: int) -> None:
    """Go so many days on from NOW, and let the timers fire."""
    clock.move_to(NOW + timedelta(days=days))
    while fire_due():
        pass


def three(work) -> tuple[Dispute, Track, Track, Track]:
    """A complex dispute with a track at work, one accepted and one that was not answered."""
    dispute = work.raised()
    working = work.in_state("track", "working", dispute=dispute)
    accepted = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    accepted = act(accepted, "accept", actor=work.user("judges_clerk"))
    invited = work.make_track(dispute, kind="people", organ=work.county.unit("medcom"))
    return dispute, working, accepted, invited


def test_what_comes_after_the_agreement_is_handed_in_for_some_days(work):
    # given three tracks, and a joint agreement that takes effect
    dispute, working, accepted, invited = three(work)
    effective(work.county, Dispute.objects.get(pk=dispute.pk))

    # then who did not answer need not any more; who takes part has ten days
    assert (fresh(invited).state, fresh(invited).hand_in_by) == ("ended", None)
    assert HAND_IN_DAYS == 10 and {fresh(row).hand_in_by for row in (working, accepted)} == {LAST}
    assert not Track.objects.visible_to(work.user("village_mediator")).filter(pk=invited.pk, state="invited").exists()

    # when the organ hands in by REST, with the paper, then both are kept
    police = client_of(work.user("police_department"))
    address = f"/api/v1/mediation/tracks/{working.pk}/"
    assert police.get(address).json()["hand_in_by"] == "2026-06-12"
    sent = {"result": "双方签了行政调解书", "document": "行政调解书〔2026〕1号", "photos": [scan()]}
    answer = police.post(f"{address}transitions/hand_in/", sent, format="multipart")
    assert answer.status_code == 200, answer.content
    assert (fresh(working).state, fresh(working).document) == ("result", "行政调解书〔2026〕1号")
    assert DisputeFile.objects.filter(track=working).count() == 1
    assert not Timer.objects.filter(key=f"track.ends:{working.pk}", cancelled_at=None).exists()
    # and one that had not begun may still
    accepted = act(accepted, "begin", actor=work.user("judges_clerk"))
    act(accepted, "hand_in", actor=work.user("judges_clerk"), result="成")
    assert fresh(accepted).state == "result"


def test_after_its_days_a_track_ends_by_the_clock_with_the_reason(work, clock):
    dispute, working, accepted, _invited = three(work)
    work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))
    later(clock, HAND_IN_DAYS)
    assert {fresh(row).state for row in (working, accepted)} == {"working", "accepted"}
    later(clock, HAND_IN_DAYS + 1)
    assert {fresh(row).state for row in (working, accepted)} == {"ended"}
    event = Event.objects.get(name="track.ended", subject_id=working.pk)
    assert event.role == "system" and event.remark.text
    with pytest.raises(NotPermitted):
        act(working, "hand_in", actor=work.user("police_department"), result="迟到了")
    assert not Track.objects.visible_to(work.user("police_department")).exists()


def test_a_file_is_not_complete_while_an_organ_may_hand_in(work, clock):
    # given a mediation that ended with one track at work and one accepted
    dispute, working, accepted, _invited = three(work)
    work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))
    found = Dispute.objects.get(pk=dispute.pk)

    def waited_for():
        return {row.organ.name for row in (working, accepted)
                if f"{row.organ} may still hand in its result until 2026-06-12." in missing_of(found)}  # fmt: skip

    # then both are waited for; who handed in is not, nor anybody once the days are over
    with translation.override("en"):
        assert len(waited_for()) == 2
        act(working, "hand_in", actor=work.user("police_department"), result="成")
        assert waited_for() == {accepted.organ.name}
        later(clock, HAND_IN_DAYS + 1)
        assert not waited_for()


def test_what_was_handed_in_before_the_end_is_left_alone(work, clock):
    track = work.in_state("track", "result")
    work.county.step(Dispute.objects.get(pk=track.dispute_id), "terminate", by=work.user(T))
    later(clock, HAND_IN_DAYS + 1)
    assert (fresh(track).state, fresh(track).hand_in_by) == ("result", None)
    assert not Track.objects.visible_to(work.user("police_department")).exists()


def test_whoever_leads_need_not_wait_for_the_last_day(work):
    dispute, working, _accepted, _invited = three(work)
    work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))
    act(working, "give_up", actor=work.user(T), reason="机关答复不再处理")
    # it took part: nobody says that it declined, and another of its kind may be invited in a next round
    assert fresh(working).state == "given_up" and str(fresh(working).get_state_display()) == "不再等待该单位"
    assert not Timer.objects.filter(key=f"track.ends:{working.pk}", cancelled_at=None).exists()


def test_a_second_round_has_tracks_of_its_own(work, clock):
    # given a round with a result, one track still at work and its lead
    dispute = work.raised()
    done = work.in_state("track", "result", dispute=dispute)
    late = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    late = act(act(late, "accept", actor=work.user("judges_clerk")), "begin", actor=work.user("judges_clerk"))
    dispute = work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))

    # when it is opened again
    dispute = work.county.step(dispute, "reopen", by=work.user(T))

    # then the same kinds are invited again, and one of them leads this round
    again = work.make_track(dispute)
    court = work.make_track(dispute, kind="judicial", organ=work.county.unit("court"))
    assert [(row.round, row.is_lead) for row in (again, court)] == [(1, True), (1, False)]
    assert (fresh(done).round, fresh(done).is_lead) == (0, True)
    with pytest.raises(Conflict):
        work.make_track(dispute)
    with pytest.raises(IntegrityError), transaction.atomic():
        Track.objects.filter(pk=late.pk).update(round=1)
    # the lead passes within the round, and is given to none of an earlier one
    act(court, "take_lead", actor=work.user(T))
    assert set(Track.objects.filter(is_lead=True)) == {done, court}
    with pytest.raises(Conflict):
        act(late, "take_lead", actor=work.user(T))
    # and what was at work before ends by its own day all the same
    later(clock, HAND_IN_DAYS + 1)
    assert (fresh(late).state, fresh(again).state) == ("ended", "invited")


def test_each_round_gives_its_own_days(work, clock):
    dispute, working, _accepted, _invited = three(work)
    dispute = work.county.step(Dispute.objects.get(pk=dispute.pk), "terminate", by=work.user(T))
    dispute = work.county.step(dispute, "reopen", by=work.user(T))
    clock.shift(timedelta(days=3))
    work.county.step(dispute, "terminate", by=work.user(T))
    assert fresh(working).hand_in_by == LAST
    page = client_of(work.user(T)).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert page.count("重启前") == 3 and f"/admin/mediation/track/{working.pk}/change/" in page
