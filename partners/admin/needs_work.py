"""Needs on the first page of those who keep them: to verify, to decide, to call back."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from partners.models import Need, NeedState
from partners.needs.looks import need_tone
from partners.needs.querysets import KEEPING_ROLES, KEEPS


def need_row(need: Need) -> WorkRow:
    """Show a need."""
    due = {NeedState.REGISTERED: need.verify_by, NeedState.SOLVED: need.call_back_by}.get(need.state)
    return WorkRow(
        url=reverse("admin:partners_need_change", args=[need.pk]), title=need.title, text=str(need.category),
        place=need.place, badge=need.get_state_display(), tone=need_tone(need), due_at=due,
        warning=_("overdue") if need.overdue else "",
    )  # fmt: skip


@provides_work
def needs_work(user) -> list[WorkList]:
    """What the person has to verify, to decide about, and to call back."""
    if not roles_of(user) & set(KEEPING_ROLES):
        return []
    mine = Need.objects.filter(visible_q(KEEPS, user)).with_rows()
    base = reverse("admin:partners_need_changelist")

    def listed(key: str, title: str, state: NeedState, due: str, order: int, lead: str) -> WorkList:
        rows = mine.filter(state=state).order_by(F(due).asc(nulls_last=True), "pk")
        return work_list(key, title, rows, need_row, f"{base}?state__exact={state.value}", order=order, lead=lead)

    return [
        listed("needs-verify", _("Needs to verify"), NeedState.REGISTERED, "verify_by", 18,
               _("Ask whether there is such a need, and whether others have it.")),
        listed("needs-decide", _("Needs to decide about"), NeedState.VERIFIED, "verified_at", 19,
               _("Merge it, pass it on, adopt it, or say why not.")),
        listed("needs-call", _("Needs to call back about"), NeedState.SOLVED, "call_back_by", 20,
               _("Ask whether it is solved, as they see it.")),
    ]  # fmt: skip
