"""What dispatchers and the operations centre do about a dispatch: recall it, hand it over, refer it, arbitrate."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import clocks
from cases.case_units import dispatch_payload, parts_of, replace_units
from cases.handling import taken_back
from cases.learning import learn_from_dispatch
from cases.models import Case, Dispatch, DispatchMethod
from cases.services import case_dispatch, case_move
from cases.unit_requests import lapse_requests
from governance.errors import Invalid
from governance.models import OrgUnit
from governance.transactions import atomically
from governance.workflow import carries_out

carries_out("cases.case", "arbitrate")(partial(case_dispatch, step="arbitrate"))


@carries_out("cases.case", "recall")
def case_recall(case: Case, *, actor, **given) -> Case:
    """A dispatcher takes a dispatch back before handling has begun."""
    with atomically():
        fresh = taken_back(case, "recall", actor=actor, **given)
        lapse_requests(fresh, at=given.get("occurred_at") or timezone.now())
        return fresh


@carries_out("cases.case", "hand_over")
def case_hand_over(case: Case, *, actor, lead_unit: OrgUnit, assisting_units: Sequence[OrgUnit] = (),
                   supervising_units: Sequence[OrgUnit] = (), occurred_at: datetime | None = None,
                   **given) -> Case:  # fmt: skip
    """Several units with one lead: give the case another lead or other helpers within the limit that runs.

    Whose time it was until now is kept by the stage clocks; the dispatch is kept as one more. Raises Invalid for a unit
    no longer in use.
    """
    at = occurred_at or timezone.now()
    if not lead_unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="lead_unit", code="inactive")
    parts = parts_of(lead_unit, assisting_units, supervising_units)
    with atomically():
        locked = Case.objects.lock(case.pk)
        payload = dispatch_payload(parts, locked.promised_at or at) | {"before": _code(locked.lead_unit)}
        fresh = case_move(case, "hand_over", actor=actor, lead_unit=lead_unit, occurred_at=at, payload=payload, **given)
        replace_units(fresh, parts)
        _keep_dispatch(fresh, actor=actor, at=at, reason=given.get("reason", ""))
        clocks.replace_clock(fresh, at=at, due_at=fresh.promised_at)
        if locked.lead_unit_id != fresh.lead_unit_id:
            learn_from_dispatch(fresh, before=locked.lead_unit_id, judged={}, actor=actor, at=at)
        return fresh


def _keep_dispatch(case: Case, *, actor, at: datetime, reason: str) -> None:
    """What the new lead is given: the limit of the dispatch before, to the end that was promised."""
    last = Dispatch.objects.filter(case=case).latest("id")
    Dispatch.objects.create(
        case=case, method=DispatchMethod.MANUAL, standard=last.standard, lead_unit=case.lead_unit, reason=reason,
        limit_amount=last.limit_amount, limit_unit=last.limit_unit, due_at=case.promised_at, dispatched_by=actor,
        dispatched_at=at,
    )  # fmt: skip


def _code(unit: OrgUnit | None) -> str | None:
    return unit.code if unit else None
