"""Tasks with their venues, budget lines and the log of a project."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.bookings import booking_cancel, booking_make
from governance.bookings.single import TITLE_LENGTH
from governance.errors import Conflict, Invalid
from governance.models import AttachmentPurpose, User, Venue
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.venue_querysets import CHANGES_BOOKING
from partners.models import BudgetLine, BudgetSort, Claim, Project, ProjectLog, ProjectTask
from partners.models.project import MOST_HANDS
from partners.projects.acting import clock, granted, now_of, state_check, told
from partners.projects.querysets import ACTS, RUNS
from partners.projects.workflow import AFOOT, ClaimState, ProjectState
from partners.recruiting.acting import words

MOST_TASKS, MOST_LINES, MOST_ENTRIES, MOST_YUAN = 100, 200, 500, Decimal(10_000_000)
# A dated task lies within the project's days, give or take so much [J].
AROUND = timedelta(days=1)
LOGGED = (ProjectState.AWARDED, ProjectState.UNDER_WAY, ProjectState.DELIVERED)


def text_needed(value: str, field: str, most: int) -> str:
    """Return a text without blanks around it. Raises Invalid where there is none, or too much."""
    text = words(**{field: value})[field]
    if not text:
        raise Invalid(_("A value is needed here."), field=field, code="required")
    if len(text) > most:
        raise Invalid(_("At most %(count)s characters.") % {"count": most}, field=field, code="max_length")
    return text


def task_add(project: Project, *, actor: User, title: str, starts_at: datetime | None = None,
             ends_at: datetime | None = None, place: str = "", venue: Venue | None = None, hands: int = 1,
             claim: Claim | None = None, occurred_at: datetime | None = None) -> ProjectTask:  # fmt: skip
    """Add a task; a venue is booked for its time at once.

    Raises NotPermitted, Conflict (``state``; ``full``; the venue is taken), Invalid naming a field.
    """
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(project.pk)
        grant = granted(RUNS, locked, actor)
        state_check(locked, *AFOOT)
        if ProjectTask.objects.filter(project=locked).count() >= MOST_TASKS:
            raise Conflict(_("There are enough lines."), code="full")
        made = ProjectTask(
            project=locked, area=locked.area, title=text_needed(title, "title", 80), starts_at=starts_at,
            ends_at=ends_at,
            place=words(place=place)["place"][:120], venue=venue, hands=hands, claim=claim,
        )  # fmt: skip
        _task_check(made)
        made.save(force_insert=True)
        if venue is not None:
            made.booking = booking_make(
                venue=venue, starts_at=starts_at, ends_at=ends_at, title=f"{locked.title} {title}"[:TITLE_LENGTH],
                actor=actor, purpose=made, occurred_at=at,
            )  # fmt: skip
            made.save(update_fields=["booking"])
        told("project.task_added", locked, actor=actor, grant=grant, at=at, payload={"task": made.pk})
    return made


def _task_check(task: ProjectTask) -> None:
    if (task.starts_at is None) != (task.ends_at is None) or (task.venue is not None and task.starts_at is None):
        raise Invalid(_("From and to are needed."), field="starts_at", code="required")
    if task.starts_at is not None:
        first, last = task.project.starts_on - AROUND, task.project.ends_on + 2 * AROUND
        if not first <= task.starts_at.date() or not task.ends_at.date() <= last:
            raise Invalid(_("A task lies within the days of the project."), field="starts_at", code="out_of_range")
        if not task.starts_at < task.ends_at <= task.starts_at + timedelta(hours=24):
            raise Invalid(_("It must end after it begins, within a day."), field="ends_at", code="order")
    if not 1 <= task.hands <= MOST_HANDS:
        raise Invalid(_("1 to %(most)s.") % {"most": MOST_HANDS}, field="hands", code="out_of_range")
    if task.claim is not None and (task.claim.project_id != task.project_id or task.claim.state != "awarded"):
        raise Invalid(_("This claim is not awarded here."), field="claim", code="invalid")


def task_drop(task: ProjectTask, *, actor: User, occurred_at: datetime | None = None) -> None:
    """Take a task off that is not done; its venue is free again. Raises NotPermitted, Conflict."""
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(task.project_id)
        grant = granted(RUNS, locked, actor)
        state_check(locked, *AFOOT)
        row = ProjectTask.objects.select_related("booking__venue").filter(pk=task.pk).first()
        if row is None or row.done_at is not None:
            raise Conflict(_("It is done already."), code="done")
        venue_free(row, actor=actor, at=at)
        row.delete()
        told("project.task_dropped", locked, actor=actor, grant=grant, at=at, payload={"task": task.pk})


def venue_free(task: ProjectTask, *, actor: User, at: datetime) -> None:
    """Give the venue of a task back, unless the time is over."""
    booking = task.booking
    if booking is None or booking.state != "booked" or booking.ends_at <= at:
        return
    ProjectTask.objects.filter(pk=task.pk).update(booking=None)
    canceller = actor if grant_for(CHANGES_BOOKING, booking, actor) else clock()
    booking_cancel(booking, actor=canceller, reason=_("The project does not need it."), occurred_at=at)


def task_done(task: ProjectTask, *, actor: User, claim: Claim | None = None,
              occurred_at: datetime | None = None) -> ProjectTask:  # fmt: skip
    """Say that a task is done, as staff, or as the partner of an awarded ``claim``. Raises NotPermitted, Conflict."""
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(task.project_id)
        grant = _runs_or_acts(locked, claim, actor)
        state_check(locked, ProjectState.UNDER_WAY)
        row = ProjectTask.objects.select_for_update().get(pk=task.pk)
        if row.done_at is not None:
            raise Conflict(_("It is done already."), code="done")
        row.done_at, row.claim = at, row.claim or claim
        row.save(update_fields=["done_at", "claim"])
        told("project.task_done", locked, actor=actor, grant=grant, at=at, payload={"task": row.pk})
    return row


def _runs_or_acts(project: Project, claim: Claim | None, actor: User):
    """Return the grant of staff, or of the partner of a claim of this project."""
    if claim is None:
        return granted(RUNS, project, actor)
    row = Claim.objects.lock(claim.pk)
    if row.project_id != project.pk or row.state not in (ClaimState.AWARDED, ClaimState.DELIVERED):
        raise Conflict(_("This claim is not awarded here."), code="claim")
    return granted(RUNS | ACTS, row, actor)


def line_add(project: Project, *, actor: User, sort: str, title: str, amount: Decimal, day: date | None = None,
             documents: Sequence[Upload] = (), occurred_at: datetime | None = None) -> BudgetLine:  # fmt: skip
    """Add a line of the budget, or an actual cost with its documents. Raises NotPermitted, Conflict, Invalid."""
    at, today = now_of(occurred_at)
    if sort not in BudgetSort.values:
        raise Invalid(_("This is none of the choices."), field="sort", code="invalid_choice")
    if not amount.is_finite() or not 0 < amount < MOST_YUAN or amount != amount.quantize(Decimal("0.01")):
        raise Invalid(_("An amount in yuan with at most two decimals is needed."), field="amount", code="out_of_range")
    with atomically():
        locked = Project.objects.lock(project.pk)
        grant = granted(RUNS, locked, actor)
        ahead = (*AFOOT, ProjectState.DELIVERED)
        state_check(locked, *(AFOOT if sort == BudgetSort.PLANNED else (*ahead, ProjectState.EVALUATED)))
        if BudgetLine.objects.filter(project=locked).count() >= MOST_LINES:
            raise Conflict(_("There are enough lines."), code="full")
        day = day or today
        if sort == BudgetSort.ACTUAL and not locked.made_at.date() - AROUND <= day <= today:
            raise Invalid(_("A day since the project began to be planned is needed."), field="day", code="too_far")
        made = BudgetLine.objects.create(
            project=locked, area=locked.area, sort=sort, title=text_needed(title, "title", 80), amount=amount, day=day,
            written_by=actor,
        )  # fmt: skip
        payload = {"line": made.pk, "sort": sort, "amount": f"{amount:.2f}"}
        event = told("project.line_added", locked, actor=actor, grant=grant, at=at, payload=payload)
        if documents:
            attach(made, documents, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return made


def log_add(project: Project, *, actor: User, text: str, claim: Claim | None = None, photos: Sequence[Upload] = (),
            open: bool = False, occurred_at: datetime | None = None) -> ProjectLog:  # fmt: skip
    """Write an entry of the log with photos, as staff or as the partner of an awarded ``claim``.

    ``open``: for the public page; only staff decide that, who answer that nobody can be recognised.
    Raises NotPermitted, Conflict, Invalid.
    """
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(project.pk)
        grant = _runs_or_acts(locked, claim, actor)
        if open:
            granted(RUNS, locked, actor)
        state_check(locked, *LOGGED)
        if ProjectLog.objects.filter(project=locked).count() >= MOST_ENTRIES:
            raise Conflict(_("There are enough lines."), code="full")
        made = ProjectLog.objects.create(
            project=locked, area=locked.area, claim=claim, text=text_needed(text, "text", 1000), open=open,
            written_by=actor, at=at,
        )  # fmt: skip
        payload = {"entry": made.pk, "photos": len(photos), "open": open}
        event = told("project.logged", locked, actor=actor, grant=grant, at=at, payload=payload)
        if photos:
            attach(made, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return made


def log_publish(entry: ProjectLog, *, actor: User, open: bool, occurred_at: datetime | None = None) -> ProjectLog:
    """Put an entry on the public page, or take it off. Raises NotPermitted."""
    at, _today = now_of(occurred_at)
    with atomically():
        locked = Project.objects.lock(entry.project_id)
        grant = granted(RUNS, locked, actor)
        row = ProjectLog.objects.select_for_update().get(pk=entry.pk)
        row.open = open
        row.save(update_fields=["open"])
        told("project.log_opened", locked, actor=actor, grant=grant, at=at, payload={"entry": row.pk, "open": open})
    return row
