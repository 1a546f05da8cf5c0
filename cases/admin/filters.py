"""Filters of the case list. An unknown value shows nothing rather than everything."""

from datetime import datetime, timedelta

from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, MultipleDropdownFilter, RangeDateFilter

from cases.hotspots.listing import NOWHERE, at_places, counted
from cases.models import CaseCategory, CaseSource, CaseState, CaseUnit, Scene, UnitPart
from cases.overview.querysets import by_promise
from cases.scenes.querysets import in_scene
from governance.models import Area, OrgUnit
from governance.scoping import grants_of

# Above this many areas a list of grids is no longer a help; the tree then ends at the communities.
MOST_AREAS = 300


class StateFilter(MultipleDropdownFilter):
    """One or several states."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return CaseState.choices

    def queryset(self, request, queryset):
        chosen = [value for value in self.value() or [] if value]
        return queryset.filter(state__in=chosen) if chosen else queryset


class QueueFilter(DropdownFilter):
    """What still waits: everything open, the dispatchers' review queue, what is late."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        return [
            ("open", _("Open")),
            ("review", _("Review queue")),
            ("overdue", _("Overdue")),
            ("unsigned", _("Not signed for")),
            ("to_begin", _("Signed for, not begun")),
            ("requests", _("Units ask for time")),
            ("appeals", _("Appeals to review")),
        ]

    def queryset(self, request, queryset):
        narrowed = {
            "open": queryset.open,
            "review": queryset.waiting_for_dispatcher,
            "overdue": queryset.open().overdue,
            "unsigned": queryset.unsigned,
            "to_begin": queryset.to_begin,
            "requests": queryset.with_requests,
            "appeals": queryset.with_appeals,
        }
        if not self.value():
            return queryset
        return narrowed[self.value()]() if self.value() in narrowed else queryset.none()


