"""Admin of steward teams, their members, and the plans of their shifts."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from governance.admin.base import KernelAdmin, PartsInline
from governance.models.venue import Weekday
from governance.scoping import grant_for
from property.admin.drafts import PostedPage
from property.admin.party import InForceFilter, PersonForm, in_force_badge
from property.models import StewardMember, StewardPlan, StewardRoute, StewardTeam
from property.stewards.forms import CorrectForm, EndForm
from property.stewards.hours import hours_correct
from property.stewards.members import member_end
from property.stewards.rounds import findings_of
from property.stewards.scope import MANAGES

SHOWN = 10


class RoutesInline(PartsInline):
    """Patrol routes that the team walks; their plans and rounds are among the patrols."""

    model = StewardRoute
    fields = ["route"]
    autocomplete_fields = ["route"]


@admin.register(StewardTeam)
class StewardTeamAdmin(KernelAdmin):
    """Teams of the person's areas, or the own ones; what their rounds found."""

    list_display = ["name", "code", "place", "organisation", "lead", "members", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "code", "estate__name"]
    fields = ["code", "name", "estate", "area", "organisation", "is_active", "people", "findings"]
    autocomplete_fields = ["estate", "area", "organisation"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_inlines(self, request, obj):
        return [RoutesInline] if obj is not None else []

    def get_readonly_fields(self, request, obj=None):
        return ["people", "findings", *(["code", "estate", "area"] if obj else [])]

    @display(description=gettext_lazy("serves"))
    def place(self, obj):
        return obj.place_text

    @display(description=gettext_lazy("led by"))
    def lead(self, obj):
        return "、".join(str(row.person) for row in obj.leads) or "—"

    @display(description=gettext_lazy("stewards"), ordering="members_count")
    def members(self, obj):
        return obj.members_count

    @display(description=gettext_lazy("stewards"))
    def people(self, obj):
        if obj.pk is None:
            return "—"
        url = reverse("admin:property_stewardmember_changelist")
        return format_html('<a class="jc-link" href="{}?team__id__exact={}">{}</a>', url, obj.pk, obj.members_count)

    @display(description=gettext_lazy("found on rounds lately"))
    def findings(self, obj):
        rows = findings_of(obj)[:SHOWN] if obj.pk else []
        told = (
            (reverse("admin:cases_case_change", args=[row.case_id]), row.case.number, row.case.get_state_display())
            for row in rows
        )
        return format_html_join(" · ", '<a class="jc-link" href="{}">{}</a> {}', told) or "—"


@admin.register(StewardMember)
class StewardMemberAdmin(PostedPage, KernelAdmin):
    """Who is in which team, from when to when. Who leads a team ends memberships and corrects hours."""

    form = PersonForm
    list_display = ["person", "team", "kind", "is_lead", "valid_from", "valid_to", "holds_today", "work"]
    list_filter = ["kind", "is_lead", InForceFilter]
    linked_by = ("team__id__exact",)
    list_filter_submit = True
    search_fields = ["person__name", "person__username", "team__name", "team__code"]
    autocomplete_fields = ["team"]
    fields = ["team", "person", "kind", "is_lead", "valid_from", "valid_to"]

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/end/", view(self.end_view), name="property_stewardmember_end"),
            path("<int:pk>/correct/", view(self.correct_view), name="property_stewardmember_correct"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_changelist_instance(self, request):
        shown = super().get_changelist_instance(request)
        for row in shown.result_list:  # on the row: one admin serves several people at once
            row.is_managed = grant_for(MANAGES, row, request.user) is not None
        return shown

    def get_readonly_fields(self, request, obj=None):
        return ["team", "person", "kind", "is_lead", "valid_from"] if obj else []

    @display(description=gettext_lazy("in force"))
    def holds_today(self, obj):
        return in_force_badge(obj)

    @display(description=gettext_lazy("to do"))
    def work(self, obj):
        if not getattr(obj, "is_managed", False):
            return "—"
        links = [("property_stewardmember_correct", _("Correct hours")), ("property_stewardmember_end", _("End"))]
        told = ((reverse(f"admin:{name}", args=[obj.pk]), label) for name, label in links)
        return format_html_join(" · ", '<a class="jc-link" href="{}">{}</a>', told)

    def _managed(self, request, pk: int) -> StewardMember:
        """Return a member of a team the person manages; 404 for one not seen, 403 for one only seen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        if grant_for(MANAGES, found, request.user) is None:
            raise PermissionDenied
        return found

    @method_decorator(csrf_protect)
    def end_view(self, request, pk):
        """End a membership."""
        member = self._managed(request, pk)
        form = EndForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            member_end(member, actor=request.user, **given)
            return self.list_url()

        return self.form_page(request, form, title=_("End: %(member)s") % {"member": member}, button=_("End"),
                              carry_out=carry_out, back=self.list_url())  # fmt: skip

    @method_decorator(csrf_protect)
    def correct_view(self, request, pk):
        """Correct the hours of a member by a line of their own."""
        member = self._managed(request, pk)
        form = CorrectForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            hours_correct(member, actor=request.user, **given)
            return reverse("admin:property_hoursentry_changelist")

        return self.form_page(request, form, title=_("Correct hours: %(member)s") % {"member": member},
                              button=_("Correct"), carry_out=carry_out, back=self.list_url(),
                              lead=_("What was counted stays; the correction is a line beside it."))  # fmt: skip


class PlanForm(forms.ModelForm):
    """A plan with its days of the week to tick."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("days of the week"), choices=Weekday, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Or one day, below."),
    )  # fmt: skip


@admin.register(StewardPlan)
class StewardPlanAdmin(KernelAdmin):
    """On which days a team stands where, and how many of it."""

    form = PlanForm
    list_display = ["name", "team", "days", "hours", "place_said", "wanted", "valid_from", "valid_to"]
    search_fields = ["name", "code", "team__name"]
    autocomplete_fields = ["team", "building"]
    fields = ["code", "team", "name", "weekdays", "day", ("starts", "ends"), "building", "place", "wanted",
              ("valid_from", "valid_to")]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        return ["code", "team"] if obj else []

    @display(description=gettext_lazy("on which days"))
    def days(self, obj):
        return obj.days_text

    @display(description=gettext_lazy("hours"), ordering="starts")
    def hours(self, obj):
        return f"{obj.starts:%H:%M}–{obj.ends:%H:%M}"

    @display(description=gettext_lazy("place"))
    def place_said(self, obj):
        return obj.place_text
