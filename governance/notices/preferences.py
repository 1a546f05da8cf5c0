"""What a person chose, or would get without choosing: how far notices reach, in which language, and quiet hours."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from governance.models import NoticePreference, NoticeRule, User
from governance.models.notice import Reach


def group_of(event_name: str) -> str:
    """Return the group of events a person may choose for: ``case`` of ``case.dispatched``."""
    return event_name.partition(".")[0]


def default_for(person: User) -> NoticePreference:
    """Return what holds for somebody who chose nothing: the phone is quiet at night, but for the urgent notices of
    people who work here; residents are left in peace."""
    return NoticePreference(person=person, language=settings.LANGUAGE_CODE, urgent_any_time=person.is_staff)


def preferences_of(people: Collection[User]) -> dict[int, NoticePreference]:
    """Return each person's preferences by id; one statement."""
    chosen = NoticePreference.objects.in_bulk([person.pk for person in people])
    return {person.pk: chosen.get(person.pk) or default_for(person) for person in people}


def reach(preference: NoticePreference, rule: NoticeRule) -> str:
    """Return how far a rule's notices reach the person: their word on the rule, on its group, or the rule's own."""
    choices = preference.choices
    return choices.get(f"rule:{rule.code}") or choices.get(group_of(rule.event)) or Reach(rule.reach)


def quiet_until(preference: NoticePreference, at: datetime, *, urgent: bool) -> datetime | None:
    """Return when the quiet hours that hold at ``at`` end; None when the phone may ring."""
    begins, ends = preference.quiet_from, preference.quiet_to
    if begins is None or ends is None or urgent and preference.urgent_any_time:
        return None
    local = timezone.localtime(at, timezone.get_default_timezone())
    now = local.time()
    over_midnight = begins > ends
    if not (now >= begins or now < ends if over_midnight else begins <= now < ends):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and now >= begins else 0)
    return datetime.combine(day, ends, tzinfo=local.tzinfo)
