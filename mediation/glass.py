"""Breaking the glass: reading one dispute that one otherwise may not, for an hour, with a reason; those who work on it
are told (domain/mediation.md, "Who sees what").

It opens reading only: no step, no unmasking, no paper.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import register
from governance.models import User
from governance.notices import notice_context, notify_if_kept
from governance.scoping import grant_for, roles_of, visible_q
from governance.transactions import atomically
from mediation.access import access_record
from mediation.disputes.acting import tell, words_check
from mediation.disputes.mediators import working_on
from mediation.disputes.querysets import BREAKERS, IMPARTIAL, IN_AREA
from mediation.models import AccessKind, BreakGlass, Dispute

BROKEN = register("dispute.glass_broken", gettext_lazy("Glass of a dispute broken"), close=True)
OPEN_FOR = timedelta(hours=1)  # [J]: long enough to read one file, short enough to ask again tomorrow
LONGEST_REASON, SHORTEST_REASON = 500, 5
TEMPLATE = "dispute_glass_broken"
# Who may break the glass, and where: in the own area, and never of a dispute they are a party to.
BREAKS = dict.fromkeys(BREAKERS, IN_AREA & IMPARTIAL)


def breakable(user: User) -> QuerySet[Dispute]:
    """Return the disputes whose glass a person may break: of the own area, and not readable anyway."""
    found = visible_q(BREAKS, user)
    if found is None:
        return Dispute.objects.none()
    return Dispute.objects.filter(found).exclude(pk__in=Dispute.objects.visible_to(user).values("pk")).with_rows()


def breaks_glass(user: User) -> bool:
    """Whether somebody breaks glasses anywhere."""
    return bool(roles_of(user) & set(BREAKS))


def glass_break(dispute: Dispute, *, actor: User, reason: str) -> BreakGlass:
    """Open one dispute to ``actor`` for an hour, write it down, and tell those who work on it.

    Raises NotPermitted, Invalid naming ``reason`` (none, or too short to be one), Conflict (``readable``: they read it
    anyway, or have opened it already).
    """
    grant = grant_for(BREAKS, dispute, actor)
    if grant is None:
        raise NotPermitted(_("You may not break the glass of this dispute."))
    words_check(reason=reason, longest=LONGEST_REASON)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(_("Say why you must read this dispute; others read your reason."), field="reason",
                      code="required")  # fmt: skip
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if Dispute.objects.none().is_visible(held, actor):
            raise Conflict(_("You read this dispute already."), code="readable")
        now = timezone.now()
        made = BreakGlass.objects.create(
            dispute=held, person=actor, reason=reason.strip(), opened_at=now, until=now + OPEN_FOR
        )
        access_record(held, actor=actor, kind=AccessKind.BROKE_GLASS, what=f"mediation.breakglass {made.pk}",
                      reason=reason.strip(), role=grant.role)  # fmt: skip
        tell(BROKEN, held, actor=actor, grant=grant, at=now, glass=made.pk, until=made.until.isoformat())
        notify_if_kept([user for user in working_on(held) if user.pk != actor.pk], TEMPLATE, subject=made)
    return made


def open_until(dispute: Dispute, user: User) -> datetime | None:
    """Return until when the person reads a dispute by a glass they broke; None where none is open."""
    rows = BreakGlass.objects.filter(dispute=dispute, person=user, until__gt=timezone.now()).order_by("-until")
    return rows.values_list("until", flat=True).first()


@notice_context(
    "mediation.breakglass",
    variables={"dispute": gettext_lazy("dispute"), "who": gettext_lazy("person"), "until": gettext_lazy("until")},
    rows=lambda: BreakGlass.objects.select_related("dispute__area", "person").defer("dispute__area__boundary"),
)
def glass_words(row: BreakGlass, *, public: bool) -> dict:
    """Return who reads a dispute until when; the reason stands in the list of readings."""
    return {
        "dispute": row.dispute.number, "who": str(row.person), "until": f"{timezone.localtime(row.until):%H:%M}",
        "url": reverse("admin:mediation_dispute_change", args=[row.dispute_id]),
    }  # fmt: skip
