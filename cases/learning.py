"""What the text classifier learns from people: a decision against what was proposed, and a return that was right.

Called by the services that decide, inside their transaction: what is refused teaches nothing. Who follows a proposal
teaches nothing either, the case is learnt from once it is closed. The last word about a case counts, so a decision
that goes back to what was proposed first puts right what an earlier one taught.
"""

from datetime import datetime

from cases.dispatch.by_text import WRITTEN_BY_MACHINES
from cases.dispatch.fields import FieldTable
from cases.models import Case, CaseCategory, DispatchProposal, ExampleOrigin, Target, TrainingExample, Verdict
from cases.text_models import training_example_add, training_example_drop
from governance.models import User


def filing_told_otherwise(case: Case, category: CaseCategory) -> bool:
    """Tell whether a report about to be filed under ``category`` was proposed another one; before it is filed."""
    proposals = DispatchProposal.objects.filter(case=case, unit__isnull=True).order_by("rank")
    first = proposals.values_list("category_id", flat=True).first()
    return first not in (None, category.pk) or _taught(case, Target.CATEGORY)


def learn_category(case: Case, *, actor: User, at: datetime | None = None) -> None:
    """Remember the category a person found for a case. Raises what ``training_example_add`` does."""
    if case.source not in WRITTEN_BY_MACHINES:
        _add(case, Target.CATEGORY, case.category.code, ExampleOrigin.CORRECTION, actor, at)


def learn_from_dispatch(case: Case, *, before: int | None, judged: dict, actor: User,
                        at: datetime | None = None) -> None:  # fmt: skip
    """Remember the field of the unit a person gave a case to, where hub or earlier dispatch had said otherwise.

    ``before``: id of the unit of the dispatch before this one, if any. ``judged``: what ``judge_return`` said; where
    the return was justified, that taught it.
    """
    if case.source in WRITTEN_BY_MACHINES:
        return
    if judged.get("return", {}).get("verdict") == Verdict.JUSTIFIED:
        origin = ExampleOrigin.RETURN
    elif before not in (None, case.lead_unit_id) or _proposed_another(case) or _taught(case, Target.FIELD):
        origin = ExampleOrigin.CORRECTION
    else:
        return
    _add(case, Target.FIELD, FieldTable([case]).field(case), origin, actor, at)


def _proposed_another(case: Case) -> bool:
    first = DispatchProposal.objects.filter(case=case, unit__isnull=False).order_by("rank")
    return first.values_list("unit_id", flat=True).first() not in (None, case.lead_unit_id)


def _taught(case: Case, target: str) -> bool:
    return TrainingExample.objects.filter(case=case, target=target).exists()


def _add(case: Case, target: str, label: str, origin: str, actor: User, at: datetime | None) -> None:
    if label:
        training_example_add(actor=actor, case=case, target=target, label=label, origin=origin, occurred_at=at)
    else:
        training_example_drop(actor=actor, case=case, target=target, occurred_at=at)
