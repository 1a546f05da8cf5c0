"""What units do with a case: sign for it, begin, hand it back, do their part, submit the result."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.closing import draw_inspection, photos_missing
from cases.models import Case, CaseUnit, UnitPart
from cases.returns import ARBITRATION_AT, note_return
from cases.services import case_move
from cases.unit_requests import lapse_requests
from governance.errors import Invalid
from governance.models import User
from governance.scoping import grants_of
from governance.transactions import atomically
from governance.workflow import carries_out


@carries_out("cases.case", "sign")
def case_sign(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """签收: the lead unit says that it has the case; its clock has run since the dispatch."""
    at = occurred_at or timezone.now()
    return case_move(case, "sign", actor=actor, signed_at=at, occurred_at=at, **given)


@carries_out("cases.case", "start")
def case_start(case: Case, *, actor, occurred_at: datetime | None = None, photos=(), **given) -> Case:
    """Begin handling, with a photo of how it was where the standard asks for one. Raises Invalid."""
    at = occurred_at or timezone.now()
    if photos_missing(case, "photo_before", photos):
        raise Invalid(_("The standard asks for a photo before the work."), field="photos", code="required")
    return case_move(case, "start", actor=actor, signed_at=at, occurred_at=at, photos=photos, **given)


@carries_out("cases.case", "finish_part")
def case_finish_part(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """An assisting unit has done its part."""
    at = occurred_at or timezone.now()
    mine = {grant.unit_id for grant in grants_of(actor)}
    with atomically():
        rows = list(case.units.filter(part=UnitPart.ASSISTING, unit__in=mine).select_related("unit"))
        payload = {"units": [row.unit.code for row in rows]}
        fresh = case_move(case, "finish_part", actor=actor, occurred_at=at, payload=payload, **given)
        CaseUnit.objects.filter(pk__in=[row.pk for row in rows]).update(done_at=at)
        return fresh


@carries_out("cases.case", "submit")
def case_submit(case: Case, *, actor, result: str, occurred_at: datetime | None = None, photos=(), **given) -> Case:
    """The lead unit says what was done, with photos where the standard asks for them.

    Where the standard has only a share of results inspected on site, chance decides whether this one is; those not
    drawn pass on good photos (``cases.closing``). Raises Invalid without a photo that is asked for.
    """
    at = occurred_at or timezone.now()
    if photos_missing(case, "photo_after", photos):
        raise Invalid(_("The standard asks for a photo after the work."), field="photos", code="required")
    with atomically():
        fresh = case_move(
            case, "submit", actor=actor, result=result.strip(), submitted_at=at, occurred_at=at, photos=photos, **given
        )
        lapse_requests(fresh, at=at)
        drawn = draw_inspection(fresh)
        if drawn is None or drawn.on_site:
            return fresh
        return case_move(fresh, "inspect", actor=User.objects.system("dispatch"), occurred_at=at, payload=drawn.payload)


@carries_out("cases.case", "return")
def case_return(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """The lead unit gives the case back; its units no longer see it, the event keeps who it was.

    The third return goes to the operations centre for arbitration.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = taken_back(case, "return", actor=actor, occurred_at=at, **given)
        lapse_requests(fresh, at=at)
        note_return(fresh, actor=actor, at=at)
        if fresh.returns < ARBITRATION_AT:
            return fresh
        reason = _("Returned %(count)s times.") % {"count": fresh.returns}
        return case_move(
            fresh, "refer", actor=User.objects.system("dispatch"), reason=reason, occurred_at=at,
            payload={"returns": fresh.returns},
        )  # fmt: skip


def taken_back(case: Case, name: str, *, actor, **given) -> Case:
    """Carry out a transition by which all units lose the case."""
    with atomically():
        lead = Case.objects.lock(case.pk).lead_unit
        fresh = case_move(case, name, actor=actor, payload={"lead": lead.code if lead else None}, **given)
        CaseUnit.objects.filter(case=fresh).delete()
        return fresh
