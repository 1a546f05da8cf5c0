"""An application recorded after its last day though it was handed in or posted within the term: why it is recorded only
now, and what proves the day.

The term of thirty days is the statute's (民事诉讼法 205): a day typed in afterwards moves nothing by itself. What
proves it, a receipt or the number of the posting, or a paper of the file, goes to the court with it, which decides.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Event, User
from mediation.confirmation.eligibility import last_day_of
from mediation.disputes.acting import words_check
from mediation.files.keeping import file_mark
from mediation.models import DisputeFile, JudicialConfirmation

LONGEST_NUMBER, LONGEST_REASON = 120, 1000
PROVED = ("confirmation.applied", "confirmation.corrected")


@dataclass(frozen=True)
class Proof:
    """``number``: of the court's receipt or of the posting; ``file``: a paper of the dispute that shows the day;
    ``laid``: it was laid before the court for that."""

    reason: str = ""
    number: str = ""
    file: DisputeFile | None = None
    laid: bool = False

    @property
    def columns(self) -> dict:
        """What the confirmation keeps of it."""
        return {"late_reason": self.reason, "proof": self.number, "proof_file": self.file}

    @property
    def told(self) -> dict:
        """What the event keeps of it beside the reason; nothing where it was not recorded late."""
        told = {"proof": self.number, "proof_file": self.file and self.file.pk, "file_laid": self.laid}
        return told if self.reason else {}


def recorded_late(confirmation: JudicialConfirmation, recorded_on: date) -> bool:
    """Whether an application recorded on a day is recorded after the last day to apply."""
    return recorded_on > last_day_of(confirmation.agreement).day


def proof_judged(confirmation: JudicialConfirmation, proof: Proof, *, recorded_on: date, actor: User) -> Proof:
    """Return what is kept of a proof: nothing where it is not recorded late. The paper is laid before the court.

    Raises Invalid naming ``reason``, ``proof`` or ``proof_file`` (of another dispute, taken away).
    """
    words_check(reason=proof.reason, longest=LONGEST_REASON)
    words_check(proof=proof.number, longest=LONGEST_NUMBER)
    _file_check(confirmation, proof.file)
    if not recorded_late(confirmation, recorded_on):
        return Proof()
    if not proof.reason:
        raise Invalid(_("The last day to apply is over: say why it is recorded only now."), field="reason",
                      code="required")  # fmt: skip
    if not proof.number and proof.file is None:
        raise Invalid(_("The last day to apply is over: enter the number of the receipt or of the posting, or choose a "
                        "file of the dispute that shows the day."), field="proof", code="required")  # fmt: skip
    if proof.file is not None and not proof.file.for_court:
        file_mark(proof.file, actor=actor, for_court=True)
        return replace(proof, laid=True)
    return proof


def proof_corrected(confirmation: JudicialConfirmation, proof: Proof, *, actor: User) -> Proof:
    """Return what is kept of a proof in place of what stands: its reason, and another number and file where either is
    given. A file that stood there goes back from the court, which has not received it, unless somebody
    had laid it there for another reason. Raises as ``proof_judged``."""
    recorded_on, former = timezone.localdate(confirmation.applied_at), confirmation.proof_file
    given = proof.number or proof.file
    wanted = Proof(
        reason=proof.reason, number=proof.number if given else confirmation.proof,
        file=proof.file if given else former,
    )  # fmt: skip
    kept = proof_judged(confirmation, wanted, recorded_on=recorded_on, actor=actor)
    if former is None:
        return kept
    laid = _laid(confirmation, former)
    if kept.file == former:
        return replace(kept, laid=laid)
    if laid and former.removed_at is None:
        file_mark(former, actor=actor, for_court=False, unreceived=True)
    return kept


def _laid(confirmation: JudicialConfirmation, row: DisputeFile) -> bool:
    """Whether a file was laid before the court as the proof that stands now."""
    events = Event.objects.filter(subject_type=confirmation._meta.label_lower, subject_id=confirmation.pk)
    told = events.filter(name__in=PROVED).order_by("-id").values_list("payload", flat=True).first() or {}
    return bool(told.get("proof_file") == row.pk and told.get("file_laid"))


def _file_check(confirmation: JudicialConfirmation, row: DisputeFile | None) -> None:
    if row is not None and (row.dispute_id != confirmation.dispute_id or row.removed_at is not None):
        raise Invalid(_("This file is not in the file of this dispute."), field="proof_file", code="elsewhere")


def told_with(reason: str, proof: Proof) -> str:
    """Return what history tells: the reason, and beside it what proves the day."""
    shown = " · ".join(str(part) for part in (proof.number, proof.file and proof.file.get_kind_display()) if part)
    return _("%(reason)s (proof of the day: %(proof)s)") % {"reason": reason, "proof": shown} if shown else reason
