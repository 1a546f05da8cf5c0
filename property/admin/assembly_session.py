"""Admin of sessions: the list, and the page from which an evening is run: agenda, sign-in, minutes, documents."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from unfold.decorators import display

from cases.admin.filters import KeyFilter
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Conflict
from governance.scoping import grant_for, roles_of
from governance.templatetags.jiceng import badge
from governance.workflow import available
from property.admin.assembly_looks import follow_up_tone, trail_of
from property.assembly.attendance import quorum_of, sign_in_open
from property.assembly.documents import WORD, document_of
from property.assembly.forms import TimeAndPlace
from property.assembly.looks import FOLLOW_UP_TONES, INVITATION_TONES, SESSION_TONES, TOPIC_TONES
from property.assembly.making import session_add
from property.assembly.minutes import answers_of
from property.assembly.offered import offered
from property.assembly.querysets import RUNNING_ROLES, RUNS
from property.assembly.record import people_of, topics_of
from property.assembly.sign_in import MINUTE, code_of, qr_svg
from property.models import Assembly, AssemblySession, Minutes

# Steps that are pressed on the evening stand beside what they are about, not in the row of buttons.
BESIDE = ("add_item", "invite")


class AssemblyFilter(KeyFilter):
    """By assembly, of those the person may see."""

    title = gettext_lazy("assembly")
    parameter_name = "assembly"

    def choose(self, request):
        return Assembly.objects.visible_to(request.user).order_by("code")

    def narrow(self, queryset, row):
        return queryset.filter(assembly=row)


class SessionForm(TimeAndPlace):
    """A session by hand: for which assembly, when, where."""

    field_order = ["assembly", "starts_at", "minutes", "venue", "place", "month"]
    assembly = forms.ModelChoiceField(Assembly.objects.none(), label=gettext_lazy("Assembly"))
    month = forms.DateField(
        label=gettext_lazy("Held for the month of"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Only for an earlier month that was missed: any day of it."),
    )  # fmt: skip

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, initial=initial)
        rows = Assembly.objects.visible_to(user).filter(is_active=True).select_related("area")
        mine = [row.pk for row in rows if grant_for(RUNS, row, user) is not None]
        self.fields["assembly"].queryset = Assembly.objects.filter(pk__in=mine).order_by("code")
        self.venues_for(user)

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


@admin.register(AssemblySession)
class AssemblySessionAdmin(FormPageMixin, WorkflowAdmin):
    """Sessions the person may see, the next ones on top."""

    page_template = "property/assembly/session_page.html"
    list_display = ["name", "state_badge", "time", "place", "there", "area"]
    list_display_links = ["name"]
    list_filter = [AssemblyFilter, "state"]
    list_filter_submit = True
    search_fields = ["assembly__name"]
    ordering = ["-starts_at", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(RUNNING_ROLES))

    @display(description=gettext_lazy("session"), ordering="month")
    def name(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SESSION_TONES[obj.state])

    @display(description=gettext_lazy("time"), ordering="starts_at")
    def time(self, obj):
        return obj.time_text

    @display(description=gettext_lazy("place"))
    def place(self, obj):
        return obj.place_text or badge(_("not settled"), "amber")

    @display(description=gettext_lazy("there / asked"))
    def there(self, obj):
        found = quorum_of(obj)
        return format_html("{} / {}", found.present, found.invited) if found.invited else "—"

    def get_urls(self):
        name, wrap = "property_assemblysession", self.admin_site.admin_view
        return [
            path("<int:object_id>/code/", wrap(self.code_view), name=f"{name}_code"),
            path("<int:object_id>/notice.docx", wrap(self.notice_view), name=f"{name}_notice"),
            path("<int:object_id>/minutes.docx", wrap(self.minutes_view), name=f"{name}_minutes"),
            *super().get_urls(),
        ]

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Make a session by hand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"minutes": 120}
        form = SessionForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)

        def carry_out(form):
            session = session_add(actor=request.user, **form.span())
            messages.success(request, _("Made: %(session)s.") % {"session": session})
            return self.page_url(session)

        lead = _("Regular sessions are made by the assembly's rule. The first of a month made by hand takes its place.")
        return self.form_page(
            request, form, title=_("Make a session"), lead=lead, button=_("Make it"), carry_out=carry_out
        )

    def page_context(self, request, obj):
        people, topics = people_of(obj), topics_of(obj)
        steps = available(obj, request.user)
        running = grant_for(RUNS, obj, request.user) is not None
        return {
            "tone": SESSION_TONES[obj.state],
            "transitions": [step for step in steps if step.name not in BESIDE],
            "beside": {step.name: step for step in steps if step.name in BESIDE},
            "quorum": quorum_of(obj),
            "people": [(row, INVITATION_TONES[row.state], offered(row, request.user)) for row in people],
            "topics": [self._topic(topic, request.user) for topic in topics],
            "minutes": Minutes.objects.filter(session=obj).select_related("written_by").first(),
            "answers": answers_of(obj),
            "sign_in": running and sign_in_open(obj, timezone.now()),
            "running": running,
            "phone": reverse("phone_assembly:session", args=[obj.pk]),
            "word": {"notice": obj.noticed_at is not None, "minutes": obj.closed_at is not None},
            "trail": trail_of(obj),
        }

    def _topic(self, topic, user) -> dict:
        return {
            "topic": topic,
            "tone": TOPIC_TONES[topic.state],
            "steps": offered(topic, user),
            "items": [(item, follow_up_tone(item)) for item in topic.follow_ups.all()],
            "returned_tone": FOLLOW_UP_TONES[topic.follow_up.state] if topic.follow_up else "",
        }

    @method_decorator(require_safe)
    def code_view(self, request, object_id):
        """The code to sign in by, for the screen in the room: a new one every minute."""
        session = self.find(request, object_id)
        if grant_for(RUNS, session, request.user) is None:
            raise PermissionDenied
        now = timezone.now()
        address = reverse("residents_assembly:sign-in", args=[code_of(session, now)])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sign in"),
            "object": session,
            "open": sign_in_open(session, now),
            "code": qr_svg(request.build_absolute_uri(address)),
            "quorum": quorum_of(session),
            "seconds": MINUTE,
            "until": now + timedelta(seconds=MINUTE),
        }
        return TemplateResponse(request, "property/assembly/code.html", context)

    @method_decorator(require_safe)
    def notice_view(self, request, object_id):
        """The notice as a Word document."""
        return self._document(request, object_id, "notice")

    @method_decorator(require_safe)
    def minutes_view(self, request, object_id):
        """The minutes as a Word document."""
        return self._document(request, object_id, "minutes")

    def _document(self, request, object_id, kind: str):
        session = self.find(request, object_id)
        try:
            name, content = document_of(session, kind)
        except Conflict as error:
            return self.page(request, session, notice=error.detail, status=409)
        return word_response(name, content)


def word_response(name: str, content: bytes) -> HttpResponse:
    """Answer with a Word document to be kept."""
    response = HttpResponse(content, content_type=WORD)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
