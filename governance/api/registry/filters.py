"""Filters of the registry's lists."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.models import Building, Dwelling, DwellingUse, Estate, Ownership, Residency, ResidencyKind
from governance.registry.workflow import TieState


class EstateFilters(CodedFilterSet):
    area = AreaFilter()
    active = YesNoFilter("is_active", label=_("In use."))
    text = filters.CharFilter(method="holding_text", label=_("Part of the name, code or address."))

    class Meta(CodedFilterSet.Meta):
        model = Estate

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=value) | Q(address__icontains=value))


class BuildingFilters(CodedFilterSet):
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    area = AreaFilter()
    text = filters.CharFilter(method="holding_text", label=_("Part of the name or number."))

    class Meta(CodedFilterSet.Meta):
        model = Building

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(number__startswith=value))


class DwellingFilters(CodedFilterSet):
    estate = CodeFilter("building__estate__code", model=Estate, label=_("Code of an estate."))
    building = filters.CharFilter("building__number", label=_("Number of a building."))
    area = AreaFilter()
    use = filters.ChoiceFilter(choices=DwellingUse.choices)
    active = YesNoFilter("is_active", label=_("In use."))
    text = filters.CharFilter(method="holding_text", label=_("Part of the code or number."))

    class Meta(CodedFilterSet.Meta):
        model = Dwelling

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(code__icontains=value) | Q(number__icontains=value))


class TieFilters(CodedFilterSet):
    """``state`` may be given several times."""

    state = filters.MultipleChoiceFilter(choices=TieState.choices)
    area = AreaFilter()
    estate = CodeFilter("dwelling__building__estate__code", model=Estate, label=_("Code of an estate."))
    building = filters.CharFilter("dwelling__building__number", label=_("Number of a building."))
    dwelling = filters.CharFilter("dwelling__code", label=_("Code of a dwelling."))


class ResidencyFilters(TieFilters):
    kind = filters.ChoiceFilter(choices=ResidencyKind.choices)

    class Meta(CodedFilterSet.Meta):
        model = Residency


class OwnershipFilters(TieFilters):
    voter = YesNoFilter("is_voter", label=_("Votes for the dwelling."))

    class Meta(CodedFilterSet.Meta):
        model = Ownership
