"""Places that can be found: areas, units, estates, dwellings, venues. They are no secret to people who work there."""

import re

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, Estate, OrgUnit, Venue
from governance.search.registry import Found, Searchable, searchable
from governance.search.text import joined

# 3栋2单元501室: what follows the number of a building, an entrance, a dwelling.
PARTS = re.compile(r"(?<=[0-9A-Za-z])(?:栋|幢|号楼|座|单元|室|号|户)")


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:governance_{model}_change", args=[pk])


def _by_code(query: str, _user) -> Q | None:
    return Q(code__startswith=query) if re.fullmatch(r"[0-9A-Za-z-]{2,60}", query) else None


def address_q(query: str) -> Q | None:
    """Return the filter of dwellings for an address as people write it (桂子苑 3栋2单元501); None without a name in it.

    Each part must be (part of) the estate's name, the building's, the entrance's or the dwelling's number.
    """
    words = PARTS.sub(" ", query).split()
    words = [word for part in words for word in re.findall(r"[0-9A-Za-z-]+|[^0-9A-Za-z-]+", part)]
    if not any(len(word) > 1 and not word.isascii() for word in words) or len(words) < 2:
        return None
    found = Q()
    for word in words:
        found &= (
            Q(building__estate__name__contains=word)
            | Q(building__number=word)
            | Q(building__name__contains=word)
            | Q(entrance__number=word)
            | Q(number=word)
        )
    return found


def _dwelling_named(query: str, user) -> Q | None:
    return address_q(query) or _by_code(query, user)


def _show_area(area: Area, _user) -> Found:
    return Found("area", area.code, area.name, area.get_kind_display(), area.code, _page("area", area.pk))


def _show_unit(unit: OrgUnit, _user) -> Found:
    return Found("unit", unit.code, unit.name, unit.get_kind_display(), str(unit.area), _page("orgunit", unit.pk))


def _show_estate(estate: Estate, _user) -> Found:
    return Found("estate", estate.code, estate.name, estate.address, str(estate.area), _page("estate", estate.pk))


def _show_dwelling(dwelling: Dwelling, _user) -> Found:
    detail = dwelling.get_use_display()
    return Found(
        "dwelling", dwelling.code, dwelling.address, detail, str(dwelling.area), _page("dwelling", dwelling.pk)
    )


def _show_venue(venue: Venue, _user) -> Found:
    return Found("venue", venue.code, venue.name, venue.address, str(venue.area), _page("venue", venue.pk))


def _dwellings(user):
    rows = Dwelling.objects.visible_to(user).select_related("building__estate", "entrance", "area")
    return rows.defer("area__boundary")


KINDS = [
    Searchable(
        kind="area",
        label=_("Areas"),
        rows=lambda user: Area.objects.visible_to(user).defer("boundary"),
        text=joined("name"),
        show=_show_area,
        named=_by_code,
        order=30,
    ),
    Searchable(
        kind="unit",
        label=_("Units"),
        rows=lambda user: OrgUnit.objects.visible_to(user).select_related("area").defer("area__boundary"),
        text=joined("name", "short_name"),
        show=_show_unit,
        named=_by_code,
        order=50,
    ),
    Searchable(
        kind="estate",
        label=_("Estates"),
        rows=lambda user: Estate.objects.visible_to(user).select_related("area").defer("area__boundary"),
        text=joined("name", "address"),
        show=_show_estate,
        named=_by_code,
        order=20,
    ),
    Searchable(
        kind="dwelling",
        label=_("Dwellings"),
        rows=_dwellings,
        text=joined("code"),
        show=_show_dwelling,
        named=_dwelling_named,
        order=21,
    ),
    Searchable(
        kind="venue",
        label=_("Venues"),
        rows=lambda user: Venue.objects.visible_to(user).select_related("area").defer("area__boundary"),
        text=joined("name", "address"),
        show=_show_venue,
        named=_by_code,
        order=31,
    ),
]
for _kind in KINDS:
    searchable(_kind)
