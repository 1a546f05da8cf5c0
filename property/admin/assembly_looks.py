"""How assemblies look to staff: the strip of months, the trail of an object."""

from collections.abc import Sequence

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from governance.attachments import attachments_of
from governance.models import Event
from governance.templatetags.jiceng import badge
from property.assembly.looks import FOLLOW_UP_TONES, MONTH_TONES
from property.assembly.months import MonthTold


def follow_up_tone(item) -> str:
    """Return the colour of an item: red once it is overdue."""
    return "red" if item.overdue else FOLLOW_UP_TONES[item.state]


def months_strip(months: Sequence[MonthTold]) -> str:
    """Return the months as coloured labels, each leading to its session; what was missed is red."""
    strip = format_html_join(" ", "{}", ((_month(month),) for month in months))
    return format_html('<span class="jc-months">{}</span>', strip) if strip else "—"


def _month(told: MonthTold) -> str:
    shown = badge(f"{told.month:%m} {told.state.label}", MONTH_TONES[told.state])
    if told.session is None:
        return shown
    url = reverse("admin:property_assemblysession_change", args=[told.session.pk])
    return format_html('<a href="{}" title="{}">{}</a>', url, told.session.get_state_display(), shown)


def trail_of(obj: Model) -> list[Event]:
    """Return what happened to an object, newest first, each with its photos in ``photos``; two statements."""
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    trail = list(rows.select_related("actor", "unit", "remark").order_by("-id")[:200])
    photos: dict[int, list] = {}
    for attachment in attachments_of(obj):
        photos.setdefault(attachment.event_id, []).append(attachment)
    for event in trail:
        event.photos = photos.get(event.pk, [])
    return trail
