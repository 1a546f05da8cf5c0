"""Cases that belong together: duplicates merged into the first report, parts put under a larger matter."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseUnit
from cases.services import case_move
from cases.states import ENDED
from cases.unit_requests import lapse_requests
from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, steps_of


@carries_out("cases.case", "merge")
def case_merge(case: Case, *, actor, into: Case, occurred_at: datetime | None = None, **given) -> Case:
    """``case`` is the same as ``into``, which goes on; its reporters follow that one from now on.

    Reports merged into ``case`` before go along. Both rows are locked in the order of their keys. The actor must be
    allowed to merge both. Raises Invalid when ``into`` is the case itself or under it, Conflict when it has ended.
    """
    at = occurred_at or timezone.now()
    with atomically():
        rows = {row.pk: row for row in Case.objects.select_for_update(of=("self",)).select_related("area")
                .filter(pk__in=[case.pk, into.pk]).order_by("pk")}  # fmt: skip
        main = rows[into.pk]
        _check_other(case, main, actor, field="into")
        if main.parent_id is not None and case.children.exists():
            raise Invalid(_("A part cannot have parts of its own."), field="into", code="nested")
        fresh = case_move(
            case, "merge", actor=actor, into=main, closed_at=at, occurred_at=at, payload={"into": main.number}, **given
        )
        lapse_requests(fresh, at=at)
        Case.objects.filter(merged_into=fresh).update(merged_into=main)
        Case.objects.filter(parent=fresh).update(parent=main)
        CaseUnit.objects.filter(case=fresh).delete()
        grant = grant_for(steps_of(Case)["merge"].allow, main, actor)
        payload = {"number": main.number, "from": fresh.number}
        events.record("case.duplicate_joined", main, actor=actor, grant=grant, payload=payload, occurred_at=at)
        return fresh


@carries_out("cases.case", "attach")
def case_attach(case: Case, *, actor, parent: Case | None, occurred_at: datetime | None = None, **given) -> Case:
    """Put a case under a larger one, or (None) take it out again. One level: what has parts is no part itself.

    Raises Invalid for a case with parts, a parent that is a part, or the case itself; Conflict for one that has ended.
    """
    at = occurred_at or timezone.now()
    with atomically():
        if parent is not None:
            parent = Case.objects.lock(parent.pk)
            _check_other(case, parent, actor, field="parent")
            if parent.parent_id is not None or case.children.exists():
                raise Invalid(_("A part cannot have parts of its own."), field="parent", code="nested")
        payload = {"parent": parent.number if parent else None}
        return case_move(case, "attach", actor=actor, parent=parent, occurred_at=at, payload=payload, **given)


def with_parts(cases: Iterable[int]) -> dict[int, int]:
    """Return the keys of all that is one matter with some cases: themselves, what was put under them, and what was
    merged into any of these; each with the key of the given case it belongs to. Two statements."""
    given = set(cases)
    parts = Case.objects.filter(parent__in=given).values_list("pk", "parent")
    found = {pk: pk for pk in given} | {pk: parent for pk, parent in parts if pk not in given}
    merged = Case.objects.filter(merged_into__in=found).values_list("pk", "merged_into")
    return {pk: found[into] for pk, into in merged} | found


def _check_other(case: Case, other: Case, actor, *, field: str) -> None:
    if case.pk == other.pk or other.parent_id == case.pk:
        raise Invalid(_("Choose another case."), field=field, code="same")
    if grant_for(steps_of(Case)["merge"].allow, other, actor) is None:
        raise NotPermitted(_("You may not do this with %(number)s.") % {"number": other.number})
    if other.state in ENDED:
        raise Conflict(
            _("%(number)s has ended: “%(state)s”.") % {"number": other.number, "state": other.get_state_display()},
            field=field,
        )
