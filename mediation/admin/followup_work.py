"""Follow-up on the first page: visits to make, and for the superior the overdue ones of the units below."""

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of
from mediation.disputes.querysets import WORKS
from mediation.followup.looks import VISIT_TONES
from mediation.models import FollowUpVisit, VisitState


def _row(row: FollowUpVisit) -> WorkRow:
    return WorkRow(
        url=reverse("admin:mediation_followupvisit_change", args=[row.pk]), title=row.dispute.number,
        text=row.get_kind_display(), place=row.dispute.unit.name, badge=row.get_state_display(),
        tone=VISIT_TONES[row.state], note=f"{row.due_on:%m-%d}",
    )  # fmt: skip


@provides_work
def followup_work(user) -> list[WorkList]:
    """What waits for a mediator, and what the superior looks after."""
    if not roles_of(user) & set(WORKS):
        return []
    mine = FollowUpVisit.objects.handled_by(user)
    seen = FollowUpVisit.objects.visible_to(user).filter(state=VisitState.OVERDUE).exclude(pk__in=mine.values("pk"))
    url = reverse("admin:mediation_followupvisit_changelist")
    order = ("due_on", "pk")
    return [
        work_list("followup-mine", _("Follow-up visits to make"), mine.to_make().with_rows().order_by(*order), _row,
                  f"{url}?when=now", order=33),
        work_list("followup-below", _("Overdue visits of the units below"), seen.with_rows().order_by(*order), _row,
                  f"{url}?when=late", order=34),
    ]  # fmt: skip
