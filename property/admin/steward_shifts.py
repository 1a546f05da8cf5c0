"""Admin of shifts and of who stands them."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.workflow import WorkflowAdmin
from governance.scoping import grant_for, visible_q
from governance.templatetags.jiceng import badge
from property.admin.drafts import PostedPage, trail_of
from property.models import JoinRequest, RequestState, ShiftDuty, ShiftState, StewardShift
from property.stewards.forms import AssignForm
from property.stewards.hours import duration
from property.stewards.looks import DUTY_TONES, REQUEST_TONES, SHIFT_TONES
from property.stewards.scope import MANAGES
from property.stewards.shifts import duty_assign

PAGE = "property/stewards/admin/page.html"


@admin.register(StewardShift)
class StewardShiftAdmin(PostedPage, WorkflowAdmin):
    """Shifts of the teams the person sees; who manages a team assigns its people."""

    page_template = PAGE
    list_display = ["title", "team", "place", "state_badge", "taken"]
    list_display_links = ["title"]
    list_filter = ["state", AreaFilter]
    list_filter_submit = True
    search_fields = ["plan__name", "team__name", "place"]
    ordering = ["-starts_at", "-id"]

    def get_urls(self):
        name = "property_stewardshift_assign"
        return [path("<int:object_id>/assign/", self.admin_site.admin_view(self.assign_view), name=name),
                *super().get_urls()]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("shift"), ordering="starts_at")
    def title(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SHIFT_TONES[obj.state])

    @display(description=gettext_lazy("taken of wanted"))
    def taken(self, obj):
        return f"{obj.taken_count}/{obj.wanted}"

    def page_context(self, request, obj):
        assigns = obj.state == ShiftState.PLANNED and grant_for(MANAGES, obj, request.user) is not None
        return {
            "tone": SHIFT_TONES[obj.state],
            "trail": trail_of(obj),
            "facts": [(_("Team"), obj.team), (_("place"), obj.place), (_("day"), f"{obj.date:%Y-%m-%d}"),
                      (_("hours"), obj.hours), (_("taken of wanted"), f"{obj.taken_count}/{obj.wanted}")],
            "rows_title": _("Who stands it"),
            "rows": [
                (reverse("admin:property_shiftduty_change", args=[row.pk]), row.member.person, row.get_state_display(),
                 DUTY_TONES[row.state])
                for row in ShiftDuty.objects.visible_to(request.user).filter(shift=obj).with_rows().order_by("pk")
            ],
            "more": [(_("Assign somebody"), reverse("admin:property_stewardshift_assign", args=[obj.pk]))]
            if assigns else [],
        }  # fmt: skip

    @method_decorator(csrf_protect)
    def assign_view(self, request, object_id):
        """Give a member a place in the shift."""
        shift = self.find(request, object_id)
        if grant_for(MANAGES, shift, request.user) is None:
            raise PermissionDenied
        form = AssignForm(request.POST if request.method == "POST" else None, shift=shift)

        def carry_out(given):
            made = duty_assign(shift, actor=request.user, **given)
            messages.success(request, _("Assigned: %(duty)s.") % {"duty": made})
            return self.page_url(shift)

        return self.form_page(request, form, title=_("Assign somebody"), button=_("Assign"), carry_out=carry_out,
                              back=self.page_url(shift), lead=str(shift))  # fmt: skip


@admin.register(ShiftDuty)
class ShiftDutyAdmin(WorkflowAdmin):
    """Who stood which shift, for how long; whoever did not come."""

    page_template = PAGE
    list_display = ["who", "shift", "team", "state_badge", "started_at", "ended_at", "by_clock"]
    list_display_links = ["who"]
    list_filter = ["state", "by_clock", AreaFilter]
    list_filter_submit = True
    search_fields = ["member__person__name", "team__name", "shift__plan__name"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().select_related("shift__plan")

    @display(description=gettext_lazy("steward"))
    def who(self, obj):
        return str(obj.member.person)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), DUTY_TONES[obj.state])

    def page_context(self, request, obj):
        line = getattr(obj, "hours", None)
        moments = [(_("began"), obj.started_at), (_("ended"), obj.ended_at)]
        return {
            "tone": DUTY_TONES[obj.state],
            "trail": trail_of(obj),
            "facts": [(_("steward"), obj.member.person), (_("shift"), obj.shift), (_("place"), obj.shift.place),
                      *((label, at) for label, at in moments if at),
                      (_("counted"), duration(line.minutes) if line else "—"),
                      *([(_("ended by the clock"), _("Yes"))] if obj.by_clock else [])],
        }  # fmt: skip


@admin.register(JoinRequest)
class JoinRequestAdmin(WorkflowAdmin):
    """Residents who ask to join; who leads the team answers."""

    page_template = PAGE
    list_display = ["who", "team", "state_badge", "asked_at"]
    list_display_links = ["who"]
    list_filter = ["state", AreaFilter]
    list_filter_submit = True
    search_fields = ["person__name", "team__name"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("person"))
    def who(self, obj):
        return str(obj.person)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), REQUEST_TONES[obj.state])

    def page_context(self, request, obj):
        return {
            "tone": REQUEST_TONES[obj.state],
            "trail": trail_of(obj),
            "facts": [(_("person"), obj.person), (_("phone"), obj.person.phone or "—"), (_("Team"), obj.team),
                      (_("what I can help with"), obj.words or "—"), (_("asked at"), obj.asked_at)],
        }  # fmt: skip


def _request_row(row: JoinRequest) -> WorkRow:
    return WorkRow(
        reverse("admin:property_joinrequest_change", args=[row.pk]), str(row.person), text=row.words,
        place=row.team.place_text, badge=row.get_state_display(), tone=REQUEST_TONES[row.state],
        note=f"{row.asked_at:%m-%d}",
    )  # fmt: skip


@provides_work
def requests_waiting(user) -> list[WorkList]:
    """Residents who wait for an answer of who leads or manages the team."""
    found = visible_q(MANAGES, user)
    if found is None:
        return []
    rows = JoinRequest.objects.filter(found, state=RequestState.ASKED).with_rows().order_by("asked_at", "pk")
    url = f"{reverse('admin:property_joinrequest_changelist')}?state__exact=asked"
    made = work_list("steward-requests", _("They ask to join the stewards"), rows, _request_row, url, order=40)
    return [made] if made.count else []
