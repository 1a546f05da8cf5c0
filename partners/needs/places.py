"""The communities and estates in which somebody keeps, hears or looks at needs."""

from collections.abc import Collection

from django.db import models

from governance.models import Area, AreaKind, Estate
from governance.scoping import EVERYWHERE, grants_of


def communities_of(user, roles: Collection[str]) -> list[Area]:
    """Return the communities in which somebody holds one of ``roles``, or has a grid, by code."""
    paths = tuple({grant.area_path for grant in grants_of(user) if grant.role in roles})
    if not paths:
        return []
    rows = Area.objects.filter(kind=AreaKind.COMMUNITY, is_active=True).defer("boundary").order_by("code")
    return [
        area for area in rows
        if EVERYWHERE in paths or area.path.startswith(paths) or any(path.startswith(area.path) for path in paths)
    ]  # fmt: skip


def estates_in(communities: Collection[Area]) -> models.QuerySet[Estate]:
    """Return the estates of communities, by code."""
    found = models.Q(pk__in=[])
    for area in communities:
        found |= models.Q(area__path__startswith=area.path)
    return Estate.objects.filter(found, is_active=True).select_related("area").order_by("code")
