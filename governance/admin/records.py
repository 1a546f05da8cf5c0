"""Admin of what processes write: events, files, timers, signs of life. Looked at, never changed."""

import json

from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance import events
from governance.admin.base import ReadOnlyAdmin
from governance.models import Attachment, Event, Heartbeat, Timer


def page_of(subject_type: str, subject_id) -> str:
    """Return the admin address of an object given by model label and key, or "" where it has no page."""
    app, model = subject_type.split(".")
    try:
        return reverse(f"admin:{app}_{model}_change", args=[subject_id])
    except NoReverseMatch:
        return ""


def subject_link(obj):
    """Show the subject of an event or file as a link to its page."""
    try:
        kind = apps.get_model(obj.subject_type)._meta.verbose_name
    except LookupError:
        kind = obj.subject_type  # of an app that is no longer installed
    text = f"{kind} {obj.subject_id}"
    address = page_of(obj.subject_type, obj.subject_id)
    return format_html('<a class="jc-link" href="{}">{}</a>', address, text) if address else text


class EventNameFilter(admin.SimpleListFilter):
    """By what happened; not by what is told on the page of its subject only."""

    title = _("event")
    parameter_name = "name"

    def lookups(self, request, model_admin):
        return sorted((name, label) for name, label in events.registered().items() if not events.is_close(name))

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.none() if events.is_close(self.value()) else queryset.filter(name=self.value())


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The append-only record, for administrators and the operations centre inside their areas. Of what is told on the
    page of its subject only it says that somebody acted: not what happened, nor to which row."""

    scope_fields = ("area",)
    list_display = ["occurred_at", "what", "subject", "who", "role", "unit", "area"]
    list_filter = [EventNameFilter]
    list_select_related = ["actor", "unit", "area"]
    fields = ["what", "subject", "who", "role", "unit", "area", "details", "occurred_at", "recorded_at"]
    readonly_fields = ["what", "subject", "who", "details"]
    ordering = ["-id"]

    @display(description=_("actor"))
    def who(self, obj):
        """As trails show it: the record is of what people of the administration did."""
        return obj.who

    @display(description=_("event"))
    def what(self, obj):
        return _("told on its own page only") if _hides(obj) else events.label_of(obj.name)

    @display(description=_("subject"))
    def subject(self, obj):
        return _of_the_app(obj) if _hides(obj) else subject_link(obj)

    @display(description=_("details"))
    def details(self, obj):
        return "—" if _hides(obj) else json.dumps(obj.payload, ensure_ascii=False)


def _hides(event: Event) -> bool:
    return events.is_close(event.name)


def _of_the_app(obj: Event | Attachment) -> str:
    """Of what kind of work it is, and no more."""
    return apps.get_app_config(obj.subject_type.split(".")[0]).verbose_name


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Stored files; the content itself is served only to who may see the object. Of a file that came with what is told
    on the page of its subject only, neither the subject nor who brought it is told here."""

    scope_fields = ()
    list_display = ["uploaded_at", "purpose", "content_type", "size", "subject", "by"]
    list_filter = ["purpose", "content_type"]
    list_select_related = ["uploaded_by", "event"]
    fields = ["purpose", "content_type", "size", "width", "height", "subject", "by", "uploaded_at"]
    readonly_fields = ["subject", "by"]
    ordering = ["-uploaded_at"]

    @display(description=_("subject"))
    def subject(self, obj):
        return _of_the_app(obj) if self._hides(obj) else subject_link(obj)

    @display(description=_("uploaded by"))
    def by(self, obj):
        return "—" if self._hides(obj) else obj.uploaded_by

    def _hides(self, obj) -> bool:
        return obj.event is not None and _hides(obj.event)


@admin.register(Timer)
class TimerAdmin(ReadOnlyAdmin):
    """Deadlines waiting, fired or cancelled."""

    scope_fields = ()
    list_display = ["key", "kind", "due_at", "next_try_at", "attempts", "fired_at", "cancelled_at"]
    list_filter = ["kind"]
    search_fields = ["key"]
    ordering = ["-id"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When each long-running process last said that it works."""

    scope_fields = ()
    list_display = ["process", "beat_at"]
    ordering = ["process"]
