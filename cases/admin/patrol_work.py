"""Rounds on the first page: those to walk today, and for supervisors those that were missed."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.admin.patrol import TONES
from cases.models import Patrol
from cases.patrol_querysets import SUPERVISORS, TEAM_ROLES
from governance.admin.my_work import WorkLink, WorkList, WorkRow, provides_links, provides_work, work_list
from governance.permissions import STAFF
from governance.scoping import roles_of, visible_q

DAYS_SHOWN = 7  # days a missed round stays on the first page


def list_url(**filters) -> str:
    """Address of the list of rounds under some filters."""
    return f"{reverse('admin:cases_patrol_changelist')}?{urlencode(filters, doseq=True)}"


def _row(patrol: Patrol, url: str, due_at=None) -> WorkRow:
    day = f"{timezone.localtime(patrol.starts_at):%m-%d}"
    return WorkRow(
        url=url, title=patrol.route.name, text=f"{day} {patrol.hours}", place=str(patrol.area),
        badge=patrol.get_state_display(), tone=TONES[patrol.state], due_at=due_at, note=str(patrol.worker or ""),
    )  # fmt: skip


def to_walk_row(patrol: Patrol) -> WorkRow:
    """Show a round as a thing to do; its phone page is where one checks in."""
    return _row(patrol, reverse("phone:patrol", args=[patrol.pk]), due_at=patrol.ends_at)


def missed_row(patrol: Patrol) -> WorkRow:
    """Show a missed round to who supervises."""
    return _row(patrol, reverse("admin:cases_patrol_change", args=[patrol.pk]))


@provides_work
def patrol_work(user) -> list[WorkList]:
    """Rounds this person may walk today, and missed ones of the areas they watch."""
    roles, lists = roles_of(user), []
    if roles & set(TEAM_ROLES):
        rows = Patrol.objects.to_walk(user).of_today().with_rows().order_by("starts_at", "pk")
        lists.append(
            work_list("patrol-walk", _("Rounds of today"), rows, to_walk_row, list_url(state=["planned", "under_way"]),
                      lead=_("Go round and check in at every point."), order=8)
        )  # fmt: skip
    if roles & set(SUPERVISORS):
        since = timezone.now() - timedelta(days=DAYS_SHOWN)
        rows = Patrol.objects.filter(visible_q(SUPERVISORS, user), state="missed", ends_at__gte=since)
        lists.append(
            work_list("patrol-missed", _("Missed rounds"), rows.with_rows().order_by("-ends_at", "-pk"), missed_row,
                      list_url(state="missed"), lead=_("Nobody went: ask why, and plan anew."), order=30, urgent=True)
        )  # fmt: skip
    return lists


@provides_links
def phone_link(user) -> list[WorkLink]:
    """The way to the phone pages, for everybody who works here."""
    return [WorkLink(_("Phone pages"), reverse("phone:today"))] if roles_of(user) & STAFF else []
