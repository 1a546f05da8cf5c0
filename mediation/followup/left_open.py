"""What is still open of a dispute that somebody is about to close: said before the press, not a reason against it.

Closing says that nothing is left to be mediated; obligations, the court and visits go on, and are easily forgotten.
"""

from collections.abc import Iterator

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediation.agreements.states import OWED
from mediation.confirmation.states import ConfirmationState
from mediation.followup.states import OPEN_VISITS
from mediation.models import Dispute, FollowUpVisit, JudicialConfirmation, Obligation, PartyReply, ReplyPerformed

C = ConfirmationState
WITH_COURT = (C.JOINTLY_APPLIED, C.RECEIVED, C.ADMITTED)


def still_open(dispute: Dispute) -> list[str]:
    """Return a sentence for each thing that is still open: obligations, what the court or the parties have not decided,
    visits to make, and what a party said last."""
    return [*_owed(dispute), *_confirmation(dispute), *_visits(dispute), *_replies(dispute)]


def _owed(dispute: Dispute) -> Iterator[str]:
    rows = Obligation.objects.filter(dispute=dispute, agreement__state="effective", state__in=OWED)
    if not (count := rows.count()):
        return
    due = rows.aggregate(left=Sum(F("amount") - F("paid")))["left"]
    told = {"count": count, "yuan": due}
    if due:
        yield ngettext("%(count)s obligation is not performed yet, %(yuan)s yuan are due.",
                       "%(count)s obligations are not performed yet, %(yuan)s yuan are due.", count) % told  # fmt: skip
    else:
        yield ngettext("%(count)s obligation is not performed yet.", "%(count)s obligations are not performed yet.",
                       count) % told  # fmt: skip


def _confirmation(dispute: Dispute) -> Iterator[str]:
    row = JudicialConfirmation.objects.filter(dispute=dispute, agreement__state="effective").order_by("-id").first()
    if row is not None and row.state in WITH_COURT:
        yield _("The court has not decided about the confirmation yet.")
    elif row is not None and row.state == C.ELIGIBLE and not row.late:
        told = {"day": f"{row.last_day:%Y-%m-%d}"}
        yield _("Confirmation may still be applied for, on %(day)s at the latest.") % told


def _visits(dispute: Dispute) -> Iterator[str]:
    count = FollowUpVisit.objects.filter(dispute=dispute, state__in=OPEN_VISITS).count()
    if count:
        yield ngettext("%(count)s follow-up visit is still to be made.",
                       "%(count)s follow-up visits are still to be made.", count) % {"count": count}  # fmt: skip


def _replies(dispute: Dispute) -> Iterator[str]:
    """What a party said last, where it is that not all is performed, or that it broke out again; not who said so."""
    last = PartyReply.objects.filter(dispute=dispute, agreement__state="effective")
    last = last.order_by("party_id", "-id").distinct("party_id").values("pk")
    bad = PartyReply.objects.filter(Q(relapse=True) | ~Q(performed=ReplyPerformed.YES), pk__in=last)
    for row in bad.order_by("at"):
        said = [str(row.get_performed_display()), *([_("It broke out again")] if row.relapse else [])]
        told = {"day": f"{row.at:%Y-%m-%d}", "said": _(", ").join(said)}
        yield _("On %(day)s a party said on the own page: %(said)s.") % told
