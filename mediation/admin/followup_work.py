"""Follow-up on the first page: visits to make, and for the superior the overdue ones of the units below."""

from dataclasses import replace

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.models import Role
from governance.scoping import roles_of
from mediation.disputes.querysets import WORKS
from mediation.followup.looks import COUNSELLING_TONES, VISIT_TONES
from mediation.followup.overseeing import days_late, overseen_by
from mediation.models import CounsellingReferral, FollowUpVisit


def _row(row: FollowUpVisit) -> WorkRow:
    return WorkRow(
        url=reverse("admin:mediation_followupvisit_change", args=[row.pk]), title=row.dispute.number,
        text=row.get_kind_display(), place=row.dispute.unit.name, badge=row.get_state_display(),
        tone=VISIT_TONES[row.state], note=f"{row.due_on:%m-%d}",
    )  # fmt: skip


def _referral_row(row: CounsellingReferral) -> WorkRow:
    return WorkRow(
        url=reverse("admin:mediation_counsellingreferral_change", args=[row.pk]), title=row.number,
        text=row.dispute.number, place=row.dispute.area.name, badge=row.get_state_display(),
        tone=COUNSELLING_TONES[row.state], note=f"{row.consented_on:%m-%d}",
    )  # fmt: skip


def _late_row(row: FollowUpVisit) -> WorkRow:
    days = days_late(row)
    note = ngettext("%(count)s day overdue", "%(count)s days overdue", days) % {"count": days}
    if row.urged_at:
        note = f"{note} · {_('urged on')} {timezone.localdate(row.urged_at):%m-%d}"
    return replace(_row(row), note=note)


def _overseen(user, url: str) -> list[WorkList]:
    """Return the overdue visits that the superior looks after, the longest overdue first, where they look first."""
    if not roles_of(user) & {Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE}:
        return []
    rows = overseen_by(user).with_rows().order_by("grace_until", "pk")
    lead = _("Open it and urge the unit to make the visit, or to say why it was not made.")
    title = _("Overdue visits to look after")
    return [work_list("followup-below", title, rows, _late_row, url, order=12, urgent=True, lead=lead)]


@provides_work
def followup_work(user) -> list[WorkList]:
    """What waits for a mediator, and what the superior looks after."""
    if not roles_of(user) & set(WORKS):
        return []
    mine = FollowUpVisit.objects.handled_by(user)
    url = reverse("admin:mediation_followupvisit_changelist")
    order = ("due_on", "pk")
    return [
        work_list("followup-mine", _("Follow-up visits to make"), mine.to_make().with_rows().order_by(*order), _row,
                  f"{url}?when=now", order=33),
        *_overseen(user, f"{url}?when=late"),
        work_list("counselling-to-refer", _("Counselling consented to, to be referred"),
                  CounsellingReferral.objects.to_refer(user).with_rows().order_by("consented_on", "pk"), _referral_row,
                  reverse("admin:mediation_counsellingreferral_changelist"), order=35),
    ]  # fmt: skip
