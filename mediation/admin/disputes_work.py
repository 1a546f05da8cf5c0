"""Disputes on the first page of those who handle them."""

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from mediation.disputes.looks import RECUSAL_TONES, dispute_tone
from mediation.disputes.querysets import KEEPS
from mediation.disputes.reading import between
from mediation.disputes.recusal_workflow import DECIDES
from mediation.disputes.states import DisputeState, RecusalState
from mediation.models import Dispute, Recusal

S = DisputeState


# What a list of the first page holds, and what its link shows of the list of disputes: of those the person carries on.
WORK = {
    "new": (gettext_lazy("Disputes to accept"), (S.REGISTERED, S.AWAITING_CONSENT)),
    "running": (gettext_lazy("Disputes in mediation"), (S.MEDIATING, S.ACCEPTED, S.REOPENED)),
}


def dispute_row(dispute: Dispute) -> WorkRow:
    """Show a dispute without names and words."""
    return WorkRow(
        url=reverse("admin:mediation_dispute_change", args=[dispute.pk]), title=f"{dispute.number} {dispute.type}",
        text=between(dispute), place=str(dispute.area), badge=dispute.get_state_display(),
        tone=dispute_tone(dispute), note=f"{dispute.term_until:%m-%d}" if dispute.term_until else "",
        warning=_("term over") if dispute.term_over else "",
    )  # fmt: skip


def recusal_row(recusal: Recusal) -> WorkRow:
    """Show a recusal without saying who asks for it."""
    return WorkRow(
        url=reverse("admin:mediation_recusal_change", args=[recusal.pk]), title=recusal.dispute.number,
        text=recusal.get_ground_display(), place=str(recusal.dispute.area), badge=recusal.get_state_display(),
        tone=RECUSAL_TONES[recusal.state],
    )  # fmt: skip


@provides_work
def disputes_work(user) -> list[WorkList]:
    """What waits for the parties' answers, and what is in mediation, the earliest term first."""
    if not roles_of(user) & set(KEEPS):
        return []
    mine = Dispute.objects.visible_to(user).handled_by(user).with_parties()
    base = reverse("admin:mediation_dispute_changelist")

    def listed(key, work, order, lead) -> WorkList:
        title, states = WORK[work]
        rows = mine.filter(state__in=states).order_by(F("term_until").asc(nulls_last=True), "pk")
        return work_list(key, str(title), rows, dispute_row, f"{base}?work={work}", order=order, lead=lead)

    found = [
        listed("disputes-new", "new", 14, _("Ask the parties, record their answers, accept or decline.")),
        listed("disputes-running", "running", 15, _("The earliest end of a term is on top.")),
    ]  # fmt: skip
    late = mine.term_over(timezone.localdate())
    found.append(
        work_list("disputes-over", _("Term over"), late.order_by("term_until", "pk"), dispute_row, f"{base}?term=own",
                  order=13, urgent=True, lead=_("Extend it with every party's consent, or end the mediation."))
    )  # fmt: skip
    asked = Recusal.objects.filter(visible_q(DECIDES, user), state=RecusalState.ASKED)
    asked = asked.exclude(mediator=user).with_rows().order_by("asked_at", "pk")
    found.append(
        work_list("recusals", _("Recusals to decide"), asked, recusal_row,
                  reverse("admin:mediation_recusal_changelist"), order=12, urgent=True,
                  lead=_("Somebody asks that another person mediates: nothing goes on before."))
    )  # fmt: skip
    return [row for row in found if row.rows]
