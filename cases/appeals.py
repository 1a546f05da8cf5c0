"""Appeals of units (申诉): once per case; two reviewers, and it is upheld when both say so (domain/cases.md, "Stages").

An appeal upheld takes the case out of the unit's statistics; that it was late stays on record.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import AppealGround, AppealOpinion, Case, CaseAppeal
from cases.services import case_move
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out


@carries_out("cases.case", "appeal")
def case_appeal(case: Case, *, actor, ground: str, occurred_at: datetime | None = None, **given) -> Case:
    """The lead unit says why a case must not count against it. Raises Invalid for an unknown ground."""
    at = occurred_at or timezone.now()
    if ground not in AppealGround.values:
        raise Invalid(_("Choose a ground."), field="ground", code="invalid_choice")
    with atomically():
        fresh = case_move(case, "appeal", actor=actor, occurred_at=at, payload={"ground": ground}, **given)
        CaseAppeal.objects.create(case=fresh, unit=fresh.lead_unit, ground=ground, filed_by=actor, filed_at=at)
        return fresh


@carries_out("cases.case", "review_appeal")
def case_review_appeal(case: Case, *, actor, upholds: bool, occurred_at: datetime | None = None, **given) -> Case:
    """Give one of the two opinions; the second one settles the appeal.

    Raises NotPermitted for whoever filed it, Conflict for whoever gave an opinion already.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = case_move(case, "review_appeal", actor=actor, occurred_at=at, payload={"upholds": upholds}, **given)
        appeal = CaseAppeal.objects.select_for_update().get(case=fresh)
        if appeal.filed_by_id == actor.pk:
            raise NotPermitted(_("Whoever filed an appeal does not review it."))
        if appeal.opinions.filter(reviewer=actor).exists():
            raise Conflict(_("You have given your opinion; somebody else gives the other."))
        AppealOpinion.objects.create(appeal=appeal, reviewer=actor, upholds=upholds, given_at=at)
        opinions = list(appeal.opinions.values_list("upholds", flat=True))
        return _settled(fresh, appeal, all(opinions), at) if len(opinions) >= AppealOpinion.REVIEWERS else fresh


def _settled(case: Case, appeal: CaseAppeal, upheld: bool, at: datetime) -> Case:
    appeal.settled_at = at
    appeal.save(update_fields=["settled_at"])
    return case_move(
        case, "uphold_appeal" if upheld else "refuse_appeal", actor=User.objects.system("dispatch"), occurred_at=at,
        payload={"unit": appeal.unit.code, "ground": appeal.ground},
    )  # fmt: skip
