"""What has to be published about the fund and public income: planned when a span ends, due, overdue, published."""

from datetime import date, datetime, time, timedelta

from django.db.models import Min
from django.utils import timezone

from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.ledger import books_locked
from property.costs.rules import spans_over
from property.costs.statements import fund_figures, income_figures
from property.costs.workflow import BooksState, DisclosureState, PeriodState
from property.models.books import EstateBooks
from property.models.costs import CostPeriod
from property.models.disclosure import Disclosure, DisclosureKind

DUE, PERIOD_DUE = "disclosure.due", "cost_period.disclose_due"


def end_of(day: date) -> datetime:
    """Return the moment a day is over (Asia/Shanghai)."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def disclosures_plan(today: date) -> int:
    """Make what has to be published for spans that are over, for all books that are kept; returns how many."""
    made = 0
    rows = EstateBooks.objects.filter(state=BooksState.OPEN).select_related("estate__area", "fund").order_by("pk")
    for books in rows.annotate(first_income=Min("income__booked_on")):
        begun = {DisclosureKind.PUBLIC_INCOME: books.first_income}
        if hasattr(books, "fund"):
            begun[DisclosureKind.FUND] = books.fund.opened_on
        for kind, since in begun.items():
            if since is not None:
                made += _planned(books, kind, since, today)
    return made


def _planned(books: EstateBooks, kind: str, since: date, today: date) -> int:
    """Plan one kind for one estate; two workers at once make each row once."""
    planned = Disclosure.objects.filter(books=books, kind=kind).order_by("-last").values_list("last", flat=True).first()
    made = 0
    for first, last, rule in spans_over(kind, books.estate.area, _after(planned, since), today):
        due_on = last + timedelta(days=rule.days)
        with atomically():
            row, added = Disclosure.objects.get_or_create(
                books=books, kind=kind, first=first, defaults={"last": last, "due_on": due_on, "rule": rule}
            )
            if added:
                made += 1
                set_timer(f"{DUE}:{row.pk}", DUE, subject_id=row.pk, due_at=end_of(due_on))
    return made


def _after(planned: date | None, since: date) -> date:
    return since if planned is None else planned + timedelta(days=1)


def figures_of(disclosure: Disclosure) -> dict:
    """Return the figures of a disclosure's days as the ledger has them now."""
    of_kind = fund_figures if disclosure.kind == DisclosureKind.FUND else income_figures
    return of_kind(disclosure.books, disclosure.first, disclosure.last)


@carries_out("property.disclosure", "publish")
def disclosure_publish(disclosure: Disclosure, *, actor, occurred_at=None, **given) -> Disclosure:
    """Publish the figures of a span as they stand in the ledger. From then on no line is booked into its days."""
    given.pop("photos", None)
    with atomically():
        books_locked(disclosure.books_id, closed_too=True)
        figures = figures_of(disclosure)
        fresh, _event = perform(
            disclosure, "publish", actor=actor, figures=figures, published_at=occurred_at or timezone.now(),
            occurred_at=occurred_at, payload={"kind": disclosure.kind, "first": str(disclosure.first)}, **given,
        )  # fmt: skip
        cancel_timer(f"{DUE}:{fresh.pk}")
    return fresh


@fires(DUE)
def disclosure_due(timer) -> None:
    """Say that the day of a disclosure has passed and nothing hangs out."""
    row = Disclosure.objects.lock(timer.subject_id)
    if row.state == DisclosureState.DUE:
        payload = {"kind": row.kind, "first": str(row.first), "due_on": str(row.due_on)}
        _told("disclosure.overdue", row, payload, timer.due_at)


@fires(PERIOD_DUE)
def period_due(timer) -> None:
    """Say that the final statement of a settled period should hang out by now."""
    period = CostPeriod.objects.lock(timer.subject_id)
    if period.state == PeriodState.SETTLED:
        _told("cost_period.overdue", period, {"disclose_by": str(period.disclose_by)}, timer.due_at)


def _told(name: str, row, payload: dict, at: datetime) -> None:
    clock = User.objects.system("timers")
    events.record(name, row, actor=clock, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at)
