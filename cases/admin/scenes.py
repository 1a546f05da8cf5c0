"""Admin of scenes: what they group and who leads them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.models import Scene, SceneCategory, SceneUnit
from cases.models.scene import SCENE_AREAS
from governance.admin.base import KernelAdmin, PartsInline
from governance.models import Area


class SceneCategoryInline(PartsInline):
    """Categories of a scene; a class stands for all its sub-classes."""

    model = SceneCategory
    fields = ["category"]
    autocomplete_fields = ["category"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("category")


class SceneUnitInline(PartsInline):
    """Units that lead a scene."""

    model = SceneUnit
    fields = ["unit", "position"]
    autocomplete_fields = ["unit"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("unit")


@admin.register(Scene)
class SceneAdmin(KernelAdmin):
    """Scenes in their order."""

    list_display = ["name", "code", "area", "named_categories", "leading", "is_active", "position"]
    list_filter = ["is_active"]
    list_select_related = ["area"]
    search_fields = ["name", "code"]
    inlines = [SceneCategoryInline, SceneUnitInline]
    fields = ["code", "name", "area", "description", ("position", "is_active")]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("area").defer("area__boundary")
        return rows.prefetch_related("categories__category", "units__unit")

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer cities and districts as areas."""
        if db_field.name == "area":
            areas = Area.objects.visible_to(request.user).filter(kind__in=SCENE_AREAS, is_active=True)
            kwargs["queryset"] = areas.defer("boundary").order_by("code")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("categories"))
    def named_categories(self, obj):
        return "、".join(str(row.category) for row in obj.categories.all())

    @display(description=_("leading units"))
    def leading(self, obj):
        return "、".join(row.unit.short_name or row.unit.name for row in obj.units.all())
