"""Admin of hazards: the list and the page of one, for the mediators of the place."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.repeats import made_once
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from mediation.admin.numbers import FoundByNumber
from mediation.models import Dispute, Hazard
from mediation.prevention.looks import URGENCY_TONES, hazard_tone
from mediation.prevention.querysets import KEEPS
from mediation.prevention.reading import hazard_read, photos_elsewhere, unread
from mediation.prevention.report_forms import HazardDeskForm
from mediation.prevention.reporting import hazard_report
from mediation.prevention.trail import trail_of


class LateFilter(DropdownFilter):
    """What was to be assessed before now."""

    title = gettext_lazy("time limit")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("overdue", _("overdue"))]

    def queryset(self, request, queryset):
        return queryset.late() if self.value() == "overdue" else queryset


@admin.register(Hazard)
class HazardAdmin(FoundByNumber, FormPageMixin, WorkflowAdmin):
    """Hazards the person keeps, the newest on top. Words and people stand on the page of one, in no export."""

    page_template = "mediation/prevention/admin/hazard.html"
    list_display = ["number_told", "state_badge", "type_told", "urgency_badge", "place_told", "source", "reported_at"]
    list_display_links = ["number_told"]
    export_display = (
        "number", "get_state_display", "type", "get_source_display", "get_urgency_display", "area", "people",
        "violence", "seen_at", "reported_at", "assessed_at", "watch_until", "decided_at",
    )  # fmt: skip
    list_filter = ["state", LateFilter, "type", "source", "urgency", AreaFilter]
    list_filter_submit = True
    search_fields = ["words", "place"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).read_by(request.user).with_rows()

    def rows_with_words(self, queryset):
        """Words of what became a dispute are not searched: that would read them, and nobody would know."""
        return unread(queryset)

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(KEEPS))

    @display(description=gettext_lazy("number of the hazard"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        told = obj.get_state_display()
        return badge(f"{told} · {_('overdue')}" if obj.late else told, hazard_tone(obj))

    @display(description=gettext_lazy("dispute type"), ordering="type")
    def type_told(self, obj):
        return f"{obj.type} ({_('only guessed')})" if obj.type and obj.type_guessed else str(obj.type or "—")

    @display(description=gettext_lazy("urgency"), ordering="urgency")
    def urgency_badge(self, obj):
        return badge(obj.get_urgency_display(), URGENCY_TONES[obj.urgency])

    @display(description=gettext_lazy("place"))
    def place_told(self, obj):
        return " ".join(part for part in (obj.area.name, obj.place_listed) if part)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Enter a hazard that reached the committee otherwise: by telephone, by letter."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = HazardDeskForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(form):
            given = form.cleaned_data
            hazard = made_once(
                form, user=request.user, what="hazard", said=[given["words"], given["place"], given["area"], None],
                number=lambda made: made.number, make=lambda: hazard_report(actor=request.user, **given),
            )  # fmt: skip
            messages.success(request, _("Reported as hazard %(number)s.") % {"number": hazard.number})
            seen = self.get_queryset(request).filter(pk=hazard.pk).exists()
            return self.page_url(hazard) if seen else reverse("admin:mediation_hazard_changelist")

        lead = _("What was seen or heard, and where. Who is concerned may stay empty.")
        return self.form_page(request, form, title=_("Report a hazard"), lead=lead, button=_("Report the hazard"),
                              carry_out=carry_out)  # fmt: skip

    def history_view(self, request, object_id, extra_context=None):
        response = super().history_view(request, object_id, extra_context)
        hazard_read(response.context_data["object"], user=request.user)
        return response

    def page_context(self, request, obj):
        hazard_read(obj, user=request.user)
        dispute = None
        if obj.dispute_id:
            dispute = Dispute.objects.visible_to(request.user).filter(pk=obj.dispute_id).first()
        return {
            "tone": hazard_tone(obj),
            "urgency_tone": URGENCY_TONES[obj.urgency],
            "dispute": dispute,
            "signals": obj.signals.count(),
            "photos": attachments_of(obj),
            "elsewhere": photos_elsewhere(obj),
            "trail": trail_of(obj),
        }
