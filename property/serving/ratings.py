"""Ratings of service items by the residents of the estate: one each a month, which may be thought over."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from property.models import ListState, ServiceItem, ServiceRating
from property.residents import InOwnEstate

RATES = {Role.RESIDENT: InOwnEstate("service_list__estate")}
MOST_WORDS = 300


def rating_give(item: ServiceItem, *, actor: User, stars: int, words: str = "",
                occurred_at: datetime | None = None) -> ServiceRating:  # fmt: skip
    """Rate an item of the list that holds for this month; a second rating of the month takes the place of the first.

    Raises NotPermitted for who is no resident of the estate, Conflict for a list that does not hold, Invalid for stars
    outside 1 to 5 or more than 300 characters.
    """
    at = occurred_at or timezone.now()
    if isinstance(stars, bool) or not 1 <= stars <= 5:
        raise Invalid(_("Give 1 to 5 stars."), field="stars", code="out_of_range")
    if len(words.strip()) > MOST_WORDS:
        raise Invalid(_("At most 300 characters."), field="words", code="max_length")
    with atomically():
        found = ServiceItem.objects.select_related("service_list__estate").select_for_update(of=("self",))
        item = found.get(pk=item.pk)
        grant = grant_for(RATES, item, actor)
        if grant is None:
            raise NotPermitted(_("Only residents of the estate rate its services."))
        if item.service_list.state != ListState.PUBLISHED:
            raise Conflict(_("This list does not hold any more."), code="not_in_force")
        rating = _stored(item, month_of(at), actor) or ServiceRating(item=item, month=month_of(at), person=actor)
        rating.stars, rating.words, rating.given_at = stars, words.strip(), at
        rating.save()
        payload = {"item": item.code, "estate": item.service_list.estate.code, "stars": stars}
        events.record("service.rated", rating, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return rating


def month_of(at: datetime) -> date:
    """Return the first day of the month of a moment (Asia/Shanghai)."""
    return timezone.localdate(at).replace(day=1)


def _stored(item: ServiceItem, month: date, person: User) -> ServiceRating | None:
    return ServiceRating.objects.filter(item=item, month=month, person=person).first()
