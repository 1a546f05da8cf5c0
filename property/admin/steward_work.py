"""Admin of outreach visits, of disputes seen, and of counted hours with the month's sheet."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import ReadOnlyAdmin, refusal_page
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Invalid
from governance.scoping import grant_for, roles_of
from governance.templatetags.jiceng import badge
from property.admin.drafts import PostedPage, trail_of
from property.costs.files import paper_response
from property.models import DisputeSighting, HoursEntry, HoursKind, OutreachVisit
from property.months import month_asked
from property.serving.querysets import month_after
from property.stewards.forms import PassOnForm
from property.stewards.hours import month_paper, months_of
from property.stewards.looks import SIGHTING_TONES, URGENCY_TONES
from property.stewards.outreach import MAY_PASS_ON, outreach_pass_on
from property.stewards.permissions import ANSWERERS

PAGE = "property/stewards/admin/page.html"
MONTH = "admin:property_steward_month"


@admin.register(OutreachVisit)
class OutreachVisitAdmin(PostedPage, WorkflowAdmin):
    """Visits to explain policies, as they were logged; what was asked may become a case."""

    page_template = PAGE
    list_display = ["topic", "team", "who", "at", "place_said", "result", "case"]
    list_filter = ["result", AreaFilter]
    list_filter_submit = True
    search_fields = ["topic", "team__name", "member__person__name", "place"]

    def get_urls(self):
        name = "property_outreachvisit_pass_on"
        return [path("<int:object_id>/pass-on/", self.admin_site.admin_view(self.pass_on_view), name=name),
                *super().get_urls()]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("steward"))
    def who(self, obj):
        return str(obj.member.person)

    @display(description=gettext_lazy("place"))
    def place_said(self, obj):
        return obj.place_text

    def page(self, request, obj, *, notice="", status=200) -> TemplateResponse:
        """A visit has no states: the page without their buttons."""
        context = {
            **self.admin_site.each_context(request), "title": str(obj), "opts": self.opts, "original": obj,
            "object": obj, "notice": notice, "last_event": self.last_event(obj), "transitions": [],
            **self.page_context(request, obj),
        }  # fmt: skip
        return TemplateResponse(request, self.page_template, context, status=status)

    def page_context(self, request, obj):
        may = obj.case_id is None and grant_for(MAY_PASS_ON, obj, request.user) is not None
        return {
            "trail": trail_of(obj),
            "facts": [(_("Team"), obj.team), (_("steward"), obj.member.person), (_("place"), obj.place_text),
                      (_("visited at"), obj.at), (_("length (minutes)"), obj.minutes),
                      (_("how it went"), obj.get_result_display()), (_("questions raised"), obj.questions or "—"),
                      (_("case"), obj.case.number if obj.case else "—")],
            "more": [(_("Make it a case"), reverse("admin:property_outreachvisit_pass_on", args=[obj.pk]))]
            if may else [],
        }  # fmt: skip

    @method_decorator(csrf_protect)
    def pass_on_view(self, request, object_id):
        """Make a case of what was asked."""
        visit = self.find(request, object_id)
        if grant_for(MAY_PASS_ON, visit, request.user) is None:
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = PassOnForm(posted)

        def carry_out(given):
            case = outreach_pass_on(visit, actor=request.user, **given)
            messages.success(request, _("Case %(number)s was opened.") % {"number": case.number})
            return self.page_url(visit)

        return self.form_page(request, form, title=_("Make it a case"), button=_("Make it a case"),
                              carry_out=carry_out, back=self.page_url(visit), lead=visit.questions)  # fmt: skip


@admin.register(DisputeSighting)
class DisputeSightingAdmin(WorkflowAdmin):
    """Disputes that stewards saw: the community staff's to answer."""

    page_template = PAGE
    list_display = ["title", "where", "urgency_badge", "state_badge", "seen_at", "answer_due_at"]
    list_display_links = ["title"]
    list_filter = ["state", "urgency", "kind", AreaFilter]
    list_filter_submit = True
    search_fields = ["place", "estate__name", "team__name"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().select_related("answered_by")

    @display(description=gettext_lazy("dispute seen"), ordering="id")
    def title(self, obj):
        return str(obj)

    @display(description=gettext_lazy("place"))
    def where(self, obj):
        return obj.place_text

    @display(description=gettext_lazy("urgency"), ordering="urgency")
    def urgency_badge(self, obj):
        return badge(_("Urgent") if obj.urgency == "urgent" else _("Not urgent"), URGENCY_TONES[obj.urgency])

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SIGHTING_TONES[obj.state])

    def page_context(self, request, obj):
        return {
            "tone": SIGHTING_TONES[obj.state],
            "trail": trail_of(obj),
            "words": obj.words,
            "facts": [(_("kind of dispute"), obj.get_kind_display()), (_("urgency"), obj.get_urgency_display()),
                      (_("place"), obj.place_text), (_("seen at"), obj.seen_at),
                      (_("reported by"), f"{obj.reporter} · {obj.team}"), (_("answer due"), obj.answer_due_at),
                      (_("answered by"), obj.answered_by or "—"), (_("case"), obj.case.number if obj.case else "—")],
        }  # fmt: skip


