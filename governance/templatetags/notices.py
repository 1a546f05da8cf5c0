"""Template tag of the bell."""

from django import template

from governance.admin.paging import capped_count
from governance.models import Notice

register = template.Library()

COUNTED = 100


@register.simple_tag
def unread_notices(user) -> str:
    """Return how many notices ``user`` has not read, as shown: "" for none, at most "99+"; one statement."""
    return unread_text(user)


def unread_text(user) -> str:
    """Return the figure on the bell."""
    count = capped_count(Notice.objects.filter(person=user).unread(), COUNTED)
    return "" if not count else "99+" if count >= COUNTED else str(count)
