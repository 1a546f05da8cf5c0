"""What people who were there say about an event: stars and words, once."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from property.gatherings.acting import clock, figures_of
from property.gatherings.event_workflow import OVER
from property.gatherings.sign_up_workflow import SignUpState
from property.models import EventFeedback, NeighbourEvent, SignUp

# Fewer answers than this would tell residents who gave them [J].
SHOWN_FROM = 3
MOST_WORDS = 500


@dataclass(frozen=True)
class Rating:
    """How many answers there are, and the mean of their stars (1 to 5); None where there are none."""

    count: int
    stars: float | None

    @property
    def shown(self) -> bool:
        """Whether residents see it."""
        return self.count >= SHOWN_FROM


def feedback_give(event: NeighbourEvent, *, actor: User, stars: int, words: str = "",
                  occurred_at: datetime | None = None) -> EventFeedback:  # fmt: skip
    """Say how it was. Raises NotPermitted for who was not checked in, Conflict before its end or a second time, Invalid
    naming ``stars`` or ``words``."""
    at = occurred_at or timezone.now()
    if isinstance(stars, bool) or not 1 <= stars <= 5:
        raise Invalid(_("Give 1 to 5 stars."), field="stars", code="out_of_range")
    if len(words.strip()) > MOST_WORDS:
        raise Invalid(_("At most 500 characters."), field="words", code="max_length")
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        if not SignUp.objects.filter(event=locked, person=actor, state=SignUpState.CHECKED_IN).exists():
            raise NotPermitted(_("Only who was there says how it was."))
        if locked.state not in OVER:
            raise Conflict(_("The event is not over yet."), code="not_over")
        if EventFeedback.objects.filter(event=locked, person=actor).exists():
            raise Conflict(_("You have said how it was already."), code="given")
        made = EventFeedback.objects.create(
            event=locked, area=locked.area, person=actor, stars=stars, words=words.strip(), given_at=at
        )
        # Answers are shown without names: the history of the event does not tell them either.
        events.record("gathering.rated", locked, actor=clock(), grant=Grant(Role.SYSTEM),
                      payload=figures_of(locked) | {"stars": stars}, occurred_at=at)  # fmt: skip
    return made


def rating_of(event: NeighbourEvent) -> Rating:
    """Return the mean of all answers."""
    found = EventFeedback.objects.filter(event=event).aggregate(count=Count("id"), stars=Avg("stars"))
    return Rating(found["count"], None if found["stars"] is None else round(float(found["stars"]), 1))
