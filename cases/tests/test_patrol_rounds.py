"""Rounds: setting out, checking in, finishing, missing; what the services keep and refuse."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, CheckIn, MissedPoint, Patrol, PatrolFinding, PatrolPoint
from cases.patrols import patrol_finish, patrol_report, patrol_start
from cases.tests.pages import photo, stored_files
from cases.tests.patrols import AWAY, HOUR, MINUTE, a_beat, a_colleague, a_round, check_in, in_state, traces
from governance.attachments import read_uploads
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.models import Attachment, Event, Timer
from governance.timers import fire_due
from governance.workflow import act

pytestmark = pytest.mark.django_db


@pytest.fixture
def beat(city):
    return a_beat(city)


@pytest.fixture
def walker(city):
    return city.user("grid_worker")


def names_of(patrol) -> list[str]:
    rows = Event.objects.filter(subject_type="cases.patrol", subject_id=patrol.pk).order_by("id")
    return [name.removeprefix("patrol.") for name in rows.values_list("name", flat=True)]


def window_ends(patrol, *, ago=MINUTE):
    """Let the round's window end a moment ago, and its timer fire."""
    end = timezone.now() - ago
    Patrol.objects.filter(pk=patrol.pk).update(ends_at=end, starts_at=end - 3 * HOUR)
    Timer.objects.filter(subject_id=patrol.pk, kind="patrol.window_ended", fired_at=None).update(
        due_at=end, next_try_at=end
    )
    assert fire_due() == 1
    patrol.refresh_from_db()


def test_a_round_is_walked_from_point_to_point(city, beat, walker):
    # given a round of the team
    patrol = a_round(beat)
    # when one of the team walks it and is at every point
    patrol = patrol_start(patrol, actor=walker)
    for point in beat.points:
        assert check_in(walker, patrol, point).at_place
    patrol = patrol_finish(patrol, actor=walker)
    # then it is that person's, finished, and nothing was missed
    assert (patrol.state, patrol.worker, patrol.missed_points.count()) == ("finished", walker, 0)
    assert names_of(patrol) == ["planned", "started", "checked_in", "checked_in", "checked_in", "finished"]
    assert not Timer.objects.filter(subject_id=patrol.pk, cancelled_at=None, fired_at=None).exists()


def test_the_first_check_in_sets_out(city, beat, walker):
    patrol = a_round(beat)
    check_in(walker, patrol, beat.points[0])
    patrol.refresh_from_db()
    assert (patrol.state, patrol.worker) == ("under_way", walker)


@pytest.mark.parametrize(
    ("metres", "accuracy", "there"),
    [(0, None, True), (79, None, True), (82, None, False), (120, 45, True), (135, 5000, False), (129, 5000, True)],
)
def test_how_near_counts_as_there(city, beat, walker, metres, accuracy, there):
    # given a radius of 80 m; a phone's accuracy widens it by at most 50 m
    patrol, point = a_round(beat), beat.points[0]
    north = point.latitude + metres / 111_195
    made = check_in(walker, patrol, point, latitude=north, accuracy_m=accuracy)
    assert made.at_place is there
    assert made.distance_m == pytest.approx(metres, abs=0.5)
    assert Event.objects.get(pk=made.event_id).payload["at_place"] is there


def test_far_away_or_without_a_position_it_is_kept_and_does_not_count(city, beat, walker):
    patrol = a_round(beat)
    away = check_in(walker, patrol, beat.points[0], **AWAY)
    unknown = check_in(walker, patrol, beat.points[1], longitude=None, latitude=None)
    assert (away.at_place, unknown.at_place, unknown.distance_m) == (False, False, None)
    with pytest.raises(Invalid) as refused:
        patrol_finish(patrol, actor=walker)
    assert all(point.name in str(refused.value.detail) for point in beat.points)


def test_positions_of_chinese_maps_are_converted(city, beat, walker):
    patrol, point = a_round(beat), beat.points[0]
    # the shift of GCJ-02 is hundreds of metres: taken as WGS-84 the same numbers would be away
    wrong = check_in(walker, patrol, point, longitude=point.longitude + 0.0055, latitude=point.latitude - 0.0034)
    right = check_in(
        walker, patrol, point, longitude=point.longitude + 0.0055, latitude=point.latitude - 0.0034,
        coordinate_system="gcj02",
    )  # fmt: skip
    assert not wrong.at_place and right.distance_m < wrong.distance_m - 300


def test_the_phones_clock_is_bounded(city, beat, walker):
    patrol = a_round(beat, begins=-30 * HOUR, lasts=40 * HOUR)
    now, before = timezone.now(), traces()
    for wrong in (now + 11 * MINUTE, now - timedelta(hours=24, minutes=1)):
        with pytest.raises(Invalid) as refused:
            check_in(walker, patrol, beat.points[0], at=wrong)
        assert refused.value.field == "at"
    assert traces() == before
    # a clock a little ahead is forgiven, and one kept without network comes in marked as such
    ahead = check_in(walker, patrol, beat.points[0], at=now + 9 * MINUTE)
    offline = check_in(walker, patrol, beat.points[1], at=now - 23 * HOUR)
    assert (ahead.is_late, offline.is_late) == (False, True)
    assert offline.received_at - offline.at > 22 * HOUR


