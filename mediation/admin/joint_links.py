"""What the page of a dispute shows of joint work: its tracks and sittings, and where more of it is begun."""

from urllib.parse import urlencode

from django.urls import reverse

from governance.models import User
from governance.scoping import grant_for
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import OPEN
from mediation.joint.looks import tone_of
from mediation.joint.notes import WRITES_IN
from mediation.joint.sittings import SITS
from mediation.joint.tracks import may_invite
from mediation.models import (
    Dispute,
    EscalationRequest,
    HelperInvitation,
    MediationNote,
    Sitting,
    Track,
)


def joint_links(site, request, dispute: Dispute) -> list[tuple[str, str]]:
    """Return title and address of what may be begun now by who works on the dispute; its number goes along."""
    is_open = dispute.state in OPEN
    possible = {
        EscalationRequest: is_open, Track: is_open and may_invite(dispute, request.user), HelperInvitation: is_open,
        Sitting: dispute.state in SITS, MediationNote: dispute.state in WRITES_IN,
    }  # fmt: skip
    links = []
    for model in (model for model, now in possible.items() if now):
        lists = site.get_model_admin(model)
        if lists.has_add_permission(request):
            page = reverse(f"admin:mediation_{model._meta.model_name}_add")
            links.append((str(lists.making_title), f"{page}?dispute={dispute.number}"))
    return links


def ask_link(request, dispute: Dispute, what: str, about: User | None) -> str:
    """Return where who works on the dispute writes down what its parties say about a person; empty for others."""
    if about is None or dispute.state not in OPEN or grant_for(HANDLES, dispute, request.user) is None:
        return ""
    page = reverse("admin:mediation_dispute_do", args=[dispute.pk, "consent"])
    return f"{page}?{urlencode({'what': what, 'about': about.username})}"


def joint_rows(dispute: Dispute) -> dict:
    """Return the tracks and the sittings of a dispute with the colours of their states, for who reads the dispute."""
    tracks = Track.objects.filter(dispute=dispute).with_rows().order_by("pk")
    sittings = Sitting.objects.filter(dispute=dispute).with_rows().order_by("-starts_at", "-pk")
    return {
        "tracks": [(row, tone_of(row)) for row in tracks],
        "sittings": [(row, tone_of(row)) for row in sittings[:20]],
    }
