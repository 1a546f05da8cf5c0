"""What every input is judged by before anything is stored."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid

# How far back a service or a gift may lie when it is written down [J].
LONGEST_BACK = timedelta(days=366)


def text_checked(value: str, field: str, longest: int, *, needed: bool = False) -> str:
    """Return a text without spaces around it. Raises Invalid when it is too long, or missing."""
    text = value.replace("\0", "").strip()
    if needed and not text:
        raise Invalid(_("A value is needed here."), field=field, code="required")
    if len(text) > longest:
        raise Invalid(_("At most %(most)d characters.") % {"most": longest}, field=field, code="too_long")
    return text


def whole_checked(value: int, field: str, least: int, most: int) -> int:
    """Return a whole number within bounds. Raises Invalid."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        text = _("A whole number from %(least)s to %(most)s is needed.") % {"least": least, "most": most}
        raise Invalid(text, field=field, code="out_of_range")
    return value


def past_moment(value: datetime, field: str, now: datetime) -> datetime:
    """Return a moment that is over, at most a year ago. Raises Invalid."""
    if value > now:
        raise Invalid(_("This lies in the future."), field=field, code="future")
    if now - value > LONGEST_BACK:
        raise Invalid(_("This lies more than a year back."), field=field, code="too_far")
    return value


def past_day(value: date, field: str, now: datetime) -> date:
    """Return a day that has begun, at most a year ago. Raises Invalid."""
    today = timezone.localdate(now)
    if value > today:
        raise Invalid(_("This lies in the future."), field=field, code="future")
    if today - value > LONGEST_BACK:
        raise Invalid(_("This lies more than a year back."), field=field, code="too_far")
    return value
