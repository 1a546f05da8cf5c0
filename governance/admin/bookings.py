"""Admin of bookings and of series of them."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.admin.refusals import refusal_page
from governance.admin.returning import after, from_phone, stored
from governance.admin.workflow import WorkflowAdmin
from governance.booking_forms import BookForm, SeriesForm, date_input
from governance.bookings import booking_make, series_cancel, series_make
from governance.calendar_feeds import units_of
from governance.errors import REASON_NEEDED, Conflict, Invalid, Refused
from governance.models import Booking, BookingSeries, Event, Venue
from governance.permissions import STAFF
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge

TONES = {"booked": "green", "cancelled": "grey"}
SHOWN = 110


class VenueFilter(admin.SimpleListFilter):
    """By venue, of those the person may see."""

    title = gettext_lazy("venue")
    parameter_name = "venue"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Venue.objects.visible_to(request.user).values_list("pk", "name")]

    def queryset(self, request, queryset):
        value = self.value() or ""
        return queryset.filter(venue_id=value) if value.isdecimal() and len(value) < 15 else queryset


class WhenFilter(admin.SimpleListFilter):
    """Today's, those to come, those past."""

    title = gettext_lazy("time")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [("today", _("Today")), ("coming", _("To come")), ("past", _("Past"))]

    def queryset(self, request, queryset):
        if self.value() == "today":
            return queryset.on_day(timezone.localdate())
        if self.value() == "coming":
            return queryset.to_come()
        return queryset.filter(period__endswith__lte=timezone.now()) if self.value() == "past" else queryset


class FormPageMixin:
    """A page with one form; GET shows it, a valid POST calls ``carry_out`` and is sent on to what it returns, or to the
    phone page it was opened from."""

    def form_page(self, request, form, *, title: str, lead: str, button: str, carry_out, **more):
        """Answer with the page; refusals that name a field are shown at it, others on the form or a page of their
        own."""
        if request.method == "POST" and form.is_valid():
            try:
                return stored(request, HttpResponseRedirect(after(request, carry_out(form))))
            except (Invalid, Conflict) as error:
                form.blame(error)
            except Refused as error:
                return refusal_page(self, request, error, back=request.get_full_path())
        back = more.pop("back", None) or reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "title_part": title,
            "opts": self.opts,
            "form": form,
            "lead": lead,
            "button": button,
            "back": after(request, back),
            "from_phone": from_phone(request),
            **more,
        }
        status = 400 if request.method == "POST" else 200
        return TemplateResponse(request, "governance/admin/booking_form.html", context, status=status)


@admin.register(Booking)
class BookingAdmin(FormPageMixin, WorkflowAdmin):
    """Bookings the person may see; made here or by a press on the calendar."""

    page_template = "governance/admin/booking_page.html"
    list_display = ["time", "venue", "title", "unit", "booked_by", "state_badge"]
    list_display_links = ["time"]
    list_filter = [WhenFilter, VenueFilter, "state"]
    list_filter_submit = True
    list_select_related = ["venue", "unit", "booked_by"]
    search_fields = ["title", "venue__name"]
    ordering = ["-period"]

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & STAFF)

    def page_rows(self, request):
        return self.get_queryset(request).with_rows()

    @display(description=gettext_lazy("time"), ordering="period")
    def time(self, obj):
        return obj.time_text

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        return {"tone": TONES[obj.state], "trail": trail.select_related("actor", "unit", "remark").order_by("-id")}

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Book. The calendar leads here with venue, day and hours in the address."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = {name: request.GET[name] for name in ("venue", "day", "starts", "ends") if name in request.GET}
        initial = {"day": timezone.localdate() + timedelta(days=1), "starts": "09:00", "ends": "11:00"} | asked
        form = BookForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)

        def carry_out(form):
            booking = booking_make(actor=request.user, **form.arguments())
            messages.success(request, _("Booked: %(booking)s.") % {"booking": booking})
            return f"{reverse('admin:governance_venue_week', args=[booking.venue_id])}?day={form.cleaned_data['day']}"

        lead = _("Times are local. An end before the begin is on the next day.")
        series = reverse("admin:governance_bookingseries_add")
        return self.form_page(
            request, form, title=_("Book a venue"), lead=lead, button=_("Book"), carry_out=carry_out, series_url=series
        )


