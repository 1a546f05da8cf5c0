"""Sessions, topics and follow-up items on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from property.models import AgendaItem, AssemblySession, FollowUpItem, Invitation


def _row(obj, number: str, page: str, pk: int, **more) -> dict:
    return {
        "number": number, "state": obj.state, "state_label": obj.get_state_display(), "version": obj.version,
        "url": reverse(f"admin:property_{page}_change", args=[pk]),
    } | more  # fmt: skip


@describe("property.assemblysession", rows=lambda: AssemblySession.objects.with_rows())
def session_rows(sessions: Sequence[AssemblySession]) -> dict[int, dict]:
    """Return what a toast shows of each session; needs no further statement."""
    return {one.pk: _row(one, str(one), "assemblysession", one.pk, starts_at=one.starts_at) for one in sessions}


@describe("property.invitation", rows=lambda: Invitation.objects.with_rows())
def invitation_rows(rows: Sequence[Invitation]) -> dict[int, dict]:
    """Return what a toast shows of each invitation: its session, and as whom somebody sits there."""
    return {one.pk: _row(one, one.get_role_display(), "assemblysession", one.session_id) for one in rows}


@describe("property.agendaitem", rows=lambda: AgendaItem.objects.select_related("assembly", "area", "session"))
def topic_rows(topics: Sequence[AgendaItem]) -> dict[int, dict]:
    """Return what a toast shows of each topic."""
    return {one.pk: _row(one, one.number, "agendaitem", one.pk) for one in topics}


@describe("property.followupitem", rows=lambda: FollowUpItem.objects.select_related("assembly", "area"))
def follow_up_rows(items: Sequence[FollowUpItem]) -> dict[int, dict]:
    """Return what a toast shows of each item."""
    return {one.pk: _row(one, one.number, "followupitem", one.pk) for one in items}
