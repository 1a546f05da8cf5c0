"""Admin of cost periods: the page of one with its statement, also as a file."""

from django.contrib import admin
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from unfold.decorators import display

from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Invalid
from governance.models import Event
from governance.templatetags.jiceng import badge
from property.costs.files import paper_response
from property.costs.looks import PERIOD_TONES
from property.costs.papers import share_words, statement_paper
from property.costs.vouchers import vouchers_of
from property.costs.workflow import PeriodState
from property.models import CostLine, CostPeriod, SubsidyLine


@admin.register(CostPeriod)
class CostPeriodAdmin(WorkflowAdmin):
    """Cost periods. A new one is drawn up on the page of the estate's books."""

    page_template = "property/costs/admin/period.html"
    list_display = ["estate", "name", "days", "state_badge", "due_on", "disclose_by_day"]
    list_display_links = ["name"]
    list_filter = ["state", "basis"]
    list_filter_submit = True
    list_select_related = ["books__estate"]
    search_fields = ["name", "books__estate__name"]
    ordering = ["-last", "-id"]

    def page_rows(self, request):
        return self.get_queryset(request).with_rows().select_related("opened_by", "resolution")

    def get_urls(self):
        view = self.admin_site.admin_view(self.statement_view)
        return [
            path("<int:object_id>/statement/", view, name="property_costperiod_statement"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("estate"), ordering="books__estate__name")
    def estate(self, obj):
        return obj.books.estate.name

    @display(description=gettext_lazy("first and last day"), ordering="first")
    def days(self, obj):
        return f"{obj.first:%Y-%m-%d} – {obj.last:%Y-%m-%d}"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), PERIOD_TONES[obj.state])

    @display(description=gettext_lazy("to be disclosed by"), ordering="disclose_by")
    def disclose_by_day(self, obj):
        if obj.disclose_by is None or obj.state != PeriodState.SETTLED:
            return ""
        day = f"{obj.disclose_by:%Y-%m-%d}"
        return badge(day, "red") if obj.disclose_by < timezone.localdate() else day

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        published = obj.state not in (PeriodState.DRAFT, PeriodState.DISCARDED)
        lines = list(CostLine.objects.visible_to(request.user).filter(period=obj).order_by("id"))
        subsidies = SubsidyLine.objects.visible_to(request.user).filter(period=obj)
        return {
            "tone": PERIOD_TONES[obj.state],
            "paper": statement_paper(obj) if published else None,
            "lines": lines,
            "total": sum(line.amount for line in lines),
            "share_rows": [(share, share_words(obj)[share.source]) for share in obj.shares.all()],
            "documents": vouchers_of(lines) + vouchers_of(subsidies),
            "overdue": obj.state == PeriodState.SETTLED and obj.disclose_by < timezone.localdate(),
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id")[:50],
        }

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def statement_view(self, request, object_id):
        """The statement of a published period as Excel or Word."""
        period = self.find(request, object_id)
        try:
            if period.state in (PeriodState.DRAFT, PeriodState.DISCARDED):
                raise Invalid(_("A draft has no statement yet."))
            return paper_response(statement_paper(period), request.POST.get("format", "xlsx"))
        except Invalid as error:
            return refusal_page(self, request, error, back=self.page_url(period))
