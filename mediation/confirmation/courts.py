"""Which court may be applied to (民事诉讼法 205): the one that invited the mediation, whatever its level (item 1); else
the basic court of the place, or the intermediate court where the matter belongs to it (item 2).

From which sum it does is data of the rule (``MediationRule.intermediate_from``); a matter that belongs there otherwise
(of great weight in its area, with foreign elements) is a person's decision, whose reason is kept. So is which court has
taken over from an inviting one that is closed [J]: the dispute still tells which transferred it.
"""

from django.db.models import Sum
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import AreaKind, OrgUnit
from mediation.disputes.acting import words_check
from mediation.disputes.inviting import court_kind_check, courts
from mediation.disputes.rules import rule_for
from mediation.models import CourtBasis, DisputeSource, JudicialConfirmation

LONGEST_REASON = 300


def is_intermediate(court: OrgUnit) -> bool:
    """Whether it is the court of a whole city; those of its districts are basic courts [J]."""
    return court.area.kind == AreaKind.CITY


def belongs_above(confirmation: JudicialConfirmation) -> bool:
    """Whether the matter belongs to the intermediate court by what is owed (without sums: by what was in dispute)."""
    agreement = confirmation.agreement
    least = rule_for(confirmation.dispute.area, agreement.effective_on).intermediate_from
    owed = agreement.obligations.aggregate(sum=Sum("amount"))["sum"]
    amount = confirmation.dispute.amount if owed is None else owed
    return least is not None and amount is not None and amount >= least


def courts_for(confirmation: JudicialConfirmation) -> list[OrgUnit]:
    """Return the courts to offer: the one that invited, where one did; else, or where that one is closed, those of the
    level first whose area holds the place of the dispute."""
    invited = confirmation.dispute.inviting_court
    if invited is not None and invited.is_active:
        return [invited]
    rows = courts().select_related("area")
    above, place = belongs_above(confirmation), confirmation.dispute.area.path
    return sorted(rows, key=lambda court: (is_intermediate(court) != above, not place.startswith(court.area.path)))


def closed_court(confirmation: JudicialConfirmation) -> OrgUnit | None:
    """Return the court that invited the mediation if it is closed: another one has taken over from it."""
    invited = confirmation.dispute.inviting_court
    return invited if invited is not None and not invited.is_active else None


def closed_told(court: OrgUnit) -> str:
    """Return what is to be done where the court that invited the mediation is closed."""
    told = _("%(court)s, which transferred the dispute, is closed: choose the court that has taken over from it, and "
             "give as the reason for this court by what it has.")  # fmt: skip
    return told % {"court": court}


def court_check(confirmation: JudicialConfirmation, court: OrgUnit, basis: str, reason: str = "") -> None:
    """Refuse a court that is not competent. Raises Invalid naming ``court``, ``basis`` or ``court_reason``."""
    words_check(court_reason=reason, longest=LONGEST_REASON)
    closed = closed_court(confirmation)
    if court == closed:
        raise Invalid(closed_told(closed), field="court", code="court_closed")
    court_kind_check(court, "court")
    if basis not in CourtBasis.values:
        raise Invalid(_("Choose one of the values."), field="basis", code="invalid_choice")
    invited = confirmation.dispute.source == DisputeSource.COURT
    if invited != (basis == CourtBasis.INVITED):
        raise Invalid(
            _("The court that invited the mediation confirms it, and only that one "
              "(Civil Procedure Law, Article 205, item 1).") if invited
            else _("No court invited this mediation (Civil Procedure Law, Article 205, item 2)."),
            field="basis", code="invited",
        )  # fmt: skip
    asked = confirmation.dispute.inviting_court
    if closed and not reason.strip():
        raise Invalid(closed_told(closed), field="court_reason", code="court_closed")
    if asked is not None and not closed and asked.pk != court.pk:
        raise Invalid(
            _("Another court invited the mediation: %(court)s, and only that one confirms it (Civil Procedure Law, "
              "Article 205, item 1).") % {"court": asked}, field="court", code="not_inviting",
        )  # fmt: skip
    if basis == CourtBasis.MEDIATOR and not confirmation.dispute.area.path.startswith(court.area.path):
        raise Invalid(_("The mediation committee is not in the area of this court."), field="court", code="elsewhere")
    if not invited:
        _level_check(confirmation, court, reason)


def _level_check(confirmation: JudicialConfirmation, court: OrgUnit, reason: str) -> None:
    above = belongs_above(confirmation)
    if above and not is_intermediate(court):
        raise Invalid(
            _("By its amount the matter belongs to the intermediate court (Civil Procedure Law, Article 205, item 2)."),
            field="court", code="level",
        )  # fmt: skip
    if is_intermediate(court) and not above and not reason.strip():
        raise Invalid(
            _("Say why the matter belongs to the intermediate court (Civil Procedure Law, Article 205, item 2)."),
            field="court_reason", code="required",
        )  # fmt: skip