def test_the_same_check_in_sent_twice_is_kept_once(city, beat, walker):
    patrol = a_round(beat)
    first = check_in(walker, patrol, beat.points[0], key="k-1")
    before = traces()
    again = check_in(walker, patrol, beat.points[0], key="k-1")
    assert again == first and traces() == before
    with pytest.raises(Conflict) as refused:
        check_in(walker, patrol, beat.points[1], key="k-1")
    assert refused.value.code == "idempotency_conflict" and traces() == before


def test_photos_of_a_check_in_belong_to_its_event(city, beat, walker):
    patrol = a_round(beat)
    made = check_in(walker, patrol, beat.points[0], photos=read_uploads([photo(position=True)]), note=" 井盖完好 ")
    stored = Attachment.objects.get()
    assert (stored.subject_type, stored.subject_id, stored.event_id) == ("cases.patrol", patrol.pk, made.event_id)
    assert made.note == "井盖完好"


def test_a_point_of_another_route_or_out_of_use_is_refused(city, beat, walker):
    patrol = a_round(beat)
    other = a_beat(city, code="R-2").points[0]
    PatrolPoint.objects.filter(pk=beat.points[2].pk).update(is_active=False)
    before = traces()
    for point in (other, PatrolPoint.objects.get(pk=beat.points[2].pk)):
        with pytest.raises(Invalid):
            check_in(walker, patrol, point)
    assert traces() == before


def test_before_and_after_its_window_a_round_is_not_begun(city, beat, walker):
    early, late = a_round(beat, begins=31 * MINUTE), a_round(beat, begins=-5 * HOUR)
    before = traces()
    for patrol, code in ((early, "too_early"), (late, "too_late")):
        for attempt in (lambda p: patrol_start(p, actor=walker), lambda p: check_in(walker, p, beat.points[0])):
            with pytest.raises(Conflict) as refused:
                attempt(patrol)
            assert refused.value.code == code
    assert traces() == before
    assert patrol_start(a_round(beat, begins=29 * MINUTE), actor=walker).state == "under_way"


def test_missed_points_need_a_reason_each_or_one_for_all(city, beat, walker):
    patrol = a_round(beat)
    check_in(walker, patrol, beat.points[0])
    second, third = beat.points[1:]
    before = traces()
    with pytest.raises(Invalid) as refused:
        patrol_finish(patrol, actor=walker, reasons={second.pk: "施工封路"})
    assert refused.value.field == "reason" and third.name in str(refused.value.detail)
    assert traces() == before
    patrol_finish(patrol, actor=walker, reasons={second.pk: "施工封路"}, reason="身体不适")
    told = dict(MissedPoint.objects.filter(patrol=patrol).values_list("point_id", "reason"))
    assert told == {second.pk: "施工封路", third.pk: "身体不适"}
    assert names_of(patrol)[-2:] == ["point_missed", "point_missed"]
    assert "施工封路" not in str(list(Event.objects.values_list("payload", flat=True)))


def test_a_round_nobody_began_is_missed_when_its_window_ends(city, beat):
    patrol = a_round(beat)
    window_ends(patrol)
    assert patrol.state == "missed" and patrol.missed_points.count() == 3
    event = Event.objects.get(name="patrol.missed")
    assert event.actor.is_system and event.payload["points_missed"] == [point.pk for point in beat.points]


def test_points_not_reached_when_the_window_ends_are_missed_and_the_round_goes_on(city, beat, walker):
    patrol = a_round(beat)
    check_in(walker, patrol, beat.points[0], at=timezone.now() - 5 * MINUTE)
    window_ends(patrol)
    assert patrol.state == "under_way"
    assert set(patrol.missed_points.values_list("point_id", flat=True)) == {point.pk for point in beat.points[1:]}
    # a check-in after the window is kept but comes too late for the point, one made within it sets it right
    check_in(walker, patrol, beat.points[1])
    check_in(walker, patrol, beat.points[2], at=timezone.now() - 20 * MINUTE)
    assert list(patrol.missed_points.values_list("point_id", flat=True)) == [beat.points[1].pk]
    with pytest.raises(Invalid):
        patrol_finish(patrol, actor=walker)
    patrol_finish(patrol, actor=walker, reason="堵车，晚到")
    assert patrol.missed_points.get().reason == "堵车，晚到"
    assert names_of(patrol).count("point_missed") == 2


def test_a_round_left_open_is_finished_a_day_later_by_the_clock(city, beat, walker):
    patrol = a_round(beat)
    patrol_start(patrol, actor=walker)
    window_ends(patrol)
    lapse = Timer.objects.get(kind="patrol.lapsed", subject_id=patrol.pk)
    assert lapse.due_at == patrol.ends_at + timedelta(hours=24)
    Timer.objects.filter(pk=lapse.pk).update(next_try_at=timezone.now())
    assert fire_due() == 1
    patrol.refresh_from_db()
    assert (patrol.state, patrol.worker, patrol.missed_points.count()) == ("finished", walker, 3)