def _sighting_row(row: DisputeSighting) -> WorkRow:
    return WorkRow(
        reverse("admin:property_disputesighting_change", args=[row.pk]), str(row), text=row.place_text,
        place=str(row.area), badge=_("Urgent") if row.urgency == "urgent" else row.get_state_display(),
        tone=URGENCY_TONES[row.urgency], due_at=row.answer_due_at,
    )  # fmt: skip


@provides_work
def sightings_waiting(user) -> list[WorkList]:
    """Disputes that nobody has answered, the next due first."""
    if not roles_of(user) & ANSWERERS:
        return []
    rows = DisputeSighting.objects.visible_to(user).waiting().with_rows()
    url = f"{reverse('admin:property_disputesighting_changelist')}?state__exact=handed_over"
    return [work_list("steward-sightings", _("Disputes that stewards saw"), rows, _sighting_row, url, urgent=True,
                      lead=_("Take it on, or say why there is nothing to settle."), order=12)]  # fmt: skip


@admin.register(HoursEntry)
class HoursEntryAdmin(ReadOnlyAdmin):
    """Counted time line by line; the month's sheet by member, also as Excel."""

    list_display = ["who", "team", "date", "kind", "minutes", "reason", "by"]
    list_filter = ["kind", AreaFilter]
    list_filter_submit = True
    search_fields = ["member__person__name", "team__name"]
    date_hierarchy = "date"

    def get_urls(self):
        return [path("month/", self.admin_site.admin_view(self.month_view), name="property_steward_month"),
                *super().get_urls()]  # fmt: skip

    def side_pages(self, request):
        return [{"title": _("Hours by month"), "icon": "calendar_month", "link": reverse(MONTH)},
                *super().side_pages(request)]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("steward"))
    def who(self, obj):
        return str(obj.member.person)

    @method_decorator(require_safe)
    def month_view(self, request):
        """Show ``?month=`` (2026-11; this month by default), or give it as a file with ``?format=xlsx``."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        month = month_asked(request.GET.get("month", ""), timezone.localdate())
        rows = months_of(request.user, month)
        if "format" in request.GET:
            try:
                return paper_response(month_paper(rows, month), request.GET["format"])
            except Invalid as error:
                return refusal_page(self, request, error, back=_address(month))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hours by month"), "title_part": _("Hours by month"), "opts": self.opts, "month": month,
            "rows": rows, "kinds": HoursKind.labels, "before": _address((month - timedelta(days=1)).replace(day=1)),
            "after": _address(month_after(month)), "sheet": f"{_address(month)}&format=xlsx",
        }  # fmt: skip
        return TemplateResponse(request, "property/stewards/admin/month.html", context)


def _address(month) -> str:
    return f"{reverse(MONTH)}?{urlencode({'month': f'{month:%Y-%m}'})}"