class SourceFilter(DropdownFilter):
    """Where the report came from."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request, model_admin):
        return CaseSource.choices

    def queryset(self, request, queryset):
        return queryset.filter(source=self.value()) if self.value() else queryset


class KeyFilter(DropdownFilter):
    """Base of filters by the key of another row; ``choose`` gives the rows a person may filter by."""

    def choose(self, request):
        raise NotImplementedError  # pragma: no cover - each filter gives its rows

    def indented(self, row) -> str:
        return str(row)

    def narrow(self, queryset, row):
        raise NotImplementedError  # pragma: no cover - each filter narrows its own way

    def lookups(self, request, model_admin):
        self.rows = {str(row.pk): row for row in self.choose(request)}
        return [(key, self.indented(row)) for key, row in self.rows.items()]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        row = self.rows.get(self.value())
        return self.narrow(queryset, row) if row is not None else queryset.none()


class CategoryFilter(KeyFilter):
    """A class with all its sub-classes, or one sub-class."""

    title = _("category")
    parameter_name = "category"

    def choose(self, request):
        rows = list(CaseCategory.objects.visible_to(request.user).order_by("scheme", "scheme_version", "code"))
        tops = [row for row in rows if row.parent_id is None]
        return [found for top in tops for found in (top, *(row for row in rows if row.parent_id == top.pk))]

    def indented(self, row):
        return f"　{row.name}" if row.parent_id else row.name

    def narrow(self, queryset, row):
        if row.parent_id:
            return queryset.filter(category=row)
        return queryset.filter(
            category__in=[found for found in self.rows.values() if row.pk in (found.pk, found.parent_id)]
        )


class AreaFilter(KeyFilter):
    """An area and all under it, out of the areas the person works in."""

    title = _("area")
    parameter_name = "area"

    def choose(self, request):
        paths = tuple({grant.area_path for grant in grants_of(request.user) if grant.role != "resident"})
        areas = Area.objects.visible_to(request.user).filter(is_active=True).defer("boundary").order_by("code")
        return [row for row in areas if row.path.startswith(paths)] if paths else []

    def lookups(self, request, model_admin):
        """Offer a list that is still a help; links may name any area of it."""
        choices = super().lookups(request, model_admin)
        if len(choices) <= MOST_AREAS:
            return choices
        return [(key, name) for key, name in choices if self.rows[key].kind != "grid"]

    def indented(self, row):
        return "　" * max(row.path.count("/") - 2, 0) + row.name

    def narrow(self, queryset, row):
        """Most rows lie in their ``area``; others say themselves how they lie under one."""
        return queryset.under(row) if hasattr(queryset, "under") else queryset.filter(area__path__startswith=row.path)

    def queryset(self, request, queryset):
        """An area too small for the list of choices may still be asked for by its key."""
        if self.value() and self.value() not in self.rows:
            self.rows |= {
                str(row.pk): row for row in Area.objects.visible_to(request.user).filter(pk=_key(self.value()))
            }
        return super().queryset(request, queryset)


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


class AskedFilter(DropdownFilter):
    """Base of filters that figures lead to: in the filter sheet only while they narrow the list."""

    def told(self, value: str):
        raise NotImplementedError  # pragma: no cover - each filter says what it is

    def narrow(self, queryset, value: str):
        raise NotImplementedError  # pragma: no cover - each filter narrows its own way

    def lookups(self, request, model_admin):
        return [(self.value(), self.told(self.value()))] if self.value() else []

    def queryset(self, request, queryset):
        try:
            return self.narrow(queryset, self.value()) if self.value() else queryset
        except ValueError:
            return queryset.none()


class PlaceFilter(AskedFilter):
    """Hexagons of the hot-spot map, an address, or no place at all."""

    title = _("place on the hot-spot map")
    parameter_name = "at"

    def told(self, value):
        return _("Without coordinates") if value == NOWHERE else _("The place chosen there")

    def narrow(self, queryset, value):
        return at_places(queryset, value)


class CountedFilter(AskedFilter):
    """What figures count: neither rejected nor cancelled cases, merged ones only as reports."""

    title = _("counted")
    parameter_name = "counted"

    def told(self, value):
        return _("Cases that count") if value == "cases" else _("Cases that count, with merged ones")

    def narrow(self, queryset, value):
        return counted(queryset, value)


class SceneFilter(KeyFilter):
    """What belongs to a scene: by its categories, in its area."""

    title = _("scene")
    parameter_name = "scene"

    def choose(self, request):
        return Scene.objects.visible_to(request.user).in_use().met_by(grants_of(request.user)).select_related("area")

    def narrow(self, queryset, row):
        return in_scene(queryset, row)


class PromiseFilter(DropdownFilter):
    """Closed cases by whether they were done by what was promised."""

    title = _("promise")
    parameter_name = "promise"

    def lookups(self, request, model_admin):
        return [("kept", _("Kept")), ("broken", _("Not kept"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = {"kept": True, "broken": False}
        return by_promise(queryset, known[self.value()]) if self.value() in known else queryset.none()


class LeadUnitFilter(KeyFilter):
    """The unit that handles."""

    title = _("lead unit")
    parameter_name = "lead_unit"

    def choose(self, request):
        return OrgUnit.objects.visible_to(request.user).filter(is_active=True)

    def narrow(self, queryset, row):
        return queryset.filter(lead_unit=row)


class AssistingFilter(KeyFilter):
    """A unit that helps and has not done its part."""

    title = _("assisting unit")
    parameter_name = "assisting"

    def choose(self, request):
        return OrgUnit.objects.visible_to(request.user).filter(is_active=True)

    def narrow(self, queryset, row):
        helping = CaseUnit.objects.filter(unit=row, part=UnitPart.ASSISTING, done_at=None)
        return queryset.filter(pk__in=helping.values("case_id"))


LAST_DAY = make_aware(datetime(9999, 12, 30))  # there is no day after the last that can be written


class DayRangeFilter(RangeDateFilter):
    """From one day to another, both included (Asia/Shanghai)."""

    def queryset(self, request, queryset):
        first = self._day("_from")
        last = self._day("_to")
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{self.field_path}__lt": min(last, LAST_DAY) + timedelta(days=1)})
        return queryset

    def _day(self, end: str):
        value = self.used_parameters.get(self.field_path + end)
        try:
            day = parse_date(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        return make_aware(datetime(day.year, day.month, day.day)) if day else None
