"""Admin of units and appointments."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance.admin.base import KernelAdmin
from governance.models import Appointment, OrgUnit


@admin.register(OrgUnit)
class OrgUnitAdmin(KernelAdmin):
    """Departments, street offices, committees."""

    list_display = ["name", "short_name", "code", "kind", "area", "estate", "parent", "phone", "is_active"]
    list_filter = ["kind", "is_active"]
    list_filter_submit = True
    list_select_related = ["area", "estate", "parent"]
    search_fields = ["name", "short_name", "code"]
    autocomplete_fields = ["area", "estate", "parent"]
    fields = ["name", "short_name", "code", "kind", "area", "estate", "parent", "phone", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


class InForceFilter(admin.SimpleListFilter):
    """Appointments that hold today, or those that ended or have not begun."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request, model_admin):
        return [("yes", _("Today")), ("no", _("Not today"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        today = Appointment.objects.in_force().values("pk")
        return queryset.filter(pk__in=today) if self.value() == "yes" else queryset.exclude(pk__in=today)


@admin.register(Appointment)
class AppointmentAdmin(KernelAdmin):
    """Who acts as what, where, from when to when. A post is ended by its last day, never deleted."""

    scope_fields = ("area",)
    list_display = ["user", "role", "unit", "area", "valid_from", "valid_to", "holds_today"]
    list_filter = ["role", InForceFilter]
    list_filter_submit = True
    list_select_related = ["user", "unit", "area"]
    search_fields = ["user__name", "user__username", "unit__name", "unit__short_name"]
    autocomplete_fields = ["user", "unit", "area"]
    fields = ["user", "role", "unit", "area", "valid_from", "valid_to"]

    def get_readonly_fields(self, request, obj=None):
        # What was done in a role stays explained by the post as it was; a change of role is a new post.
        return ["user", "role", "unit", "area", "valid_from"] if obj else []

    @display(description=_("in force"), boolean=True)
    def holds_today(self, obj):
        today = timezone.localdate()
        return obj.valid_from <= today and (obj.valid_to is None or obj.valid_to >= today)
