"""Which cases the figures of the operations centre count; the lists behind the figures use the same filters."""

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from cases.models import CaseState
from cases.workflow import OPEN

# The states of an open case, as an index is asked for them ("not closed" would read the whole table).
OPEN_STATES = tuple(str(state) for state in OPEN)
DONE_AT = Coalesce("submitted_at", "closed_at")
KEPT = Q(done_at__lte=F("promised_at"))


def open_cases(cases: QuerySet) -> QuerySet:
    """Narrow ``cases`` to those somebody still has to do something about, by the index of the states."""
    return cases.filter(state__in=OPEN_STATES)


def promised(cases: QuerySet) -> QuerySet:
    """Narrow ``cases`` to closed ones that had a promise, with ``done_at``: when the unit said it was done."""
    return cases.filter(state=CaseState.CLOSED, promised_at__isnull=False).alias(done_at=DONE_AT)


def by_promise(cases: QuerySet, kept: bool) -> QuerySet:
    """Narrow ``cases`` to closed ones that were (or were not) done by what was promised."""
    return promised(cases).filter(KEPT) if kept else promised(cases).exclude(KEPT)
