"""Admin of venues with their hours and closures, and the calendar page of each."""

from datetime import date, timedelta

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from unfold.decorators import display

from governance.admin.base import KernelAdmin, PartsInline
from governance.admin.venue_week import week_of
from governance.bookings.hours import DAY, midnight
from governance.models import Booking, OpeningHours, Venue, VenueClosure
from governance.scoping import grant_for
from governance.venue_querysets import BOOKS

# The calendar can be turned this far.
YEARS = range(2000, 2100)


class HoursFormSet(BaseInlineFormSet):
    """Refuses spans of one weekday that overlap, before the database does."""

    def clean(self):
        super().clean()
        spans = sorted(
            (row["weekday"], row["opens"], row["closes"])
            for row in (form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data"))
            if row and not row.get("DELETE") and None not in (row.get("opens"), row.get("closes"), row.get("weekday"))
        )
        for (weekday, _opens, closes), (next_weekday, opens, _closes) in zip(spans, spans[1:], strict=False):
            if weekday == next_weekday and (opens < closes or not (closes.hour or closes.minute)):
                raise ValidationError(_("These opening hours overlap others of the same day."))


class HoursInline(PartsInline):
    model = OpeningHours
    formset = HoursFormSet
    hide_title = True
    fields = ["weekday", "opens", "closes"]


class ClosureInline(PartsInline):
    model = VenueClosure
    hide_title = True
    fields = ["first_day", "last_day", "reason"]


@admin.register(Venue)
class VenueAdmin(KernelAdmin):
    """Rooms, who runs them, when they are open; each has a calendar page."""

    list_display = ["name", "week", "area", "unit", "capacity", "open_on_holidays", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["area", "unit"]
    search_fields = ["name", "code", "address"]
    ordering = ["code"]
    autocomplete_fields = ["area", "unit"]
    fields = ["name", "code", "area", "unit", "address", "capacity", "open_on_holidays", "is_active"]
    inlines = [HoursInline, ClosureInline]
    change_form_outer_before_template = "governance/admin/venue_links.html"

    def get_queryset(self, request):
        return super().get_queryset(request).defer("area__boundary")

    def get_readonly_fields(self, request, obj=None):
        return ["code", "area"] if obj else []

    @display(description=gettext_lazy("calendar"))
    def week(self, obj):
        address = reverse("admin:governance_venue_week", args=[obj.pk])
        return format_html('<a class="jc-link" href="{}">{}</a>', address, _("Look and book"))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        held = _held_while_closed(form.instance)
        if held:
            text = ngettext(
                "%(count)s booking lies on days on which the venue is closed: move or cancel it.",
                "%(count)s bookings lie on days on which the venue is closed: move or cancel them.",
                held,
            )
            messages.warning(request, text % {"count": held})

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.week_view))
        return [path("<int:object_id>/week/", view, name="governance_venue_week"), *super().get_urls()]

    def week_view(self, request, object_id):
        """The calendar: ``?day=2026-12-05`` shows the week of that day (default today)."""
        venue = self.get_queryset(request).select_related("area", "unit").filter(pk=object_id).first()
        if venue is None or not self.has_view_permission(request, venue):
            raise Http404
        may_book = venue.is_active and grant_for(BOOKS, venue, request.user) is not None
        context = {
            **self.admin_site.each_context(request),
            "title": venue.name,
            "opts": self.opts,
            "original": venue,
            "venue": venue,
            "week": week_of(venue, _day_asked(request), request.user, may_book=may_book),
            "today": timezone.localdate(),
            "may_book": may_book,
            "may_change": self.has_change_permission(request, venue),
        }
        return TemplateResponse(request, "governance/admin/venue_week.html", context)


def _day_asked(request) -> date:
    """Return the day of ``?day=``; today where it is none."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()
    return day if day.year in YEARS else timezone.localdate()


def _held_while_closed(venue: Venue) -> int:
    """Return how many bookings to come lie on days the venue is closed for."""
    rows = Booking.objects.filter(venue=venue).booked().to_come()
    found = set()
    for closure in venue.closures.filter(last_day__gte=timezone.localdate() - timedelta(days=1)):
        days = rows.between(midnight(closure.first_day), midnight(closure.last_day + DAY))
        found.update(days.values_list("pk", flat=True))
    return len(found)
