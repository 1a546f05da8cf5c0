"""Hazards on the first page of those who keep them: to assess, to decide about, watched."""

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of
from mediation.models import Hazard, HazardState
from mediation.prevention.looks import hazard_tone
from mediation.prevention.querysets import KEEPS


def hazard_row(hazard: Hazard) -> WorkRow:
    """Show a hazard."""
    return WorkRow(
        url=reverse("admin:mediation_hazard_change", args=[hazard.pk]), title=str(hazard.type or hazard.number),
        text=hazard.words[:60], place=hazard.place_text, badge=hazard.get_state_display(), tone=hazard_tone(hazard),
        due_at=hazard.assess_by if hazard.state == HazardState.REPORTED else None,
        warning=_("overdue") if hazard.late else "",
    )  # fmt: skip


@provides_work
def hazards_work(user) -> list[WorkList]:
    """What the person has to assess and to decide about."""
    if not roles_of(user) & set(KEEPS):
        return []
    mine = Hazard.objects.kept_by(user).with_rows()
    base = reverse("admin:mediation_hazard_changelist")

    def listed(key: str, title: str, state: HazardState, due: str, order: int, lead: str) -> WorkList:
        rows = mine.filter(state=state).order_by(F(due).asc(nulls_last=True), "pk")
        return work_list(key, title, rows, hazard_row, f"{base}?state__exact={state.value}", order=order, lead=lead)

    return [
        listed("hazards-assess", _("Hazards to assess"), HazardState.REPORTED, "assess_by", 12,
               _("Go and look: of which type it is, for how many people, how pressing.")),
        listed("hazards-decide", _("Hazards to decide about"), HazardState.ASSESSED, "assessed_at", 13,
               _("Register a dispute, watch it, or exclude it.")),
    ]  # fmt: skip
