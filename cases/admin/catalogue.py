"""Admin of what cases are filed under: categories, standards with their units, role texts, stage limits."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.models import CaseCategory, DuplicateRule, FilingStandard, StageLimit, StandardUnit, UnitAlias
from governance.admin.base import KernelAdmin, PartsInline


@admin.register(CaseCategory)
class CaseCategoryAdmin(KernelAdmin):
    """Classes and sub-classes of the schemes in use."""

    list_display = ["name", "code", "parent", "kind", "scheme", "scheme_version", "is_active"]
    list_filter = ["kind", "scheme", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["parent"]
    fields = ["name", "kind", "parent", "scheme", "scheme_version", "code", "on_the_spot", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["scheme", "scheme_version", "code"] if obj else []


class StandardUnitInline(PartsInline):
    """Who handles, helps and supervises under a standard."""

    model = StandardUnit
    fields = ["part", "unit", "role_name", "position"]
    autocomplete_fields = ["unit"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("unit")


@admin.register(FilingStandard)
class FilingStandardAdmin(KernelAdmin):
    """Category and condition → units and limit. A change reaches new dispatches only."""

    list_display = ["condition", "category", "limit", "lead", "supervising", "is_active"]
    list_filter = ["limit_unit", "is_active"]
    list_select_related = ["category"]
    search_fields = ["condition", "condition_code", "category__name"]
    autocomplete_fields = ["category"]
    inlines = [StandardUnitInline]
    fields = [
        "category", "condition_code", "condition", "closing_condition",
        "limit_amount", "limit_unit", "limit_note", "photo_before", "photo_after", "inspection_share", "is_active",
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["category", "condition_code"] if obj else []

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("category").prefetch_related("units__unit")

    @display(description=_("limit"))
    def limit(self, obj):
        return f"{obj.limit_amount.normalize():f} {obj.get_limit_unit_display()}"

    @display(description=_("lead unit"))
    def lead(self, obj):
        return self._named(obj, "lead")

    @display(description=_("supervising unit"))
    def supervising(self, obj):
        return self._named(obj, "supervising")

    def _named(self, obj, part):
        return "、".join(str(row.unit or row.role_name) for row in obj.units.all() if row.part == part)


@admin.register(UnitAlias)
class UnitAliasAdmin(KernelAdmin):
    """Which unit a role text means where."""

    scope_fields = ("area",)
    list_display = ["role_name", "area", "unit"]
    list_select_related = ["area", "unit"]
    search_fields = ["role_name", "unit__name"]
    autocomplete_fields = ["area", "unit"]


@admin.register(DuplicateRule)
class DuplicateRuleAdmin(KernelAdmin):
    """How near, how soon and how alike two reports must be to be shown as likely the same."""

    list_display = ["named", "metres", "hours", "text_share"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]
    fields = ["category", "metres", "hours", "text_share"]

    @display(description=_("category"))
    def named(self, obj):
        return str(obj)


@admin.register(StageLimit)
class StageLimitAdmin(KernelAdmin):
    """Limits of the stages that no filing standard limits. The stages themselves are fixed."""

    scope_fields = ()
    list_display = ["stage", "limit_amount", "limit_unit", "warn_at", "escalate_hours"]
    fields = ["stage", "limit_amount", "limit_unit", "warn_at", "escalate_hours"]

    def get_readonly_fields(self, request, obj=None):
        return ["stage"]

    def has_add_permission(self, request):
        return False
