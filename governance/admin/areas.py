"""Admin of areas and of the local calendar."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance.admin.base import KernelAdmin
from governance.models import Area, CalendarDay


@admin.register(Area)
class AreaAdmin(KernelAdmin):
    """The tree of areas; kind, code and parent are fixed once people and cases refer to them."""

    list_display = ["indented_name", "kind", "code", "parent", "has_boundary", "is_active"]
    list_filter = ["kind", "is_active"]
    list_filter_submit = True
    list_select_related = ["parent"]
    search_fields = ["name", "code"]
    ordering = ["path"]
    autocomplete_fields = ["parent"]
    fields = ["name", "kind", "code", "parent", "is_active", "boundary"]
    change_form_outer_after_template = "governance/admin/area_map.html"

    def get_readonly_fields(self, request, obj=None):
        return ["kind", "code", "parent"] if obj else []

    def get_ordering(self, request):
        return ["code"]

    @display(description=_("name"), ordering="code")
    def indented_name(self, obj):
        return format_html('<span class="jc-indent jc-indent-{}">{}</span>', obj.path.count("/") - 2, obj.name)

    @display(description=_("boundary"), boolean=True)
    def has_boundary(self, obj):
        return obj.west is not None

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "boundary":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 8, "class": "jc-code", "spellcheck": "false"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        # Boundaries are large; the list only asks whether there is one.
        return rows.defer("boundary") if request.resolver_match.url_name.endswith("_changelist") else rows

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = dict(extra_context or {})
        if object_id and (area := self.get_object(request, object_id)) is not None:
            context["area_map"] = {"boundary": area.boundary, "boundary_name": area.name}
        return super().changeform_view(request, object_id, form_url, context)


@admin.register(CalendarDay)
class CalendarDayAdmin(KernelAdmin):
    """Local exceptions to the public holidays."""

    scope_fields = ("area",)
    list_display = ["date", "area", "is_workday", "reason"]
    list_filter = ["is_workday"]
    list_select_related = ["area"]
    search_fields = ["reason"]
    autocomplete_fields = ["area"]
