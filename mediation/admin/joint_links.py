"""What the page of a dispute shows of joint work: what is under way, what is suggested, and where more is begun."""

from urllib.parse import urlencode

from django.urls import reverse

from governance.models import User
from governance.scoping import grant_for
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import OPEN
from mediation.joint.looks import tone_of
from mediation.joint.notes import WRITES_IN
from mediation.joint.sittings import SITS
from mediation.joint.suggestions import suggestions_for
from mediation.joint.tasks import may_ask
from mediation.joint.tracks import may_invite
from mediation.models import (
    DepartmentTask,
    Dispute,
    EscalationRequest,
    HelperInvitation,
    MediationNote,
    Sitting,
    Track,
)

# What stands of each row beside its state.
TOLD = {
    EscalationRequest: lambda row: f"{row.get_to_tier_display()} · {row.to_unit}",
    DepartmentTask: lambda row: f"{row.unit} · {row.answer_by:%Y-%m-%d}",
    HelperInvitation: lambda row: str(row.helper),
}


def joint_links(site, request, dispute: Dispute) -> list[tuple[str, str]]:
    """Return title and address of what may be begun now by who works on the dispute; its number goes along."""
    is_open = dispute.state in OPEN
    possible = {
        EscalationRequest: is_open, Track: is_open and may_invite(dispute, request.user), HelperInvitation: is_open,
        DepartmentTask: is_open and may_ask(dispute, request.user), Sitting: dispute.state in SITS,
        MediationNote: dispute.state in WRITES_IN,
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


def joint_rows(user: User, dispute: Dispute, works: bool) -> dict:
    """Return what there is of joint work with the colours of its states: tracks and sittings for who reads the dispute,
    what else the person may read; why a higher tier is suggested for who works on it (``works``)."""
    tracks = Track.objects.filter(dispute=dispute).with_rows().order_by("pk")
    sittings = Sitting.objects.filter(dispute=dispute).with_rows().order_by("-starts_at", "-pk")
    return {
        "tracks": [(row, tone_of(row)) for row in tracks],
        "lead_missing": Track.objects.leaderless().filter(dispute=dispute).exists(),
        "sittings": [(row, tone_of(row)) for row in sittings[:20]],
        "joint": [told for model in TOLD for told in _told(model, user, dispute)],
        "suggestions": suggestions_for(dispute) if works else [],
    }


def _told(model, user: User, dispute: Dispute) -> list[dict]:
    """Return address, kind, words and state of the rows of a dispute that the person may read, the newest first."""
    rows = model.objects.visible_to(user).filter(dispute=dispute).with_rows().order_by("-pk")[:20]
    page = f"admin:mediation_{model._meta.model_name}_change"
    return [
        {"url": reverse(page, args=[row.pk]), "kind": model._meta.verbose_name, "words": TOLD[model](row),
         "state": row.get_state_display(), "tone": tone_of(row)}
        for row in rows
    ]  # fmt: skip
