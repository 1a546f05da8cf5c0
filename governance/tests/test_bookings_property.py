"""Any mixture of booking, moving and cancelling, beside a plain list of intervals that says what should happen."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from governance.bookings import Timetable, booking_cancel, booking_make, booking_move
from governance.errors import Conflict
from governance.models import Booking, OpeningHours
from governance.tests.bookings import _standing_still, at, hall_of  # noqa: F401

STEP = timedelta(minutes=30)
START = at("mon", 0)
SLOTS = 48
PIECE = st.tuples(st.integers(0, SLOTS - 1), st.integers(1, 8)).filter(lambda piece: sum(piece) <= SLOTS)
DEED = st.one_of(
    st.tuples(st.just("book"), PIECE, st.just(0)),
    st.tuples(st.just("move"), PIECE, st.integers(0, 30)),
    st.tuples(st.just("cancel"), st.just((0, 1)), st.integers(0, 30)),
)


def clash(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < sum(other) and other[0] < sum(one)


@pytest.fixture
def round_the_clock(city):
    """A room open from Monday midnight to midnight."""
    venue = hall_of(city)
    OpeningHours.objects.filter(venue=venue).delete()
    OpeningHours.objects.create(venue=venue, weekday=0, opens="00:00", closes="00:00")
    return venue


class Beside:
    """Does deeds by the services and keeps the oracle: primary key → (first slot, slots)."""

    def __init__(self, venue, actor):
        self.venue, self.actor = venue, actor
        self.held: dict[int, tuple[int, int]] = {}

    def do(self, name, piece, which):
        if name == "book":
            self.book(piece)
        elif self.held:
            key = sorted(self.held)[which % len(self.held)]
            getattr(self, name)(Booking.objects.select_related("venue").get(pk=key), piece)

    def book(self, piece):
        made = self.attempt(
            piece, None, lambda: booking_make(venue=self.venue, title="会", actor=self.actor, **span_of(piece))
        )
        if made is not None:
            self.held[made.pk] = piece

    def move(self, row, piece):
        work = lambda: booking_move(row, actor=self.actor, reason="改期", **span_of(piece))  # noqa: E731
        if self.attempt(piece, row.pk, work) is not None:
            self.held[row.pk] = piece

    def cancel(self, row, _piece):
        booking_cancel(row, actor=self.actor, reason="不开")
        del self.held[row.pk]

    def attempt(self, piece, besides, work):
        free = not any(clash(piece, other) for key, other in self.held.items() if key != besides)
        try:
            with transaction.atomic():
                done = work()
        except Conflict:
            assert not free, "refused although nothing is in the way"
            return None
        assert free, "done although something is in the way"
        return done

    def compare(self):
        rows = Booking.objects.booked()
        stored = {row.pk: ((row.starts_at - START) // STEP, (row.ends_at - row.starts_at) // STEP) for row in rows}
        assert stored == self.held
        taken = {slot for first, length in self.held.values() for slot in range(first, first + length)}
        spans = Timetable.of(self.venue, START.date(), START.date()).free_between(START, START + SLOTS * STEP)
        free = {slot for begin, end in spans for slot in range((begin - START) // STEP, (end - START) // STEP)}
        assert free == set(range(SLOTS)) - taken


def span_of(piece: tuple[int, int]) -> dict:
    return {"starts_at": START + piece[0] * STEP, "ends_at": START + sum(piece) * STEP}


@pytest.mark.django_db
@pytest.mark.usefixtures("_standing_still")
def test_it_does_what_a_list_of_intervals_says(city, round_the_clock):
    @settings(
        max_examples=40, deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(DEED, min_size=1, max_size=25))
    def play(deeds):
        with transaction.atomic():
            beside = Beside(round_the_clock, city.user("community_staff"))
            for deed in deeds:
                beside.do(*deed)
            beside.compare()
            transaction.set_rollback(True)

    play()
