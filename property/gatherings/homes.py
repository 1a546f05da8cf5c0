"""Who is a neighbour of an event's place today, and with whom somebody makes one household there."""

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.errors import Conflict, NotPermitted
from governance.models import Dwelling, Ownership, Residency, ResidencyKind, User
from property.assembly.querysets import homes_of
from property.gatherings.sign_up_workflow import ACTIVE
from property.models import CountsBy, NeighbourEvent, SignUp


def at_home(person: User, event: NeighbourEvent) -> bool:
    """Tell whether a person lives or owns today in the place an event is for; two statements."""
    estates, areas = homes_of(person)
    return event.estate_id in estates if event.estate_id is not None else event.area_id in areas


def at_home_check(person: User, event: NeighbourEvent) -> None:
    """Raise NotPermitted for who is no neighbour, or is none any more."""
    if not at_home(person, event):
        raise NotPermitted(_("This event is for the residents of another place."))


def household_of(person: User, event: NeighbourEvent) -> Dwelling | None:
    """Return the dwelling in the event's place where a person lives; else one they own there, unless it is let or they
    are known to live elsewhere: then they are a neighbour, but no part of the household in it."""
    if event.estate_id is not None:
        within = Q(dwelling__building__estate=event.estate_id)
    else:
        within = Q(dwelling__area__path__startswith=event.area.path)
    lives = Residency.objects.current().filter(user=person).select_related("dwelling").order_by("id")
    here = lives.filter(within).first()
    if here is not None or lives.exists():
        return here.dwelling if here is not None else None
    let = Residency.objects.current().order_by().filter(kind=ResidencyKind.TENANT).values("dwelling_id")
    owns = Ownership.objects.current().filter(within, user=person).exclude(dwelling__in=let)
    owned = owns.select_related("dwelling").order_by("id").first()
    return owned.dwelling if owned is not None else None


def household_check(event: NeighbourEvent, home: Dwelling | None, *, besides: SignUp | None = None) -> None:
    """Raise Conflict where households are counted and another sign-up (not ``besides``) of this one holds or waits."""
    if event.counts_by != CountsBy.HOUSEHOLDS or home is None:
        return
    others = SignUp.objects.filter(event=event, dwelling=home, state__in=ACTIVE)
    if others.exclude(pk=besides.pk if besides else None).exists():
        raise Conflict(_("Somebody of your household is signed up already."), code="household")
