"""Filters of the list of cases."""

import django_filters as filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.hotspots.listing import at_places, counted
from cases.models import Case, CaseCategory, CaseSource, CaseState, CaseUnit, CategoryKind, FilingStandard, Scene
from cases.overview.querysets import OPEN_STATES, by_promise, open_cases
from cases.scenes.querysets import in_scene_coded
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, MomentFilter, YesNoFilter
from governance.models import OrgUnit


class CaseFilters(CodedFilterSet):
    """``state`` and ``source`` may be given several times. Dates without a time begin at midnight, Asia/Shanghai."""

    state = filters.MultipleChoiceFilter(choices=CaseState.choices)
    source = filters.MultipleChoiceFilter(choices=CaseSource.choices)
    category = CodeFilter(
        model=CaseCategory, method="of_category", label=_("Code of a category: it and its sub-classes.")
    )
    scene = CodeFilter(model=Scene, method="of_scene", label=_("Code of a scene."))
    area = AreaFilter()
    unit = CodeFilter(model=OrgUnit, method="of_unit", label=_("Code of a unit with any part in the case."))
    lead_unit = CodeFilter("lead_unit__code", model=OrgUnit, label=_("Code of the lead unit."))
    open = YesNoFilter(method="that_are_open", label=_("Somebody still has to do something about it."))
    overdue = YesNoFilter(method="that_are_overdue", label=_("The running stage should have ended by now."))
    review = YesNoFilter(method="in_review", label=_("Waiting for a dispatcher."))
    reported_after = MomentFilter("reported_at", "gte")
    reported_before = MomentFilter("reported_at", "lt")
    closed_after = MomentFilter("closed_at", "gte")
    closed_before = MomentFilter("closed_at", "lt")
    promise_kept = YesNoFilter(method="with_promise", label=_("Closed, and done by what was promised (or not)."))
    due_before = MomentFilter("due_at", "lt")
    cell = filters.CharFilter(method="in_cells", label=_("H3 cells (resolution 7 to 11), with commas between them."))
    counted = filters.ChoiceFilter(
        choices=[("cases", _("Cases that count")), ("reports", _("Cases that count, with merged ones"))],
        method="that_count",
    )
    text = filters.CharFilter(method="holding_text", label=_("Beginning of the number, or words of the text."))

    class Meta(CodedFilterSet.Meta):
        model = Case

    def of_category(self, queryset, name, value):
        return queryset.filter(Q(category__code=value) | Q(category__parent__code=value))

    def of_scene(self, queryset, name, value):
        return in_scene_coded(queryset, value)

    def that_are_open(self, queryset, name, value):
        return open_cases(queryset) if value else queryset.exclude(state__in=OPEN_STATES)

    def with_promise(self, queryset, name, value):
        return by_promise(queryset, value)

    def of_unit(self, queryset, name, value):
        return queryset.filter(pk__in=CaseUnit.objects.filter(unit__code=value).values("case_id"))

    def that_are_overdue(self, queryset, name, value):
        now = timezone.now()
        return queryset.overdue(now) if value else queryset.filter(Q(due_at=None) | Q(due_at__gte=now))

    def in_review(self, queryset, name, value):
        waiting = queryset.model.objects.waiting_for_dispatcher().values("pk")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)

    def in_cells(self, queryset, name, value):
        try:
            return at_places(queryset, value)
        except ValueError as error:
            raise serializers.ValidationError({name: [_("There is no such cell.")]}, "invalid") from error

    def that_count(self, queryset, name, value):
        return counted(queryset, value)

    def holding_text(self, queryset, name, value):
        return queryset.with_text(value)


class CategoryFilters(CodedFilterSet):
    kind = filters.ChoiceFilter(choices=CategoryKind.choices)
    text = filters.CharFilter(method="holding_text", label=_("Part of the name or code."))

    class Meta(CodedFilterSet.Meta):
        model = CaseCategory

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=value))


class StandardFilters(CodedFilterSet):
    category = CodeFilter("category__code", model=CaseCategory)

    class Meta(CodedFilterSet.Meta):
        model = FilingStandard
