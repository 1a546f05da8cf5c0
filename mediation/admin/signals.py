"""Admin of signals: the list of records, and the sources they come from with their saved mappings and keys."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404
from django.template.defaultfilters import linebreaksbr
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from cases.admin.mapping_page import MappingPage
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.bookings import FormPageMixin
from governance.admin.keys import KeyedAdmin
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from mediation.admin.numbers import FoundByNumber
from mediation.admin.signal_forms import SignalMappingForm, sample_tried
from mediation.models import Hazard, Signal, SignalSource
from mediation.prevention.keys import signal_key_issue, signal_key_revoke
from mediation.prevention.mapping import mapped_told
from mediation.prevention.querysets import READS_SIGNALS
from mediation.prevention.reading import signal_read, unread
from mediation.prevention.signal_forms import SignalAreaForm, SignalReportForm, SignalTypeForm
from mediation.prevention.signals import REPORTS_SIGNALS, family_of, signal_area_set, signal_report, signal_type_set


class EventFilter(DropdownFilter):
    """What counts, or what repeats it."""

    title = gettext_lazy("counted")
    parameter_name = "counted"

    def lookups(self, request, model_admin):
        return [("events", _("counted once")), ("duplicates", _("repeats an event"))]

    def queryset(self, request, queryset):
        chosen = self.value()
        return queryset.filter(duplicate_of__isnull=chosen == "events") if chosen else queryset


class PlacedFilter(DropdownFilter):
    """Whether the community is known; without it a signal counts for no place, and no mediator has it."""

    title = gettext_lazy("community")
    parameter_name = "placed"

    def lookups(self, request, model_admin):
        return [("known", _("known")), ("unknown", _("not known"))]

    def queryset(self, request, queryset):
        chosen = self.value()
        return queryset.placed(chosen == "known") if chosen else queryset


@admin.register(Signal)
class SignalAdmin(FoundByNumber, FormPageMixin, ReadOnlyAdmin):
    """Records of hotline, petitions and opinion; each may be reported as a hazard."""

    list_display = ["number_told", "event_date", "channel", "type_told", "place_short", "repeats", "hazard_told"]
    list_display_links = ["number_told"]
    export_display = ("number", "event_date", "received_at", "get_channel_display", "area", "place_words", "type",
                      "duplicate_of", "hazard", "source")  # fmt: skip
    fields = ["number_told", "event_date", "received_at", "channel", "source", "place_told", "type_told",
              "text_told", "repeats", "others", "hazard_told", "batch", "steps"]  # fmt: skip
    readonly_fields = ["number_told", "place_told", "type_told", "text_told", "repeats", "others",
                       "hazard_told", "steps"]  # fmt: skip
    list_filter = ["channel", "type", EventFilter, PlacedFilter, AreaFilter]
    linked_by = ("batch",)
    list_filter_submit = True
    search_fields = ["text", "place"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            # On the row: one admin serves several people at once.
            found.reader, found.whole = request.user, grant_for(READS_SIGNALS, found, request.user) is not None
        return found

    def rows_with_words(self, queryset):
        """Words of what led to a dispute are not searched: that would read them, and nobody would know."""
        return unread(queryset)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if self.has_view_permission(request) and (found := self.get_object(request, object_id)) is not None:
            signal_read(found, user=request.user)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/report/", wrap(self.report_view), name="mediation_signal_report"),
            path("<int:object_id>/type/", wrap(self.type_view), name="mediation_signal_type"),
            path("<int:object_id>/area/", wrap(self.area_view), name="mediation_signal_area"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("number of the signal"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("dispute type"), ordering="type")
    def type_told(self, obj):
        if obj.type is None:
            return "—"
        return f"{obj.type} ({_('only guessed')})" if obj.type_guessed else str(obj.type)

    @display(description=gettext_lazy("place"))
    def place_told(self, obj):
        return obj.place_text if obj.whole else obj.area.name

    @display(description=gettext_lazy("what the record says"))
    def text_told(self, obj):
        if obj.whole:
            return linebreaksbr(obj.text) if obj.text else "—"
        return _("It led to a dispute: who works on that one reads it.")

    @display(description=gettext_lazy("place"))
    def place_short(self, obj):
        return " ".join(part for part in (obj.area.name, obj.place_listed) if part)

    @display(description=gettext_lazy("place in words"))
    def place_words(self, obj):
        return obj.place_listed

    @display(description=gettext_lazy("repeats the signal"))
    def repeats(self, obj):
        return obj.duplicate_of.number if obj.duplicate_of else "—"

    @display(description=gettext_lazy("one event with"))
    def others(self, obj):
        rows = family_of(obj).exclude(pk=obj.pk).order_by("id")[:20]
        return "、".join(row.number for row in rows) or "—"

    @display(description=gettext_lazy("hazard"))
    def hazard_told(self, obj):
        return badge(obj.hazard.number, "violet") if obj.hazard else "—"

    @display(description=gettext_lazy("what can be done"))
    def steps(self, obj):
        if not obj.whole:
            return "—"
        steps = [("type", _("Put the type right"))]
        if obj.hazard_id is None:
            steps.append(("area", _("Put the area right")))
            if grant_for(REPORTS_SIGNALS, obj, obj.reader) is not None:
                steps.append(("report", _("Report it as a hazard")))
        links = ((reverse(f"admin:mediation_signal_{name}", args=[obj.pk]), label) for name, label in steps)
        return format_html_join(" ", '<a class="jc-button jc-button-small" href="{}">{}</a>', links)

    def _signal(self, request, object_id) -> Signal:
        """Return a signal of which the person reads the words. Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).read_by(request.user).filter(pk=object_id).first()
        if found is None:
            raise Http404
        return found

    def _page(self, signal: Signal) -> str:
        return reverse("admin:mediation_signal_change", args=[signal.pk])

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def report_view(self, request, object_id):
        """Report it as a hazard of a community or grid."""
        signal = self._signal(request, object_id)
        signal_read(signal, user=request.user)
        form = SignalReportForm(request.POST if request.method == "POST" else None, signal=signal, user=request.user)

        def carry_out(form):
            hazard = signal_report(signal, actor=request.user, **form.cleaned_data)
            messages.success(request, _("Reported as hazard %(number)s.") % {"number": hazard.number})
            reads = Hazard.objects.read_by(request.user).filter(pk=hazard.pk).exists()
            return reverse("admin:mediation_hazard_change", args=[hazard.pk]) if reads else self._page(signal)

        lead = _("The signal stays as it is; what repeats it goes with it.")
        return self.form_page(request, form, title=_("Report it as a hazard"), lead=lead, button=_("Report the hazard"),
                              carry_out=carry_out, back=self._page(signal))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def type_view(self, request, object_id):
        """Put the type right."""
        signal = self._signal(request, object_id)
        form = SignalTypeForm(request.POST if request.method == "POST" else None, signal=signal)

        def carry_out(form):
            signal_type_set(signal, actor=request.user, type=form.cleaned_data["type"])
            return self._page(signal)

        lead = _("What is no dispute has no type, and is not counted.")
        return self.form_page(request, form, title=_("Put the type right"), lead=lead, button=_("Keep the type"),
                              carry_out=carry_out, back=self._page(signal))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def area_view(self, request, object_id):
        """Put the area right."""
        signal = self._signal(request, object_id)
        form = SignalAreaForm(request.POST if request.method == "POST" else None, signal=signal, user=request.user)

        def carry_out(form):
            signal_area_set(signal, actor=request.user, area=form.cleaned_data["area"])
            return self._page(signal)

        lead = _("A signal of a community counts there, and its mediators have it. What repeats it goes with it.")
        return self.form_page(request, form, title=_("Put the area right"), lead=lead, button=_("Keep the area"),
                              carry_out=carry_out, back=self._page(signal))  # fmt: skip


