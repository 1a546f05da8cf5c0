"""What must be so on the day on which a mediation is terminated for a ground: the notice tells it to all parties."""

from datetime import date

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import User
from mediation.disputes.acting import may
from mediation.disputes.consents import answers_of
from mediation.disputes.states import ConsentAnswer, ConsentTo, TerminationGround
from mediation.models import Dispute


def ground_check(dispute: Dispute, ground: str, actor: User, day: date) -> None:
    """Refuse a ground that is not so: the term runs still, or no party has said that they do not want to go on
    (人民调解法 17, 23). Raises Invalid naming ``ground``. What nobody may do now is refused by ``perform``."""
    if not may(dispute, "terminate", actor):
        return
    if ground == TerminationGround.TERM_OVER:
        _term_over_check(dispute, day)
    elif ground == TerminationGround.WITHDRAWN and not _somebody_said_no(dispute):
        raise Invalid(
            _("No party's refusal or withdrawal is recorded: record it first. A recorded withdrawal ends the mediation "
              "by itself."), field="ground", code="not_withdrawn",
        )  # fmt: skip


def _term_over_check(dispute: Dispute, day: date) -> None:
    fits = TerminationGround.NO_AGREEMENT.label
    if dispute.term_until is None:
        text = _("No mediation term runs yet. Where the parties cannot agree, the ground is “%(fits)s”.")
        raise Invalid(text % {"fits": fits}, field="ground", code="no_term")
    if day <= dispute.term_until:
        text = _("The mediation term runs to %(day)s and is over from the day after. Where the parties cannot agree "
                 "before, the ground is “%(fits)s”.")  # fmt: skip
        raise Invalid(text % {"day": f"{dispute.term_until:%Y-%m-%d}", "fits": fits}, field="ground",
                      code="term_runs")  # fmt: skip


def _somebody_said_no(dispute: Dispute) -> bool:
    return any(row.answer != ConsentAnswer.AGREED for row in answers_of(dispute, ConsentTo.MEDIATION).values())
