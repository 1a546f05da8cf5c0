"""Tasks of projects in the calendars behind private links: of the partners that carry them out."""

from collections.abc import Iterable

from django.db.models import Q

from governance.calendar_feeds import Entry, Wanted, calendar_source
from governance.models.venue import FeedKind
from partners.models import Claim, ProjectTask


@calendar_source
def task_entries(wanted: Wanted) -> Iterable[Entry]:
    """Dated tasks that touch the span: of projects that the unit, or the person, has been awarded."""
    rows = Claim.objects.filter(state__in=["awarded", "delivered"])
    if wanted.kind == FeedKind.UNIT:
        rows = rows.filter(partner__unit=wanted.subject).visible_to(wanted.reader)
    elif wanted.kind == FeedKind.PERSON:
        rows = rows.filter(partner__person=wanted.subject)
    else:
        return []
    tasks = ProjectTask.objects.filter(
        Q(claim__isnull=True) | Q(claim__in=rows), project__in=rows.values("project_id"),
        starts_at__lt=wanted.end, ends_at__gt=wanted.start,
    )  # fmt: skip
    return [
        Entry(
            uid=f"partner-task-{task.pk}", summary=f"{task.project.title} {task.title}", starts_at=task.starts_at,
            ends_at=task.ends_at, changed_at=task.project.made_at, sequence=0, location=task.place_text,
            cancelled=False,
        )
        for task in tasks.select_related("project", "venue").order_by("starts_at", "pk")
    ]  # fmt: skip
