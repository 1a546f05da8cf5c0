"""Admin of neighbours' events: the list, and the page from which one is planned, run and settled."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.models import Area, AreaKind, OrgUnit
from governance.room_codes import MINUTE, qr_svg
from governance.scoping import grant_for, grants_of, roles_of
from governance.templatetags.jiceng import badge
from property.admin.assembly_looks import trail_of
from property.admin.assembly_session import word_response
from property.admin.serving import EstateFilter
from property.gatherings.attendance import check_in_open
from property.gatherings.check_in import code_of
from property.gatherings.costs import settlement_of
from property.gatherings.documents import table_of, word_of
from property.gatherings.feedback import rating_of
from property.gatherings.forms import EventPlanForm
from property.gatherings.looks import CONSENT_TONES, EVENT_TONES, HAND_TONES, PHOTO_TONES, SIGN_UP_TONES
from property.gatherings.offered import offered
from property.gatherings.planning import event_plan, unit_for
from property.gatherings.querysets import RUN_BY, RUNS
from property.models import EventFeedback, EventPhoto, NeighbourEvent, SignUp, Volunteering

# Steps that add a row stand beside what they add to, not in the row of buttons.
BESIDE = ("add_item", "drop_item", "add_task", "sign_up_for", "walk_in", "add_photos", "add_cost", "correct_cost")
MOST_WORDS = 50


class EventForm(EventPlanForm):
    """A plan with the community it is for."""

    field_order = ["kind", "title", "about", "area", *EventPlanForm.field_order[3:], "unit"]
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=gettext_lazy("In the name of"), to_field_name="code", required=False,
        empty_label=gettext_lazy("the own unit nearest to the place"),
    )  # fmt: skip
    area = forms.ModelChoiceField(Area.objects.none(), label=gettext_lazy("Community"))

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, initial=initial)
        self.user = user
        paths = [grant.area_path for grant in grants_of(user) if grant.role in RUN_BY]
        areas = Area.objects.filter(kind=AreaKind.COMMUNITY, is_active=True).order_by("code")
        mine = [area.pk for area in areas if any(area.path.startswith(path) for path in paths)]
        self.fields["area"].queryset = Area.objects.filter(pk__in=mine).order_by("code")
        if len(mine) == 1:
            self.initial.setdefault("area", mine[0])
        units = {grant.unit_id for grant in grants_of(user) if grant.role in RUN_BY}
        self.fields["unit"].queryset = OrgUnit.objects.filter(pk__in=units - {None}).order_by("code")
        if len(units) < 2:
            del self.fields["unit"]
        self.offer_venues(user)
        self.offer_places(user)

    def values(self) -> dict:
        given = super().values()
        return given | {"unit": given.get("unit") or unit_for(self.user, given["area"])}

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


@admin.register(NeighbourEvent)
class NeighbourEventAdmin(FormPageMixin, WorkflowAdmin):
    """Events the person may see, the next ones on top."""

    page_template = "property/gatherings/admin/event.html"
    list_display = ["title", "kind", "state_badge", "time", "for_whom", "places_taken", "unit"]
    list_display_links = ["title"]
    list_filter = ["state", "kind", EstateFilter, AreaFilter]
    list_filter_submit = True
    search_fields = ["title"]
    ordering = ["-starts_at", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(RUN_BY))

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), EVENT_TONES[obj.state])

    @display(description=gettext_lazy("time"), ordering="starts_at")
    def time(self, obj):
        return obj.time_text

    @display(description=gettext_lazy("for the residents of"))
    def for_whom(self, obj):
        return obj.for_text

    @display(description=gettext_lazy("taken / places"))
    def places_taken(self, obj):
        return format_html("{} / {}", obj.taken, obj.places) if obj.places else "—"

    def get_urls(self):
        name, wrap = "property_neighbourevent", self.admin_site.admin_view
        return [
            path("<int:object_id>/code/", wrap(self.code_view), name=f"{name}_code"),
            path("<int:object_id>/sign-ups.xlsx", wrap(self.table_view), name=f"{name}_table"),
            path("<int:object_id>/sign-ups.docx", wrap(self.word_view), name=f"{name}_word"),
            *super().get_urls(),
        ]

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Plan an event and book its venue."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"minutes": 120, "places": 0}
        form = EventForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)

        def carry_out(form):
            event = event_plan(actor=request.user, **form.values())
            messages.success(request, _("Drafted: %(list)s.") % {"list": event})
            return self.page_url(event)

        lead = _("A draft: residents see it once it is published. Its venue is booked at once.")
        return self.form_page(
            request, form, title=_("Plan an event"), lead=lead, button=_("Make it"), carry_out=carry_out
        )

    def page_context(self, request, obj):
        user, steps = request.user, offered(obj, request.user)
        running = grant_for(RUNS, obj, user) is not None
        return {
            "tone": EVENT_TONES[obj.state],
            "transitions": [step for step in steps if step.name not in BESIDE],
            "beside": {step.name: step for step in steps if step.name in BESIDE},
            "running": running,
            "check_in": running and check_in_open(obj, timezone.now()),
            "phone": reverse("phone_gatherings:event", args=[obj.pk]),
            "parts": NeighbourEvent.objects.visible_to(user).filter(parent=obj).order_by("starts_at"),
            "programme": list(obj.programme.order_by("position")),
            "people": self._people(obj, user),
            "tasks": self._tasks(obj, user),
            "photos": self._photos(obj),
            "cost": settlement_of(obj),
            "rating": rating_of(obj),
            "words": EventFeedback.objects.visible_to(user).filter(event=obj).exclude(words="")[:MOST_WORDS],
            "trail": trail_of(obj),
        }

    def _people(self, obj, user) -> list[tuple]:
        rows = SignUp.objects.visible_to(user).filter(event=obj).with_rows().with_missed().order_by("turn")
        return [(row, SIGN_UP_TONES[row.state], offered(row, user)) for row in rows]

    def _tasks(self, obj, user) -> list[tuple]:
        hands: dict[int, list] = {}
        rows = Volunteering.objects.visible_to(user).filter(event=obj).exclude(state="cancelled").with_rows()
        for row in rows.order_by("id"):
            hands.setdefault(row.task_id, []).append((row, HAND_TONES[row.state], offered(row, user)))
        return [(task, hands.get(task.pk, [])) for task in obj.tasks.order_by("id")]

    def _photos(self, obj) -> list[dict]:
        rows = EventPhoto.objects.filter(event=obj).with_rows().order_by("id")
        shown = set(EventPhoto.objects.open_to_residents().filter(event=obj).values_list("pk", flat=True))
        return [
            {
                "photo": row, "tone": PHOTO_TONES[row.state], "shown": row.pk in shown,
                "consents": [(one, CONSENT_TONES[one.state]) for one in row.consents.all()],
            }
            for row in rows
        ]  # fmt: skip

    def _run_by(self, request, object_id) -> NeighbourEvent:
        event = self.find(request, object_id)
        if grant_for(RUNS, event, request.user) is None:
            raise PermissionDenied
        return event

    @method_decorator(require_safe)
    def code_view(self, request, object_id):
        """The code to check in by, for a screen at the door: a new one every minute."""
        event = self._run_by(request, object_id)
        now = timezone.now()
        address = reverse("residents_gatherings:check-in", args=[code_of(event, now)])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check in"),
            "object": event,
            "open": check_in_open(event, now),
            "code": qr_svg(request.build_absolute_uri(address)),
            "there": SignUp.objects.filter(event=event, state="checked_in").count(),
            "seconds": MINUTE,
        }
        return TemplateResponse(request, "property/gatherings/admin/code.html", context)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def table_view(self, request, object_id):
        """Who signed up, as an Excel table; who took it is recorded."""
        event = self._run_by(request, object_id)
        header, rows = table_of(event)
        file, count = table_file("xlsx", header, rows)
        export_recorded(request.user, grant=grant_for(RUNS, event, request.user), model="property.signup",
                        filters=["event"], rows=count, kind="xlsx")  # fmt: skip
        name = f"sign-ups-{event.pk}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS["xlsx"])

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def word_view(self, request, object_id):
        """The list to tick at the door, as a Word document; who took it is recorded."""
        event = self._run_by(request, object_id)
        name, content = word_of(event)
        export_recorded(request.user, grant=grant_for(RUNS, event, request.user), model="property.signup",
                        filters=["event"], rows=event.sign_ups.count(), kind="docx")  # fmt: skip
        return word_response(name, content)
