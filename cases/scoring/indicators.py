"""Every indicator, once: what is divided by what, which moment says the period, whose performance it is.

Sources: domain/cases.md, "Indicators"; docs/scoring.md says the same in words and why. Rows of cases that are left out
(``Excluded``) and of spells that were withdrawn never count, but for ``valid_report_rate``, which is about rejections.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Reports of people who can be asked and called back.
PEOPLES = ("resident", "hotline")
# Scores from 1 to 5 that count as satisfied.
SATISFIED = 4

SPELL, CASE = "spell", "case"
HANDLING, PEOPLE, HUB, SPEED = "handling", "people", "hub", "speed"
# What is looked at together.
GROUPS = {
    HANDLING: _("Handling"), PEOPLE: _("Reporters"), HUB: _("Reports, filing, dispatch"), SPEED: _("Speed"),
}  # fmt: skip
COUNTS = Q(excluded="")
STANDS = COUNTS & Q(withdrawn=False)


@dataclass(frozen=True)
class Indicator:
    """A figure. ``base``: which facts it is counted from; ``moment``: the time of theirs that says the period.

    A share: rows with ``numerator`` of rows with ``denominator``. A duration: ``share_at`` (0.5 = median) of the
    seconds from ``since`` to ``until`` (elapsed time, day and night) over rows with ``denominator``.
    ``deadline``: the moment is one, so that rows whose moment has not come do not count yet. ``unit``: the field that
    says whose performance it is. ``high``: much is good. ``told``: numerator and denominator in words.
    """

    key: str
    label: str
    group: str
    base: str
    moment: str
    denominator: Q
    numerator: Q = field(default_factory=Q)
    told: tuple[str, str] = ("", "")
    unit: str = "unit"
    deadline: bool = False
    high: bool = True
    since: str = ""
    until: str = ""
    share_at: float = 0.0

    @property
    def counts(self) -> str:
        """The numerator in words."""
        return self.told[0]

    @property
    def out_of(self) -> str:
        """The denominator in words."""
        return self.told[1]

    @property
    def is_share(self) -> bool:
        """Whether it is a share from 0 to 1 (else a duration in seconds)."""
        return not self.since

    @property
    def length(self):
        """Return the duration of a row as an expression."""
        return F(self.until) - F(self.since)


def _due(key, label, numerator: Q, told: str, *, high=True) -> Indicator:
    """An indicator over what should have been handled: spells whose end of handling lies in the period."""
    whole = _("turns of units whose end of handling lies in the period (extension and resumption moved it)")
    return Indicator(key, label, HANDLING, SPELL, "due_at", STANDS, numerator, (told, whole), deadline=True, high=high)


def _answered(key, label, numerator: Q, told: str) -> Indicator:
    whole = _("closings in the period that the reporter answered; the newest answer counts")
    stands = STANDS & Q(answered_at__isnull=False)
    return Indicator(key, label, PEOPLE, SPELL, "closed_at", stands, numerator, (told, whole))


def _times(key, label, base, moment, since, until, whole, unit="unit") -> list[Indicator]:
    """Median and p90 of a duration."""
    stands = (STANDS if base == SPELL else COUNTS) & Q(**{f"{since}__isnull": False, f"{until}__isnull": False})
    parts = (("median", 0.5, label[0]), ("p90", 0.9, label[1]))
    return [
        Indicator(
            f"{key}_{name}", text, SPEED, base, moment, stands, told=(text, whole), unit=unit, high=False,
            since=since, until=until, share_at=share,
        )
        for name, share, text in parts
    ]  # fmt: skip


ALL: tuple[Indicator, ...] = (
    _due("handling_rate", _("Handling rate"), Q(handled_at__isnull=False), _("handled: a result stands")),
    _due("on_time_handling_rate", _("On-time handling rate"), Q(in_time=True),
         _("handled, every submission by its deadline")),
    _due("closing_rate", _("Closing rate"), Q(closed_at__isnull=False), _("closed")),
    _due("on_time_closing_rate", _("On-time closing rate"), Q(closed_in_time=True),
         _("closed; handling, inspection and closing each within its clock")),
    _due("rework_rate", _("Rework rate"), Q(reworks__gt=0), _("sent back for rework at least once"), high=False),
    _due("overdue_open_rate", _("Overdue and open"), Q(handled_at__isnull=True),
         _("past the end of handling and not handled"), high=False),
    _due("extension_rate", _("Extension rate"), Q(extensions__gt=0), _("extended at least once"), high=False),
    Indicator("signing_rate", _("Signing rate"), HANDLING, SPELL, "dispatched_at",
              STANDS & Q(dispatched_at__isnull=False), Q(signed_at__isnull=False),
              (_("signed for, or begun"), _("turns of units dispatched in the period"))),
    Indicator("response_rate", _("Response rate"), PEOPLE, SPELL, "dispatched_at", STANDS & Q(source__in=PEOPLES),
              Q(contacted_at__isnull=False),
              (_("the reporter was contacted, by whomever"),
               _("turns of units dispatched in the period, reports of residents and the hotline"))),
    Indicator("answer_rate", _("Answer rate"), PEOPLE, SPELL, "closed_at", STANDS & Q(source__in=PEOPLES),
              Q(answered_at__isnull=False),
              (_("answered by the reporter"),
               _("closings in the period, reports of residents and the hotline: those who are asked"))),
    _answered("satisfaction_rate", _("Satisfaction rate"), Q(score__gte=SATISFIED), _("answered with 4 or 5")),
    _answered("solved_rate", _("Solved rate"), Q(solved="yes"), _("answered “solved”; “partly” does not count")),
    Indicator("dispatch_accuracy", _("Dispatch accuracy"), HUB, CASE, "dispatch_due_at", COUNTS, Q(right_first=True),
              (_("the first dispatch stood: not recalled, not handed over, no justified return"),
               _("cases to be dispatched by a moment in the period")),
              unit="dispatching_unit", deadline=True),
    Indicator("on_time_dispatch_rate", _("On-time dispatch rate"), HUB, CASE, "dispatch_due_at", COUNTS,
              Q(dispatched_in_time=True),
              (_("first dispatched by then"), _("cases to be dispatched by a moment in the period")),
              unit="dispatching_unit", deadline=True),
    Indicator("on_time_filing_rate", _("On-time filing rate"), HUB, CASE, "filing_due_at", COUNTS,
              Q(filed_in_time=True),
              (_("accepted; verification and acceptance each within its clock"),
               _("cases to be filed by a moment in the period")),
              unit="filing_unit", deadline=True),
    Indicator("valid_report_rate", _("Valid report rate"), HUB, CASE, "reported_at",
              Q(excluded__in=("", "rejected"), valid__isnull=False), Q(valid=True),
              (_("accepted or dealt with on the spot"),
               _("reports of the period that were decided; withdrawn ones and duplicates left out")),
              unit="reporting_unit"),
    *_times("signing_time", (_("Signing time, median"), _("Signing time, p90")), SPELL, "dispatched_at",
            "dispatched_at", "signed_at", _("turns of units dispatched in the period and signed for")),
    *_times("action_time", (_("Time to first action, median"), _("Time to first action, p90")), SPELL, "dispatched_at",
            "dispatched_at", "acted_at", _("turns of units dispatched in the period and acted on")),
    *_times("contact_time", (_("Time to first contact, median"), _("Time to first contact, p90")), CASE, "reported_at",
            "reported_at", "contacted_at", _("reports of the period whose reporter was contacted"),
            unit="contact_unit"),
)  # fmt: skip

BY_KEY: Mapping[str, Indicator] = {indicator.key: indicator for indicator in ALL}
SHARES: tuple[Indicator, ...] = tuple(indicator for indicator in ALL if indicator.is_share)


def share_choices() -> list[tuple[str, str]]:
    """Return the indicators a formula can weigh."""
    return [(indicator.key, indicator.label) for indicator in SHARES]
