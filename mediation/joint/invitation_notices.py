"""What notices say of invitations of respected locals: the number and the last day, nothing of the matter. Who is told:
the helper who was invited (by a rule of the installation, also to the phone), and who carries the dispute on of the
answer. Of the end of the access nobody is told: what the helper may no longer read is not called to mind."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import notice_context, notify_if_kept
from governance.notices.contexts import Parties
from mediation.disputes.mediators import mediators_of
from mediation.models import HelperInvitation


@notice_context(
    "mediation.helperinvitation",
    variables={"dispute": _("dispute"), "state": _("state"), "until": _("readable until")},
    rows=lambda: HelperInvitation.objects.with_rows(),
    parties=lambda row: Parties(reporter=row.helper.user_id),
)
def invitation_words(row: HelperInvitation, *, public: bool) -> dict:
    """Return an invitation in texts: neither the summary nor who is invited. Helpers read it on their own page."""
    page = "residents_helping:one" if public else "admin:mediation_helperinvitation_change"
    return {"dispute": row.dispute.number, "state": row.get_state_display(), "until": f"{row.until:%Y-%m-%d}",
            "url": reverse(page, args=[row.pk])}  # fmt: skip


@on("helper_invitation.accepted", "helper_invitation.declined")
def mediators_told(event, row: HelperInvitation) -> None:
    """The helper answered."""
    fresh = HelperInvitation.objects.with_rows().get(pk=row.pk)
    notify_if_kept(mediators_of(row.dispute), "helper_answered", subject=fresh)
