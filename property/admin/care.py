"""Admin of people who are looked in on, and of the visits to them."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.workflow import WorkflowAdmin
from governance.registry.entries import AccountField
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from property.admin.drafts import trail_of
from property.models import CareReceiver, CareVisit, VisitState
from property.serving.other_querysets import CARE_ROLES

TONES = {VisitState.PLANNED: "violet", VisitState.VISITED: "green", VisitState.MISSED: "red",
         VisitState.CANCELLED: "grey"}  # fmt: skip


class ReceiverForm(forms.ModelForm):
    """The usual visitor is named by phone or user name."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "visitor" in self.fields:
            self.fields["visitor"] = AccountField(
                label=_("Phone or user name of the usual visitor"), max_length=60, required=False,
                widget=UnfoldAdminTextInputWidget,
            )  # fmt: skip
            if self.instance.visitor_id:
                self.initial["visitor"] = self.instance.visitor.username


@admin.register(CareReceiver)
class CareReceiverAdmin(KernelAdmin):
    """People of the person's areas who are looked in on; when they were last seen."""

    form = ReceiverForm
    list_display = ["name", "dwelling", "lives_alone", "every_days", "visitor", "last_seen", "visits", "in_force"]
    list_filter = ["lives_alone", AreaFilter]
    list_filter_submit = True
    search_fields = ["name", "code", "dwelling__code"]
    fields = ["code", "name", "phone", "dwelling", "lives_alone", "needs", "every_days", "visitor", "alarm_standard",
              "valid_from", "valid_to"]  # fmt: skip
    autocomplete_fields = ["dwelling", "alarm_standard"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().with_last_seen()

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("last met"), ordering="seen_at")
    def last_seen(self, obj):
        return f"{timezone.localtime(obj.seen_at):%Y-%m-%d}" if obj.seen_at else "—"

    @display(description=gettext_lazy("care visits"))
    def visits(self, obj):
        url = reverse("admin:property_carevisit_changelist")
        return format_html('<a class="jc-link" href="{}?receiver__id__exact={}">{}</a>', url, obj.pk, _("Visits"))

    @display(description=gettext_lazy("on the list"), boolean=True)
    def in_force(self, obj):
        return obj.holds_on(timezone.localdate())


@admin.register(CareVisit)
class CareVisitAdmin(WorkflowAdmin):
    """Visits as the person may see them, the next ones to make and the missed ones among them."""

    page_template = "property/admin/care_visit.html"
    list_display = ["receiver", "where", "due_on", "state_badge", "condition", "visited_by", "visited_at", "case"]
    list_filter = ["state", "condition", AreaFilter]
    linked_by = ("receiver__id__exact",)
    list_filter_submit = True
    search_fields = ["receiver__name", "receiver__dwelling__code"]
    ordering = ["-due_on", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("dwelling"))
    def where(self, obj):
        return str(obj.receiver.dwelling)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def page_context(self, request, obj):
        last = obj.receiver.visits.filter(condition__in=["well", "needs_help"]).order_by("-visited_at").first()
        return {"tone": TONES[obj.state], "trail": trail_of(obj), "last": last}


def _row(visit: CareVisit) -> WorkRow:
    return WorkRow(
        reverse("admin:property_carevisit_change", args=[visit.pk]), visit.receiver.name,
        text=str(visit.receiver.dwelling), place=str(visit.area), badge=visit.get_state_display(),
        tone=TONES[visit.state], note=f"{visit.due_on:%m-%d}",
    )  # fmt: skip


@provides_work
def visits_missed(user) -> list[WorkList]:
    """Missed visits that nobody has made up for, the oldest first."""
    if not roles_of(user) & CARE_ROLES:
        return []
    rows = CareVisit.objects.visible_to(user).not_made_up().with_rows().order_by("due_on", "pk")
    url = f"{reverse('admin:property_carevisit_changelist')}?state__exact=missed"
    return [work_list("care-missed", _("Missed care visits"), rows, _row, url, urgent=True,
                      lead=_("Look in at once, then report the visit."), order=15)]  # fmt: skip
