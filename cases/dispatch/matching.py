"""When a dispatch rule applies to a case, and which of several decides. Pure: no database.

Of all rules that apply, decides the one with the lowest priority number; among those the more specific; among those
the older one (lower id). Specificity is the depth of the rule's area (city 0 ... grid 4), plus 3 for a filing
standard, plus 2 for the case's own category or 1 for the class above it, plus 1 each for sources, words, a device
profile and a time window.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from cases.models import Case, DispatchRule


@dataclass(frozen=True)
class Facts:
    """What rules ask about a case: ``category`` and the class ``above`` it, ``standard`` are keys; ``at`` is the
    moment of the dispatch."""

    area_path: str
    category: int | None
    above: int | None
    standard: int | None
    source: str
    text: str
    device_profile: str
    at: datetime


def plain(text: str) -> str:
    """Return a text as words are looked for in it: full-width letters and capitals made alike."""
    return unicodedata.normalize("NFKC", text).casefold()


def facts_of(case: Case, at: datetime) -> Facts:
    """Return the facts of a case whose area and category are loaded."""
    category = case.category
    return Facts(
        area_path=case.area.path,
        category=category.pk if category else None,
        above=category.parent_id if category else None,
        standard=case.standard_id,
        source=case.source,
        text=plain(case.description),
        device_profile=str(case.origin.get("profile", "")),
        at=at,
    )


def applies(rule: DispatchRule, facts: Facts, *, dates: bool = True) -> bool:
    """Tell whether every condition of ``rule`` holds; it was read ``with_conditions``.

    ``dates`` False leaves out from which to which day the rule is meant to hold: a trial asks about the past.
    """
    return (
        facts.area_path.startswith(rule.area.path)
        and _of_category(rule, facts) is not None
        and rule.standard_id in (None, facts.standard)
        and (not rule.sources or facts.source in rule.sources)
        and rule.device_profile in ("", facts.device_profile)
        and (not rule.words or any(plain(word) in facts.text for word in rule.words))
        and _in_window(rule, facts.at, dates)
    )


def _of_category(rule: DispatchRule, facts: Facts) -> int | None:
    """Return how closely the category fits: 2 itself, 1 by its class, 0 the rule asks for none; None it does not."""
    if not rule.category_keys:
        return 0
    if facts.category is not None and facts.category in rule.category_keys:
        return 2
    return 1 if facts.above is not None and facts.above in rule.category_keys else None


def _in_window(rule: DispatchRule, at: datetime, dates: bool) -> bool:
    day = _window_day(rule, timezone.localtime(at))
    if day is None or (rule.weekdays and day.weekday() not in rule.weekdays):
        return False
    if not dates:
        return True
    return (rule.valid_from is None or day >= rule.valid_from) and (rule.valid_to is None or day <= rule.valid_to)


def _window_day(rule: DispatchRule, local: datetime) -> date | None:
    """Return the day on which the window that holds ``local`` began; None outside the hours."""
    begins, ends, now = rule.from_time, rule.to_time, local.time()
    if begins is None or begins <= now and (now < ends or ends <= begins):
        return local.date()
    if ends <= begins and now < ends:  # after midnight of a window that began the day before
        return local.date() - timedelta(days=1)
    return None


def rank(rule: DispatchRule, facts: Facts) -> tuple[int, int, int]:
    """Return by what rules that apply are ordered: the smallest decides."""
    return rule.priority, -specificity(rule, facts), rule.pk


def specificity(rule: DispatchRule, facts: Facts) -> int:
    """Return how much a rule that applies asks for (see the head of this file)."""
    window = rule.from_time is not None or bool(rule.weekdays)
    stated = (bool(rule.sources), bool(rule.words), bool(rule.device_profile), window)
    depth = rule.area.path.count("/") - 2  # "/1/" is a city
    return depth + 3 * (rule.standard_id is not None) + (_of_category(rule, facts) or 0) + sum(stated)


def in_order(rules: Iterable[DispatchRule], facts: Facts) -> list[DispatchRule]:
    """Return the rules that apply, the deciding one first."""
    return sorted((rule for rule in rules if applies(rule, facts)), key=lambda rule: rank(rule, facts))
