"""Template tags of the staff pages: badges, remaining time, event names."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timeuntil
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from governance import events
from governance.models import Role

register = template.Library()

# Below this share of a day the remaining time is shown as pressing [J].
PRESSING = timedelta(hours=2)


def remaining_text(due_at: datetime, now: datetime | None = None) -> str:
    """Return how long until ``due_at``, or how long past it, in words of at most two units."""
    now = now or timezone.now()
    late = due_at < now
    first, second = (due_at, now) if late else (now, due_at)
    if second - first < timedelta(minutes=1):
        span = _("less than a minute")
    else:
        span = timeuntil(second, first).replace("\xa0", " ").replace(", ", " ").replace("，", " ")
    return (_("%(span)s overdue") if late else _("%(span)s left")) % {"span": span}


@register.simple_tag
def remaining(due_at: datetime | None, now: datetime | None = None) -> str:
    """Show the time left until ``due_at``: red when past, orange when pressing; nothing without a deadline."""
    if due_at is None:
        return format_html('<span class="jc-left jc-left-none">{}</span>', "—")
    now = now or timezone.now()
    tone = "late" if due_at < now else "pressing" if due_at - now < PRESSING else "calm"
    return format_html(
        '<time class="jc-left jc-left-{}" datetime="{}" title="{}">{}</time>',
        tone,
        due_at.isoformat(),
        localtime(due_at).strftime("%Y-%m-%d %H:%M"),
        remaining_text(due_at, now),
    )


@register.simple_tag
def badge(text, tone="grey") -> str:
    """Show a coloured label; ``tone`` is grey, blue, amber, green, red or violet."""
    return format_html('<span class="jc-badge jc-{}">{}</span>', tone or "grey", text)


@register.simple_tag
def icon(name: str, label="") -> str:
    """Show a symbol of the skin's icon font with its meaning as text for people who cannot see it."""
    return format_html(
        '<span class="material-symbols-outlined jc-icon" title="{}" aria-label="{}">{}</span>', label, label, name
    )


@register.filter
def event_label(name: str) -> str:
    """Return the text a person reads for an event name."""
    return str(events.label_of(name))


@register.filter
def role_label(role: str) -> str:
    """Return the text of a role."""
    return str(Role(role).label) if role in Role.values else role
