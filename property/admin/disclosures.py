"""Admin of disclosures: what must be published by when, red where it is late; the rules."""

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from governance.admin.base import KernelAdmin
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.workflow import WorkflowAdmin
from governance.models import Event, Role
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from property.costs.disclosures import end_of, figures_of
from property.costs.looks import DISCLOSURE_TONES
from property.costs.papers import disclosure_paper
from property.costs.workflow import DisclosureState, PeriodState
from property.models import CostPeriod, Disclosure, DisclosureRule

ANSWERING = {Role.OWNERS_COMMITTEE_MEMBER, Role.PARTY_SECRETARY, Role.COMMUNITY_STAFF}


@admin.register(Disclosure)
class DisclosureAdmin(WorkflowAdmin):
    """What must be published about funds and public income."""

    page_template = "property/costs/admin/disclosure.html"
    list_display = ["estate", "kind", "days", "state_badge", "due_day", "published_at"]
    list_display_links = ["days"]
    list_filter = ["state", "kind"]
    list_filter_submit = True
    list_select_related = ["books__estate"]
    ordering = ["-last", "-id"]

    def page_rows(self, request):
        return self.get_queryset(request).with_rows().select_related("rule", "books__fund")

    @display(description=gettext_lazy("estate"), ordering="books__estate__name")
    def estate(self, obj):
        return obj.books.estate.name

    @display(description=gettext_lazy("first and last day"), ordering="first")
    def days(self, obj):
        return f"{obj.first:%Y-%m-%d} – {obj.last:%Y-%m-%d}"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(_("Overdue") if obj.is_overdue else obj.get_state_display(), _tone(obj))

    @display(description=gettext_lazy("to be published by"), ordering="due_on")
    def due_day(self, obj):
        day = f"{obj.due_on:%Y-%m-%d}"
        return badge(day, "red") if obj.is_overdue else day

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        obj.figures = obj.figures or figures_of(obj)
        return {
            "tone": _tone(obj),
            "paper": disclosure_paper(obj),
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id")[:50],
        }


def _tone(obj: Disclosure) -> str:
    return "red" if obj.is_overdue else DISCLOSURE_TONES[obj.state]


@admin.register(DisclosureRule)
class DisclosureRuleAdmin(KernelAdmin):
    """How often and how soon what is published, by locality and day."""

    list_display = ["code", "kind", "area", "months", "days", "valid_from", "source"]
    list_filter = ["kind"]
    list_select_related = ["area"]
    search_fields = ["code", "source"]
    autocomplete_fields = ["area"]
    fields = ["code", "kind", "area", "months", "days", "valid_from", "source"]


def _disclosure_row(row: Disclosure) -> WorkRow:
    late = row.is_overdue
    return WorkRow(
        url=reverse("admin:property_disclosure_change", args=[row.pk]), title=str(row),
        place=str(row.books.estate.area), badge=_("Overdue") if late else row.get_state_display(), tone=_tone(row),
        due_at=end_of(row.due_on),
    )  # fmt: skip


def _period_row(row: CostPeriod) -> WorkRow:
    late = row.disclose_by < timezone.localdate()
    return WorkRow(
        url=reverse("admin:property_costperiod_change", args=[row.pk]), title=str(row),
        place=str(row.books.estate.area), badge=_("Overdue") if late else row.get_state_display(),
        tone="red" if late else "amber", due_at=end_of(row.disclose_by),
    )  # fmt: skip


@provides_work
def disclosures_to_publish(user) -> list[WorkList]:
    """What hangs out next, or should already: of who answers to the owners."""
    if not roles_of(user) & ANSWERING:
        return []
    due = Disclosure.objects.visible_to(user).filter(state=DisclosureState.DUE).with_rows().order_by("due_on", "pk")
    settled = CostPeriod.objects.visible_to(user).filter(state=PeriodState.SETTLED).with_rows()
    url = f"{reverse('admin:property_disclosure_changelist')}?state__exact=due"
    periods = f"{reverse('admin:property_costperiod_changelist')}?state__exact=settled"
    lists = [
        work_list("disclosures", _("To be published"), due, _disclosure_row, url, order=55,
                  lead=_("Fund and public income of the estates; red is late.")),
        work_list("settled-periods", _("Final statements to disclose"), settled.order_by("disclose_by", "pk"),
                  _period_row, periods, order=56),
    ]  # fmt: skip
    return [found for found in lists if found.count]
