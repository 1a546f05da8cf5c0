"""What pages show of a project beyond its columns: the result line by line, the budget, the log with its photos."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from governance.models import Attachment
from partners.models import BudgetLine, Party, Project, ProjectAttendance, ProjectLog
from partners.projects.evaluating import explained
from partners.projects.result import result_of, rounded
from partners.projects.running import hours_of

SHOWN = 200


@dataclass(frozen=True)
class ResultTold:
    """The result and its lines: (party, weight in %, persons, score, what it adds); figures rounded for reading."""

    lines: list[tuple[str, int, int, Decimal | None, Decimal]]
    total: Decimal | None


def result_told(project: Project) -> ResultTold | None:
    """Return the result as it stands, line by line; None where nobody has answered."""
    lines = explained(project)
    if not lines:
        return None
    result = result_of(lines)
    shown = [
        (str(Party(line.party).label), line.weight, line.persons, None if line.score is None else rounded(line.score),
         rounded(line.counted))
        for line in lines
    ]  # fmt: skip
    return ResultTold(shown, None if result is None else rounded(result))


def budget_told(project: Project) -> dict:
    """Return the lines of the budget with their documents, and the two sums in yuan."""
    lines = list(BudgetLine.objects.filter(project=project).order_by("sort", "id")[:SHOWN])
    files = _files(BudgetLine, lines)
    sums = dict(BudgetLine.objects.filter(project=project).order_by().values_list("sort").annotate(Sum("amount")))
    return {
        "lines": [(line, files.get(line.pk, [])) for line in lines],
        "planned": sums.get("planned", Decimal(0)), "actual": sums.get("actual", Decimal(0)),
    }  # fmt: skip


def log_told(project: Project, *, public: bool = False) -> list[tuple[ProjectLog, list[Attachment]]]:
    """Return the log, newest first, each entry with its files; ``public``: what stands on the public page."""
    rows = ProjectLog.objects.filter(project=project).select_related("claim__partner", "written_by")
    found = list((rows.filter(open=True) if public else rows).order_by("-at", "-id")[:SHOWN])
    files = _files(ProjectLog, found)
    return [(row, files.get(row.pk, [])) for row in found]


def attendance_told(project: Project) -> list[tuple[ProjectAttendance, Decimal | None]]:
    """Return who signed in, newest first, with the hours of each."""
    rows = ProjectAttendance.objects.filter(project=project).select_related("person", "claim__partner")
    return [(row, hours_of(row)) for row in rows.order_by("-signed_in_at", "-id")[:SHOWN]]


def _files(model, rows) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    ids = [row.pk for row in rows]
    for file in Attachment.objects.filter(subject_type=model._meta.label_lower, subject_id__in=ids).order_by("id"):
        found.setdefault(file.subject_id, []).append(file)
    return found
