"""Days, times and sums as papers write them."""

from django.utils import timezone

BLANK = "____"
# Beside a signature or seal: the day is written there by hand.
BY_HAND = "    年    月    日"


def day(value, *, missing: str = BLANK) -> str:
    """Return a day as papers write it; ``missing``: what stands there where there is none."""
    if value is None:
        return missing
    local = timezone.localtime(value) if hasattr(value, "hour") else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value) -> str:
    """Return a time as papers write it."""
    return f"{day(value)} {timezone.localtime(value):%H:%M}"


def money(value) -> str:
    """Return a sum in yuan; empty where it is not about money."""
    return "" if value is None else f"{value:,.2f}"
