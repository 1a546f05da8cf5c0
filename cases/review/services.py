"""Writes of the review queue: proposals are made when a case comes to it, and accepted by a dispatcher."""

from django.utils.translation import gettext as _

from cases.dispatch.plans import stored
from cases.models import Case, DispatchProposal, UnitPart
from cases.review.candidates import dispatch_proposals
from cases.review.filing import category_proposals_write
from cases.review.querysets import deciding_step
from governance.errors import Invalid
from governance.events import on
from governance.models import OrgUnit, User
from governance.transactions import atomically
from governance.workflow import act, steps_of


def to_be_filed(case: Case) -> bool:
    """Tell whether a registrar has still to find the category of a case."""
    return case.category_id is None and case.state in steps_of(Case)["accept"].sources


COMES_TO_REVIEW = (
    "case.reported", "case.corrected", "case.review_needed", "case.returned", "case.recalled", "case.reopened",
    "case.arbitration_needed",
)  # fmt: skip


@on(*COMES_TO_REVIEW)
def proposals_make(event, case: Case) -> None:
    """Write anew what is proposed about a case that a registrar must file or a dispatcher must decide about.

    Inside the transaction of the event, so that whoever sees the case waiting sees the proposals with it.
    """
    if event.name != "case.reported":  # a new case has none
        DispatchProposal.objects.filter(case=case).delete()
    if deciding_step(case):
        DispatchProposal.objects.bulk_create(dispatch_proposals(case))
    elif to_be_filed(case):
        category_proposals_write(case)


def proposals_for(case: Case) -> list[DispatchProposal]:
    """Return what is proposed to whoever must decide now, the best first; nothing once it is decided. One statement."""
    rows = DispatchProposal.objects.filter(case=case).select_related("unit", "category", "standard__category")
    if deciding_step(case):
        return list(rows.filter(unit__isnull=False))
    if to_be_filed(case):
        return list(rows.filter(unit__isnull=True))
    return []


def proposal_accept(proposal: DispatchProposal, *, actor: User, version: int | None = None) -> Case:
    """Dispatch (or arbitrate) a case as it was proposed; the reason names the proposal. Raises as that transition.

    ``version``: of the case as the caller saw it. A proposal to a registrar, which names no unit, is Invalid.
    """
    if proposal.unit is None:
        raise Invalid(_("This proposal names no unit: accept the report first."), field="rank", code="no_unit")
    with atomically():
        named = OrgUnit.objects.filter(code__in=[code for codes in proposal.parts.values() for code in codes])
        units = {unit.code: unit for unit in named}
        parts = {part: [units[code] for code in proposal.parts.get(part, ()) if code in units] for part in UnitPart}
        step = deciding_step(proposal.case) or "dispatch"  # of a case that was decided already: refused as such
        return act(
            proposal.case, step, actor=actor, version=version, reason=stored(lambda: _accepted(proposal)),
            lead_unit=proposal.unit, assisting_units=parts[UnitPart.ASSISTING],
            supervising_units=parts[UnitPart.SUPERVISING], limit_amount=proposal.limit_amount,
            limit_unit=proposal.limit_unit,
        )  # fmt: skip


def proposal_ranked(case: Case, rank: int) -> DispatchProposal | None:
    """Return the proposal of a rank, or None; one statement."""
    rows = DispatchProposal.objects.select_related("case", "unit")
    return rows.filter(case=case, rank=rank).first()


def _accepted(proposal: DispatchProposal) -> str:
    return _("Accepted proposal %(rank)s (%(method)s): %(why)s") % {
        "rank": proposal.rank,
        "method": proposal.get_method_display(),
        "why": proposal.reason,
    }
