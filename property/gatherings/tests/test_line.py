"""Places and the waiting list: never more than there are, in order, nobody lost."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Ownership, Residency, Timer
from governance.timers import fire_due
from property.gatherings.attendance import event_check_in
from property.gatherings.check_in import code_of
from property.gatherings.line import offer_lapse, place_in_line
from property.gatherings.sign_up_workflow import GONE, HOLDING
from property.gatherings.signing import sign_up
from property.gatherings.tests.festival import BEGINS, ENDS, NOW
from property.models import NeighbourEvent, SignUp

pytestmark = pytest.mark.django_db


def test_who_asks_at_the_desk_is_signed_up_by_the_same_rules(square):
    # given an event with 3 places
    event = square.open(companions_most=1)
    # when the community signs up somebody without an account, and a neighbour who asked by telephone
    event = square.step(event, "sign_up_for", guest=" 独居的张奶奶 ", companions=1, needs="坐轮椅")
    event = square.step(event, "sign_up_for", person=square.neighbours[0])
    guest, neighbour = SignUp.objects.filter(event=event).order_by("turn")
    assert (guest.name, guest.person, guest.size, guest.needs) == ("独居的张奶奶", None, 2, "坐轮椅")
    assert (neighbour.person, square.states(event), event.taken) == (square.neighbours[0], ["signed_up"] * 2, 3)
    made = Event.objects.filter(name="sign_up.made").order_by("id").last()
    assert (made.actor, made.subject_id) == (square.organiser, neighbour.pk) and "张" not in str(made.payload)
    # then the next one waits, and is offered the place of who cancels; the community takes it for them
    event = square.step(event, "sign_up_for", guest="李爷爷")
    square.step(neighbour, "cancel", by=square.neighbours[0])
    waits = SignUp.objects.get(event=event, name="李爷爷")
    assert waits.state == "offered"
    square.step(waits, "take")
    # and who cancelled may be put on the list again, at its end
    event = square.step(event, "sign_up_for", person=square.neighbours[0])
    assert square.states(event) == ["signed_up", "waiting", "signed_up"]
    # but nobody twice, nobody from elsewhere, nobody with more people than may come along, nobody without a name
    for field, wrong in (
        (None, {"person": square.neighbours[0]}), ("person", {"person": square.organiser}), ("guest", {"guest": " "}),
        ("guest", {"guest": "王奶奶", "person": square.neighbours[1]}),
        ("companions", {"guest": "王奶奶", "companions": 2}),
    ):  # fmt: skip
        with pytest.raises((Conflict, Invalid)) as refused:
            square.step(event, "sign_up_for", **wrong)
        assert refused.value.field == field
    assert SignUp.objects.filter(event=event).count() == 3


def test_places_go_by_the_order_of_asking_and_a_freed_one_is_offered_until_it_lapses(square):
    # given an event with 3 places, taken by three, and three who wait
    event = square.open()
    rows = [square.sign_up(event, number) for number in range(6)]
    assert square.states(event) == ["signed_up"] * 3 + ["waiting"] * 3
    assert [place_in_line(row) for row in rows[3:]] == [1, 2, 3]
    # when one cancels
    square.step(rows[1], "cancel", by=square.neighbours[1])
    # then the first who waits is offered the place for a day, nobody else
    assert square.states(event) == ["signed_up", "cancelled", "signed_up", "offered", "waiting", "waiting"]
    rows[3].refresh_from_db()
    assert rows[3].offered_until == NOW + timedelta(hours=24)
    # and when it lapses the next is offered it, by the timer alone
    with time_machine.travel(NOW + timedelta(hours=24, minutes=1), tick=False):
        fire_due()
        assert square.states(event) == ["signed_up", "cancelled", "signed_up", "lapsed", "offered", "waiting"]
        # who takes it has it, and the late timer changes nothing
        square.step(rows[4], "take", by=square.neighbours[4])
        # who lapsed asks again, at the end of the line
        again = square.sign_up(event, 3)
        assert (again.pk, again.state, place_in_line(again)) == (rows[3].pk, "waiting", 2)
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        fire_due()
    assert square.states(event) == ["signed_up", "cancelled", "signed_up", "waiting", "signed_up", "waiting"]
    event.refresh_from_db()
    assert (event.taken, event.free) == (3, 0)
    # more places go to who waits, in order; fewer than are taken are refused
    event = square.step(event, "resize", places=4)
    assert square.states(event)[5] == "offered" and square.states(event)[3] == "waiting"
    with pytest.raises(Conflict, match="4"):
        square.step(event, "resize", places=2)
    # and no code can overbook
    with pytest.raises(IntegrityError), transaction.atomic():
        NeighbourEvent.objects.filter(pk=event.pk).update(taken=5)


def test_without_an_offer_time_who_waits_moves_up_at_once(square):
    event = square.open(places=1, offer_hours=0)
    first, second = square.sign_up(event, 0), square.sign_up(event, 1)
    square.step(first, "cancel", by=square.neighbours[0])
    second.refresh_from_db()
    assert second.state == "signed_up"
    assert Event.objects.filter(name="sign_up.given", subject_id=second.pk, payload__moved_up=True).exists()


def test_an_offered_place_is_held_as_long_again_when_the_event_has_a_new_date(square):
    event = square.open(places=1)
    first, second = square.sign_up(event, 0), square.sign_up(event, 1)
    square.step(first, "cancel", by=square.neighbours[0])
    # when the event is put off, and has another date after the offer would have ended
    event = square.go(NeighbourEvent.objects.get(pk=event.pk), "postpone")
    later = NOW + timedelta(days=2)
    with time_machine.travel(later, tick=False):
        event = square.step(event, "reschedule", starts_at=BEGINS + timedelta(days=9),
                            ends_at=ENDS + timedelta(days=9), venue=square.hall, place="")  # fmt: skip
        # then there is a day to answer from then on, on record and by the clock
        second.refresh_from_db()
        until = later + timedelta(hours=24)
        assert (second.state, second.offered_until) == ("offered", until)
        told = Event.objects.get(name="sign_up.held_longer", subject_id=second.pk)
        assert datetime.fromisoformat(told.payload["until"]) == until and told.actor.is_system
        timers = Timer.objects.filter(kind="sign_up.offer_ends", subject_id=second.pk, fired_at=None)
        assert timers.get(cancelled_at=None).due_at == until


def test_a_family_that_needs_more_places_than_are_free_is_not_passed_over(square):
    event = square.open(places=3)
    square.sign_up(event, 0, companions=1)
    family = square.sign_up(event, 1, companions=1, children=1)
    single = square.sign_up(event, 2)
    # a place is free, but the family asked first and needs three
    assert [family.state, single.state, family.size] == ["waiting", "waiting", 3]
    square.step(family, "cancel", by=square.neighbours[1])
    single.refresh_from_db()
    assert single.state == "offered"


def test_who_may_sign_up_and_what_is_refused(square):
    event = square.open(sign_up_until=BEGINS - timedelta(days=1), sign_up_from=NOW + timedelta(hours=1))
    resident = square.city.user("resident")
    for refusal, code, actor in (
        (NotPermitted, "permission_denied", resident),
        (Conflict, "not_yet", None),
    ):
        with pytest.raises(refusal) as refused:
            square.sign_up(event, 0) if actor is None else sign_up(event, actor=actor)
        assert refused.value.code == code
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        for field, given in (
            ("companions", {"companions": 3}),
            ("children", {"children": 9}),
            ("needs", {"needs": "x" * 301}),
            ("companions", {"companions": 2, "children": 1}),
        ):
            with pytest.raises(Invalid) as refused:
                square.sign_up(event, 0, **given)
            assert refused.value.field == field
        mine = square.sign_up(event, 0, needs="素食")
        with pytest.raises(Conflict) as refused:
            square.sign_up(event, 0)
        assert refused.value.code == "signed_up"
        # more may come along while places are free
        assert square.step(mine, "change", by=square.neighbours[0], companions=2, children=0, needs="").size == 3
        square.step(mine, "change", by=square.neighbours[0], companions=0, children=0, needs="")
        square.sign_up(event, 1, companions=1)
        with pytest.raises(Conflict) as refused:
            square.step(mine, "change", by=square.neighbours[0], companions=1, children=0, needs="")
        assert refused.value.code == "full"
    # and its timer closes the sign-up
    with time_machine.travel(BEGINS - timedelta(hours=23), tick=False):
        fire_due()
        event.refresh_from_db()
        assert event.state == "closed"
        with pytest.raises(Conflict):
            square.sign_up(event, 2)
    assert SignUp.objects.filter(event=event).count() == 2
    # nothing of a person's words is in the history
    assert not [one for one in Event.objects.all() if "素食" in str(one.payload)]


def test_a_household_is_counted_once_where_households_are_counted(square):
    event = square.open(counts_by="households", places=5)
    flatmate = square.neighbours[-1]
    tie = flatmate.residencies.get()
    tie.dwelling = square.place.dwellings[0]
    tie.save()
    assert square.sign_up(event, 0, companions=2, children=3).size == 1
    with pytest.raises(Conflict) as refused:
        square.sign_up(event, -1)
    assert refused.value.code == "household"
    # nor is the flatmate let in at the door, or written down there, beside who is signed up
    with time_machine.travel(BEGINS, tick=False):
        event = square.go(event, "begin")
        for come in (
            lambda: event_check_in(actor=flatmate, code=code_of(event, BEGINS)),
            lambda: square.step(event, "walk_in", person=flatmate),
        ):
            with pytest.raises(Conflict) as refused:
                come()
            assert refused.value.code == "household"
    assert square.states(event) == ["signed_up"]


def test_who_let_the_dwelling_is_no_household_in_it_and_who_moved_away_is_given_no_place(square):
    event = square.open(counts_by="households", places=1, offer_hours=24)
    owner, tenant, third = square.neighbours[0], square.neighbours[-1], square.neighbours[2]
    rents = tenant.residencies.get()
    rents.dwelling = square.place.dwellings[0]
    rents.save()
    Residency.objects.filter(user=owner).update(state="ended", valid_to=NOW.date())
    first = square.sign_up(event, 0)
    assert first.dwelling is None
    waiting, second = square.sign_up(event, -1), square.sign_up(event, 2)
    assert waiting.dwelling == square.place.dwellings[0]
    # when the tenant has moved away by the time a place is freed
    Residency.objects.filter(user=tenant).update(state="ended", valid_to=NOW.date())
    square.step(first, "cancel", by=owner)
    # then it goes to the next, and nobody who is gone takes one
    assert square.states(event) == ["cancelled", "lapsed", "offered"]
    with pytest.raises(NotPermitted):
        square.sign_up(event, -1)
    Residency.objects.filter(user=third).update(state="ended", valid_to=NOW.date())
    Ownership.objects.filter(user=third).update(state="ended", valid_to=NOW.date(), is_voter=False)
    with pytest.raises(NotPermitted):
        square.step(second, "take", by=third)


def test_an_event_open_to_all_takes_no_sign_ups(square):
    event = square.open(places=0)
    with pytest.raises(Conflict) as refused:
        square.sign_up(event, 0)
    assert refused.value.code == "open_to_all" and event.sign_up_until is None


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["sign", "sign", "cancel", "take", "lapse", "resize", "change"]), st.integers(0, 7),
              st.integers(0, 2)),
    min_size=4, max_size=22,
)  # fmt: skip


@settings(max_examples=12, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(actions=ACTIONS, places=st.integers(1, 5), hours=st.sampled_from([0, 24]))
def test_whatever_people_do_places_suffice_the_order_is_kept_and_nobody_is_lost(square, actions, places, hours):
    with transaction.atomic():
        event = square.open(places=places, offer_hours=hours)
        signed: set[int] = set()
        for name, number, extra in actions:
            _do(square, event, name, number, extra, signed)
            _holds(event, signed)
        transaction.set_rollback(True)


def _do(square, event, name, number, extra, signed) -> None:
    """Do something at random; a refusal is an answer too."""
    person = square.neighbours[number]
    row = SignUp.objects.filter(event=event, person=person).first()
    try:
        with transaction.atomic():
            if name == "sign":
                square.sign_up(event, number, companions=extra)
                signed.add(person.pk)
            elif name == "resize":
                square.step(event, "resize", places=number + 1)
            elif row is not None and name == "lapse" and row.state == "offered":
                offer_lapse(row, at=row.offered_until)
            elif row is not None and name in ("cancel", "take"):
                square.step(row, name, by=person)
            elif row is not None and name == "change":
                square.step(row, "change", by=person, companions=extra, children=0, needs="")
    except (Conflict, Invalid):
        pass


def _holds(event, signed) -> None:
    event = NeighbourEvent.objects.get(pk=event.pk)
    rows = list(SignUp.objects.filter(event=event).order_by("turn"))
    held = sum(row.size for row in rows if row.state in HOLDING)
    # never more than there are, and the figure on the event is the truth
    assert held == event.taken <= event.places
    # the first who waits does not fit; so whoever fits has a place
    waiting = [row for row in rows if row.state == "waiting"]
    assert not waiting or event.free < waiting[0].size <= event.places
    # nobody is lost: everybody who signed up has one row, that holds, waits, or was ended
    assert {row.person_id for row in rows} == signed
    assert all(row.state in (*HOLDING, "waiting", *GONE) for row in rows)
    # and each offer has its timer
    offered = {row.pk for row in rows if row.state == "offered"}
    timers = Timer.objects.filter(kind="sign_up.offer_ends", fired_at=None, cancelled_at=None)
    assert offered <= set(timers.values_list("subject_id", flat=True))


def test_nobody_who_asked_later_is_served_before_who_waits(square):
    # an oracle of its own: the line served by hand, for a run of people of different sizes
    event = square.open(places=4, offer_hours=0)
    sizes = [2, 3, 1, 2, 1]
    rows = [square.sign_up(event, number, companions=size - 1) for number, size in enumerate(sizes)]
    assert square.states(event) == ["signed_up", "waiting", "waiting", "waiting", "waiting"]
    square.step(rows[0], "cancel", by=square.neighbours[0])
    # 4 free: the three, then the one; the next two do not fit any more
    assert square.states(event)[1:] == ["signed_up", "signed_up", "waiting", "waiting"]
