"""In which months an assembly met, and in which it did not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from property.assembly.dates import month_of, months_after
from property.assembly.session_workflow import HELD, SessionState
from property.models import Assembly, AssemblySession

MONTHS_SHOWN = 6


class MonthState(TextChoices):
    HELD = "held", _("held")
    MISSED = "missed", _("not held")
    LATE = "late", _("past its day, not held")
    COMING = "coming", _("to come")
    NOT_DUE = "not_due", _("not due")


RED = (MonthState.MISSED, MonthState.LATE)


@dataclass(frozen=True)
class MonthTold:
    """One month of one assembly; ``session`` is the one that was held, else the last one planned for it."""

    month: date
    state: MonthState
    session: AssemblySession | None = None

    @property
    def red(self) -> bool:
        return self.state in RED


def months_told(assemblies: Iterable[Assembly], today: date | None = None,
                back: int = MONTHS_SHOWN - 1) -> dict[int, list[MonthTold]]:  # fmt: skip
    """Return the months of each assembly from ``back`` months ago to this one, oldest first; one statement."""
    assemblies, today = list(assemblies), today or timezone.localdate()
    months = [months_after(month_of(today), number - back) for number in range(back + 1)]
    rows = AssemblySession.objects.filter(assembly__in=assemblies, month__in=months).order_by("starts_at")
    found: dict[tuple[int, date], list[AssemblySession]] = {}
    for session in rows:
        found.setdefault((session.assembly_id, session.month), []).append(session)
    return {
        assembly.pk: [_told(assembly, month, found.get((assembly.pk, month), []), today) for month in months]
        for assembly in assemblies
    }


def _told(assembly: Assembly, month: date, sessions: Sequence[AssemblySession], today: date) -> MonthTold:
    held = next((session for session in sessions if session.state in HELD), None)
    if held is not None:
        return MonthTold(month, MonthState.HELD, held)
    last = sessions[-1] if sessions else None
    if not due_in(assembly, month) or not assembly.is_active:
        return MonthTold(month, MonthState.NOT_DUE, last)
    open_ = [one for one in sessions if one.state not in (SessionState.CANCELLED, SessionState.INQUORATE)]
    if any(timezone.localtime(one.ends_at).date() >= today for one in open_):
        return MonthTold(month, MonthState.COMING, last)
    if month < month_of(today):
        return MonthTold(month, MonthState.MISSED, last)
    rule_day = assembly.session_rule.planned(month)
    return MonthTold(month, MonthState.LATE if today > rule_day or sessions else MonthState.COMING, last)


def due_in(assembly: Assembly, month: date) -> bool:
    """Tell whether an assembly had begun when its rule asked for the session of a month."""
    return assembly.session_rule.planned(month) >= assembly.valid_from


def met_in(assembly: Assembly, month: date) -> bool:
    """Tell whether an assembly held a session for a month."""
    return AssemblySession.objects.filter(assembly=assembly, month=month, state__in=HELD).exists()
