"""Admin of sign-ups, voluntary work and photos of events; they are worked with on the event's page."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.admin.filters import KeyFilter
from governance.admin.base import ReadOnlyAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from property.admin.assembly_looks import trail_of
from property.gatherings.looks import CONSENT_TONES, HAND_TONES, PHOTO_TONES, SIGN_UP_TONES
from property.gatherings.offered import offered
from property.gatherings.photos import file_of
from property.models import EventFeedback, EventPhoto, NeighbourEvent, SignUp, Volunteering


def event_url(pk: int, anchor: str = "") -> str:
    """Address of an event's page, at one of its parts."""
    return reverse("admin:property_neighbourevent_change", args=[pk]) + anchor


class EventFilter(KeyFilter):
    """By event, of those the person may see."""

    title = gettext_lazy("neighbours' event")
    parameter_name = "event"

    def choose(self, request):
        return NeighbourEvent.objects.visible_to(request.user).order_by("-starts_at")

    def narrow(self, queryset, row):
        return queryset.filter(event=row)


class PartAdmin(WorkflowAdmin):
    """What belongs to an event: its steps lead back to the event's page. ``tones`` are the colours of its states."""

    page_template = "property/gatherings/admin/part.html"
    tones: dict = {}
    anchor = ""
    list_filter = [EventFilter, "state"]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_url(self, obj):
        return event_url(obj.event_id, self.anchor)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), self.tones[obj.state])

    def page_context(self, request, obj):
        return {"tone": self.tones[obj.state], "trail": trail_of(obj), "transitions": offered(obj, request.user)}


@admin.register(SignUp)
class SignUpAdmin(PartAdmin):
    """Sign-ups; wishes and needs stand on the event's page, for its organisers."""

    tones, anchor = SIGN_UP_TONES, "#people"
    list_display = ["who_told", "event", "state_badge", "companions", "children", "asked_at", "checked_in_at"]
    list_display_links = ["who_told"]

    @display(description=gettext_lazy("who"))
    def who_told(self, obj):
        return obj.who


@admin.register(Volunteering)
class VolunteeringAdmin(PartAdmin):
    """Voluntary work with its minutes."""

    tones, anchor = HAND_TONES, "#tasks"
    list_display = ["person", "task", "event", "state_badge", "minutes", "checked_in_at", "checked_out_at"]
    list_display_links = ["person"]


@admin.register(EventPhoto)
class EventPhotoAdmin(PartAdmin):
    """Photos with who is asked; each has a page, where somebody more is asked."""

    page_template = "property/gatherings/admin/photo.html"
    tones = PHOTO_TONES
    list_display = ["name", "event", "state_badge", "answers", "uploaded_by", "uploaded_at"]
    list_display_links = ["name"]

    def page_url(self, obj):
        return reverse("admin:property_eventphoto_change", args=[obj.pk])

    @display(description=gettext_lazy("photo"))
    def name(self, obj):
        return str(obj)

    @display(description=gettext_lazy("agreed / asked"))
    def answers(self, obj):
        rows = obj.consents.all()
        if obj.nobody_by_id is not None:
            return _("nobody on it")
        return f"{sum(row.state == 'consented' for row in rows)} / {len(rows)}"

    def page_context(self, request, obj):
        rows = [(row, CONSENT_TONES[row.state]) for row in obj.consents.all()]
        shown = EventPhoto.objects.open_to_residents().filter(pk=obj.pk).exists()
        return super().page_context(request, obj) | {"consents": rows, "shown": shown, "file": file_of(obj)}


@admin.register(EventFeedback)
class EventFeedbackAdmin(ReadOnlyAdmin):
    """What people said of events; who said it is not shown."""

    list_display = ["event", "stars", "words", "given_at"]
    list_filter = [EventFilter, "stars"]
    list_filter_submit = True
    list_select_related = ["event"]
    ordering = ["-id"]
    fields = ["event", "stars", "words", "given_at"]
