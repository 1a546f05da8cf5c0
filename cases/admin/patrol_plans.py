"""Admin of what rounds are made of: routes with their points, and plans."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.models import PatrolPlan, PatrolPoint, PatrolRoute, PatrolRule
from cases.patrol_querysets import TEAM_ROLES
from governance.admin.base import KernelAdmin, PartsInline
from governance.models import Appointment, User
from governance.models.venue import Weekday


class PointInline(PartsInline):
    """The points of a route, in the order they are to be seen."""

    model = PatrolPoint
    fields = ["position", "name", "longitude", "latitude", "radius", "note", "is_active"]
    ordering = ["position"]


@admin.register(PatrolRoute)
class PatrolRouteAdmin(KernelAdmin):
    """Routes of the areas the person works in."""

    list_display = ["name", "code", "area", "unit", "role", "is_active"]
    list_filter = ["role", "is_active"]
    list_select_related = ["area", "unit"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["area", "unit"]
    inlines = [PointInline]
    fields = ["code", "name", "area", "unit", "role", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.defer("area__boundary") if request.resolver_match.url_name.endswith("list") else rows


class PlanForm(forms.ModelForm):
    """A plan with its days of the week to tick."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("days of the week"), choices=Weekday, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for the rule “on days of the week”."),
    )  # fmt: skip

    class Meta:
        model = PatrolPlan
        fields = ["code", "route", "rule", "weekdays", "month_day", "starts", "ends", "worker", "valid_from",
                  "valid_to"]  # fmt: skip


@admin.register(PatrolPlan)
class PatrolPlanAdmin(KernelAdmin):
    """When routes are walked. A change reaches the rounds that are not made yet; those can be cancelled."""

    form = PlanForm
    list_display = ["code", "route", "days", "shift", "worker", "valid_from", "valid_to"]
    list_filter = ["rule"]
    list_select_related = ["route", "worker"]
    search_fields = ["code", "route__name"]
    autocomplete_fields = ["route"]
    fields = [
        ("code", "route"), ("rule", "month_day"), "weekdays", ("starts", "ends"), "worker", ("valid_from", "valid_to"),
    ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["code", "route"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer people who walk rounds for the units of the routes the reader sees."""
        if db_field.name == "worker":
            units = PatrolRoute.objects.visible_to(request.user).values("unit_id")
            posts = Appointment.objects.in_force().filter(unit__in=units, role__in=TEAM_ROLES)
            people = User.objects.filter(pk__in=posts.values("user_id"), is_active=True)
            kwargs["queryset"] = people.order_by("name", "username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("on which days"), ordering="rule")
    def days(self, obj):
        if obj.rule == PatrolRule.WEEKDAYS:
            return "、".join(str(Weekday(day).label) for day in sorted(obj.weekdays))
        if obj.rule == PatrolRule.MONTHLY:
            return _("On day %(day)s of the month") % {"day": obj.month_day}
        return obj.get_rule_display()

    @display(description=_("shift"), ordering="starts")
    def shift(self, obj):
        return f"{obj.starts:%H:%M}–{obj.ends:%H:%M}"