class EndSeriesForm(forms.Form):
    """From which day on the rest of a series is cancelled, and why."""

    from_day = forms.DateField(label=gettext_lazy("From this day on"), widget=date_input())
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": REASON_NEEDED},
    )  # fmt: skip

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


@admin.register(BookingSeries)
class BookingSeriesAdmin(FormPageMixin, ReadOnlyAdmin):
    """Series of bookings: made by one rule, ended from a day on."""

    list_display = ["title", "venue", "kind", "first_day", "hours", "unit", "booked_by"]
    list_filter = [VenueFilter, "kind"]
    list_filter_submit = True
    list_select_related = ["venue", "unit", "booked_by"]
    search_fields = ["title", "venue__name"]
    ordering = ["-id"]

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & STAFF)

    @display(description=gettext_lazy("time"))
    def hours(self, obj):
        return f"{obj.starts:%H:%M}–{obj.ends:%H:%M}"

    def get_urls(self):
        view = self.admin_site.admin_view(self.end_view)
        return [path("<int:object_id>/end/", view, name="governance_bookingseries_end"), *super().get_urls()]

    def _find(self, request, object_id) -> BookingSeries:
        rows = self.get_queryset(request).select_related("venue", "area", "unit", "booked_by")
        found = rows.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if found is None:
            raise Http404
        return found

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The series with its bookings."""
        series = self._find(request, object_id)
        rows = Booking.objects.visible_to(request.user).filter(series=series).order_by("period")[:SHOWN]
        context = {
            **self.admin_site.each_context(request),
            "title": str(series),
            "opts": self.opts,
            "original": series,
            "series": series,
            "bookings": [(row, TONES[row.state]) for row in rows.select_related("venue")],
        }
        return TemplateResponse(request, "governance/admin/series_page.html", context)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Book by a rule."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"first_day": timezone.localdate() + timedelta(days=1), "venue": request.GET.get("venue")}
        form = SeriesForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)

        def carry_out(form):
            made = series_make(actor=request.user, **form.arguments())
            count = len(made.bookings)
            text = ngettext("%(count)s booking was made.", "%(count)s bookings were made.", count) % {"count": count}
            messages.success(request, text)
            for clash in made.skipped:
                messages.warning(request, _("Left out: %(why)s") % {"why": f"{clash.day:%Y-%m-%d} {clash.why}"})
            return reverse("admin:governance_bookingseries_change", args=[made.series.pk])

        lead = _("Weekly on one or more weekdays, or monthly on one of them, such as the first Saturday.")
        return self.form_page(
            request, form, title=_("Book repeatedly"), lead=lead, button=_("Book all"), carry_out=carry_out
        )

    @method_decorator(csrf_protect)
    def end_view(self, request, object_id):
        """Cancel the rest of a series."""
        series = self._find(request, object_id)
        form = EndSeriesForm(request.POST or None, initial={"from_day": timezone.localdate() + timedelta(days=1)})

        def carry_out(form):
            ended = series_cancel(series, actor=request.user, **form.cleaned_data)
            text = ngettext("%(count)s booking was cancelled.", "%(count)s bookings were cancelled.", len(ended))
            messages.success(request, text % {"count": len(ended)})
            return reverse("admin:governance_bookingseries_change", args=[series.pk])

        lead = _("Bookings that have begun stay. The reason is kept.")
        back = reverse("admin:governance_bookingseries_change", args=[series.pk])
        return self.form_page(
            request, form, title=_("Cancel the rest"), lead=lead, button=_("Cancel the rest"), carry_out=carry_out,
            back=back, backward=True, subtitle=str(series),
        )  # fmt: skip


@provides_work
def todays_bookings(user) -> list[WorkList]:
    """Today's bookings made by the person, in the name of their units, or in the rooms these run; none: no list."""
    if not roles_of(user) & STAFF:
        return []
    units = units_of(user)
    mine = Booking.objects.visible_to(user).booked().on_day(timezone.localdate()).of_interest_to(user, units)
    url = f"{reverse('admin:governance_booking_changelist')}?when=today"
    found = work_list("bookings-today", _("Today's bookings"), mine.with_rows().order_by("period"), _row, url, order=60)
    return [found] if found.rows else []


def _row(booking: Booking) -> WorkRow:
    return WorkRow(
        url=reverse("admin:governance_booking_change", args=[booking.pk]),
        title=booking.time_text[-11:],
        text=booking.title,
        place=str(booking.venue),
        note=str(booking.unit or ""),
    )
