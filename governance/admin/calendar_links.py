"""A person's own calendar links: made, shown once, revoked."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.booking_forms import FeedForm
from governance.calendar_feeds import feed_make
from governance.errors import Conflict, Invalid, Refused
from governance.models import CalendarFeed
from governance.templatetags.jiceng import badge

TONES = {"active": "green", "revoked": "grey"}


@admin.register(CalendarFeed)
class CalendarFeedAdmin(WorkflowAdmin):
    """Links to calendars; everybody sees their own only."""

    page_template = "governance/admin/calendar_page.html"
    list_display = ["subject", "kind", "made_at", "state_badge"]
    list_display_links = ["subject"]
    list_filter = ["state"]
    list_select_related = ["venue", "unit", "owner"]
    ordering = ["-id"]

    def has_add_permission(self, request):
        return request.user.has_perm("governance.add_calendarfeed")

    @display(description=gettext_lazy("calendar"))
    def subject(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def page_rows(self, request):
        return self.get_queryset(request).select_related("venue", "unit", "owner")

    def page_context(self, request, obj):
        return {"tone": TONES[obj.state]}

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Make a link. The answer to the POST shows it, once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {name: request.GET[name] for name in ("kind", "venue", "unit") if name in request.GET}
        form = FeedForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                feed, token = feed_make(actor=request.user, **form.arguments())
            except (Invalid, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, error.detail)
            except Refused as error:
                return refusal_page(self, request, error, back=request.path)
            else:
                return self._told(request, feed, token)
        context = {
            **self._context(request),
            "form": form,
            "lead": _("Phones and calendar programs subscribe to the link. Whoever has it sees what you may see."),
            "button": _("Make the link"),
            "back": reverse("admin:governance_calendarfeed_changelist"),
        }
        status = 400 if request.method == "POST" else 200
        return TemplateResponse(request, "governance/admin/booking_form.html", context, status=status)

    def _context(self, request) -> dict:
        title = _("New calendar link")
        return {**self.admin_site.each_context(request), "title": title, "title_part": title, "opts": self.opts}

    def _told(self, request, feed, token):
        link = request.build_absolute_uri(reverse("calendar", args=[token]))
        context = {**self._context(request), "feed": feed, "link": link, "page_url": self.page_url(feed)}
        return TemplateResponse(request, "governance/admin/calendar_link.html", context)
