"""Where a resident may raise a need: in the communities in which they live or own a dwelling, confirmed."""

from django.db import models
from django.db.models import Q

from governance.models import Area, AreaKind, Dwelling, Ownership, Residency

TIES = (Residency, Ownership)


def dwellings_of(user) -> models.QuerySet[Dwelling]:
    """Return the dwellings in which ``user`` lives or which they own today, with their places."""
    found = Q(pk__in=[])
    for model in TIES if user.is_authenticated else ():
        found |= Q(pk__in=model.objects.current().order_by().filter(user=user).values("dwelling_id"))
    return Dwelling.objects.filter(found).select_related("area", "building__estate__area").order_by("code")


def community_of(area: Area) -> Area:
    """Return the community an area lies in; the area itself where it is larger."""
    while area.kind == AreaKind.GRID:
        area = area.parent
    return area