@admin.register(SignalSource)
class SignalSourceAdmin(MappingPage, KeyedAdmin, KernelAdmin):
    """Where signals come from: what the columns of its files mean is saved here, once."""

    mapping_form = SignalMappingForm
    tried = staticmethod(sample_tried)
    key_scheme = "Signals"
    key_issue = staticmethod(signal_key_issue)
    key_revoke = staticmethod(signal_key_revoke)
    list_display = ["code", "name", "channel", "area", "is_active"]
    list_display_links = ["code", "name"]
    list_filter = ["channel", AreaFilter, "is_active"]
    list_select_related = ["area"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["area"]
    fields = ["code", "name", "channel", "area", "is_active"]
    ordering = ["code"]
    change_form_outer_before_template = "mediation/prevention/admin/source_now.html"

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def change_view(self, request, object_id, form_url="", extra_context=None):
        source = self.get_object(request, object_id)
        now = self._now(request, source) if source is not None and self.has_view_permission(request, source) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **now})

    def _now(self, request, source: SignalSource) -> dict:
        """Return what the page shows above the form."""
        may_change = self.has_change_permission(request, source)
        figures = Signal.objects.filter(source=source).aggregate(
            signals=Count("pk"), duplicates=Count("duplicate_of"), newest=Max("received_at")
        )
        return {
            "source": source,
            "figures": figures,
            "mapped": mapped_told(source.mapping),
            "address": request.build_absolute_uri(reverse("signal-intake", args=[source.code])),
            "keys": self.keys_of(request, source),
            "may_manage_keys": may_change,
            "mapping_url": reverse("admin:mediation_signalsource_mapping", args=[source.pk]) if may_change else "",
        }