def test_a_round_marked_missed_is_taken_up_by_what_the_phone_kept(city, beat, walker):
    # given a worker without network all the while
    patrol = a_round(beat)
    window_ends(patrol, ago=2 * HOUR)
    before = traces()
    with pytest.raises(Conflict):
        check_in(walker, patrol, beat.points[0])  # made only now: too late
    assert traces() == before
    # when the network is back
    made = check_in(walker, patrol, beat.points[0], at=timezone.now() - 3 * HOUR, key="q-1")
    patrol.refresh_from_db()
    # then the round is theirs, the point no longer missed, and it can be finished
    assert made.is_late and (patrol.state, patrol.worker) == ("under_way", walker)
    assert patrol.missed_points.count() == 2
    assert patrol_finish(patrol, actor=walker, reason="只到一处").state == "finished"
    # and one kept longer than the round lasted comes in after it
    check_in(walker, patrol, beat.points[1], at=timezone.now() - 150 * MINUTE)
    assert patrol.missed_points.count() == 1
    with pytest.raises(Conflict):
        check_in(walker, patrol, beat.points[2])


def test_a_finding_opens_one_case_with_its_photos_and_place(city, beat, walker):
    patrol = patrol_start(a_round(beat), actor=walker)
    point = beat.points[1]
    case = patrol_report(
        actor=walker, patrol=patrol, point=point, finding="路灯不亮", photos=read_uploads([photo(), photo()]),
        category=city.category,
    )  # fmt: skip
    assert (case.source, case.state, case.area, case.category) == ("patrol", "reported", city.grid, city.category)
    assert (case.longitude, case.latitude, case.address) == (point.longitude, point.latitude, point.name)
    assert case.origin == {"patrol": patrol.pk, "point": point.pk, "route": "R-1"}
    assert Attachment.objects.filter(subject_type="cases.case", subject_id=case.pk).count() == 2
    assert PatrolFinding.objects.get().case == case == Case.objects.get()
    event = Event.objects.get(name="patrol.finding")
    assert event.payload["case"] == case.number and "路灯" not in str(event.payload)


def test_a_finding_that_is_refused_leaves_nothing(city, beat, walker):
    patrol = patrol_start(a_round(beat), actor=walker)
    before, files = traces(), len(stored_files())
    elsewhere = {"longitude": city.other_point[0], "latitude": city.other_point[1]}
    wrong = [{"finding": " "}, {"finding": "路灯", **elsewhere}, {"finding": "路灯", "longitude": 112.9}]
    for given in wrong:
        with pytest.raises(Refused):
            patrol_report(actor=walker, patrol=patrol, photos=read_uploads([photo()]), **given)
    assert traces() == before and not Case.objects.exists() and len(stored_files()) == files
    with pytest.raises(Conflict):
        patrol_report(actor=walker, patrol=a_round(beat), finding="还没出发")


def test_only_the_assigned_worker_or_the_team_walks(city, beat, walker):
    colleague = a_colleague(city)
    strangers = [
        city.outsider("grid_worker"), city.user("community_staff"), city.user("administrator"), city.user("handler"),
        city.user("resident"), a_colleague(city, "elsewhere", area="other_grid"),
        a_colleague(city, "other_unit", unit="street_office"),
    ]  # fmt: skip
    patrol = a_round(beat)
    before = traces()
    for stranger in strangers:
        for attempt in (
            lambda user: act(patrol, "start", actor=user),
            lambda user: check_in(user, patrol, beat.points[0]),
            lambda user: patrol_report(actor=user, patrol=patrol, finding="x"),
        ):
            with pytest.raises(NotPermitted):
                attempt(stranger)
    assert traces() == before
    # once one of the team has it, the others of the team do not
    mine = patrol_start(patrol, actor=colleague)
    with pytest.raises(NotPermitted):
        check_in(walker, mine, beat.points[0])
    assigned = a_round(beat, worker=walker)
    with pytest.raises(NotPermitted):
        patrol_start(assigned, actor=colleague)
    assert patrol_start(assigned, actor=walker).worker == walker


def test_a_supervisor_gives_a_round_to_one_of_the_team_only(city, beat, walker):
    patrol, staff = a_round(beat), city.user("community_staff")
    before = traces()
    with pytest.raises(Invalid):
        act(patrol, "assign", actor=staff, worker=city.outsider("grid_worker"))
    assert traces() == before
    assert act(patrol, "assign", actor=staff, worker=walker).worker == walker
    assert act(patrol, "assign", actor=staff, worker=None).worker is None


def test_a_cancelled_round_is_not_missed(city, beat):
    patrol = in_state(city, beat, "cancelled")
    assert not Timer.objects.filter(subject_id=patrol.pk, cancelled_at=None, fired_at=None).exists()
    with pytest.raises(Conflict):
        check_in(city.user("grid_worker"), patrol, beat.points[0])
    assert not CheckIn.objects.exists()
