"""Finding reports of the same thing: by sub-class, place, time and words (domain/cases.md, "Clocks": same sub-class
within 50 m and 24 h; how near and how soon is set per category, ``DuplicateRule``).
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from cases.models import Case, DuplicateRule
from cases.states import ENDED
from governance.coordinates import distance
from governance.search.text import pairs_of

# Candidates looked at for one case; the newest first.
MOST_READ = 200
MOST_SHOWN = 5
METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Likeness:
    """How another case resembles one: ``metres`` apart (None: a place is unknown), ``hours`` between the reports,
    ``words`` in common (0-1), ``same_category`` (None: one has none yet). ``score`` orders them, 1 = the same."""

    case: Case
    metres: float | None
    hours: float
    words: float
    same_category: bool | None
    score: float


def rule_for(case: Case) -> DuplicateRule:
    """Return the rule of the case's category, of its class, or the one for all; the usual figures without any."""
    category = case.category
    wanted = [category.pk, category.parent_id] if category else []
    rows = DuplicateRule.objects.filter(Q(category__in=[pk for pk in wanted if pk]) | Q(category=None))
    order = {pk: place for place, pk in enumerate(wanted)}
    return min(rows, key=lambda row: order.get(row.category_id, len(order)), default=DuplicateRule())


def likely_duplicates(case: Case, user) -> list[Likeness]:
    """Return the open cases that ``case`` most likely repeats, as far as ``user`` sees them.

    At most ``MOST_SHOWN``, the likeliest first; three statements. A case that has ended repeats nothing.
    """
    if case.state in ENDED:
        return []
    rule = rule_for(case)
    span = timedelta(hours=rule.hours)
    near = Case.objects.visible_to(user).filter(reported_at__range=(case.reported_at - span, case.reported_at + span))
    near = near.open().exclude(pk=case.pk).filter(_near(case, rule)).select_related("category", "area", "lead_unit")
    found = [_likeness(case, other, rule) for other in near.defer("area__boundary").order_by("-id")[:MOST_READ]]
    likely = sorted((row for row in found if row is not None), key=lambda row: (-row.score, row.case.pk))
    return likely[:MOST_SHOWN]


def _near(case: Case, rule: DuplicateRule) -> Q:
    """A box around the place; without one, the same area and all under or above it."""
    if case.longitude is None:
        return Q(area_id__in=case.area.lineage) | Q(area__path__startswith=case.area.path)
    high = rule.metres / METRES_PER_DEGREE
    wide = high / max(math.cos(math.radians(case.latitude)), 0.01)
    box = Q(
        longitude__range=(case.longitude - wide, case.longitude + wide),
        latitude__range=(case.latitude - high, case.latitude + high),
    )
    return box | Q(longitude=None, area__path__startswith=case.area.path)


def _likeness(case: Case, other: Case, rule: DuplicateRule) -> Likeness | None:
    metres = None
    if case.longitude is not None and other.longitude is not None:
        metres = distance(case.longitude, case.latitude, other.longitude, other.latitude)
        if metres > rule.metres:
            return None
    same = None if case.category_id is None or other.category_id is None else case.category_id == other.category_id
    if same is False:
        return None
    words = words_in_common(case.description, other.description)
    hours = abs(case.reported_at - other.reported_at) / timedelta(hours=1)
    # Category and place known and the same are enough; what is not known must be made up for by words.
    if (same is None or metres is None) and words < rule.text_share:
        return None
    closeness = 1 - metres / rule.metres if metres is not None else 0
    score = (0.4 if same else 0) + 0.3 * closeness + 0.2 * words + 0.1 * (1 - hours / rule.hours)
    return Likeness(other, metres, hours, words, same, round(score, 3))


def words_in_common(one: str, other: str) -> float:
    """Return the share of neighbouring character pairs that two texts have in common (Jaccard, 0-1)."""
    first, second = set(pairs_of(one)), set(pairs_of(other))
    return len(first & second) / len(first | second) if first and second else 0.0
