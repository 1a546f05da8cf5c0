"""The register of respected locals (乡贤): who may be invited, to what, and who had better not be."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Area, Residency, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import words_check
from mediation.disputes.impartial import is_party
from mediation.joint.acting import carry, may, stored
from mediation.joint.querysets import KEEPS_REGISTER
from mediation.models import Dispute, DisputeType, HelperInvitation, HelperStanding, RespectedHelper

HELPER = "mediation.respectedhelper"
MOST_LANGUAGES = 10


def candidates_in(areas):
    """Return people who hold the post of a respected helper in one of the areas and stand in no register yet."""
    posts = Appointment.objects.in_force().filter(role=Role.RESPECTED_HELPER, area__in=areas)
    return User.objects.filter(pk__in=posts.values("user_id"), respected_helper=None, is_active=True).order_by("name")


def helper_register(*, actor: User, user: User, area: Area, standing: str, about: str = "",
                    fields: Sequence[DisputeType] = (), languages: Sequence[str] = (), interests: str = "",
                    occurred_at: datetime | None = None) -> RespectedHelper:  # fmt: skip
    """Enter a respected local. They hold the post of a respected helper for the area already.

    Raises NotPermitted; Conflict (entered already); Invalid naming ``user``, ``standing`` or ``languages``.
    """
    at = occurred_at or timezone.now()
    row = RespectedHelper(user=user, area=area, standing=standing, registered_by=actor, registered_at=at)
    grant = grant_for(KEEPS_REGISTER, row, actor)
    if grant is None:
        raise NotPermitted(_("You do not keep the register of this place."))
    _filled(row, standing, about, languages, interests)
    posts = Appointment.objects.in_force().filter(user=user, role=Role.RESPECTED_HELPER).select_related("area")
    if not any(post.area.contains(area) or area.contains(post.area) for post in posts):
        raise Invalid(_("This person does not hold the post of a respected helper here."), field="user", code="no_post")
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if RespectedHelper.objects.filter(user=user).exists():
            raise Conflict(_("This person is in the register already."), code="exists")
        stored(row, "helper.registered", actor=actor, grant=grant, at=at, standing=standing)
        row.fields.set(fields)
    return row


def _filled(row: RespectedHelper, standing: str, about: str, languages: Sequence[str], interests: str) -> None:
    """Put in what was judged. Raises Invalid naming the field."""
    words_check(about=about, interests=interests, longest=300)
    if standing not in HelperStanding.values:
        raise Invalid(_("Choose one of the values."), field="standing", code="invalid_choice")
    languages = list(dict.fromkeys(word.strip() for word in languages if word.strip()))
    if len(languages) > MOST_LANGUAGES or any(len(word) > 20 or "\0" in word for word in languages):
        text = _("At most ten languages of 20 characters each.")
        raise Invalid(text, field="languages", code="too_many")
    row.standing, row.about, row.languages, row.interests = standing, about.strip(), languages, interests.strip()


@carries_out(HELPER, "amend")
def helper_amend(helper: RespectedHelper, *, actor: User, standing: str, about: str = "", languages: Sequence[str] = (),
                 interests: str = "", fields: Sequence[DisputeType] = (), **given) -> RespectedHelper:  # fmt: skip
    """Correct an entry. Raises Invalid naming the field."""
    judged = RespectedHelper()
    if may(helper, "amend", actor):
        _filled(judged, standing, about, languages, interests)
    with atomically():
        fresh = carry(helper, "amend", actor=actor, standing=judged.standing, about=judged.about,
                      languages=judged.languages, interests=judged.interests, **given)  # fmt: skip
        fresh.fields.set(fields)
    return fresh


@carries_out(HELPER, "suspend")
def helper_suspend(helper: RespectedHelper, *, actor: User, **given) -> RespectedHelper:
    """Invite them no longer, for now; what they were invited to ends (``handlers.py``)."""
    with atomically():
        _disputes_held(helper)
        return carry(helper, "suspend", actor=actor, **given)


@carries_out(HELPER, "resume")
def helper_resume(helper: RespectedHelper, *, actor: User, **given) -> RespectedHelper:
    """They may be invited again."""
    return carry(helper, "resume", actor=actor, **given)


@carries_out(HELPER, "leave")
def helper_leave(helper: RespectedHelper, *, actor: User, occurred_at: datetime | None = None,
                 **given) -> RespectedHelper:  # fmt: skip
    """Take somebody off the register; what they did stays, what they were invited to ends (``handlers.py``)."""
    on = timezone.localdate(occurred_at)
    with atomically():
        _disputes_held(helper)
        return carry(helper, "leave", actor=actor, occurred_at=occurred_at, on=on, **given)


def _disputes_held(helper: RespectedHelper) -> None:
    """Lock the disputes they are invited to before themselves, in the order in which an invitation is sent."""
    running = HelperInvitation.objects.running().filter(helper=helper).values_list("dispute_id", flat=True)
    for pk in sorted(set(running)):
        Dispute.objects.lock(pk)


def conflict_of(helper: RespectedHelper, dispute: Dispute) -> str:
    """Return why a helper is not impartial here (party, home, mediator), or an empty text."""
    return conflicts_of([helper], dispute)[helper.pk]


def conflicts_of(helpers: Sequence[RespectedHelper], dispute: Dispute) -> dict[int, str]:
    """Return ``conflict_of`` of each by its key: two statements, however many; helpers load ``user``."""
    parties = list(dispute.parties.all())
    accounts = {party.user_id for party in parties if party.user_id}
    at_home = set()
    if accounts:
        homes = Residency.objects.current().filter(user__in=accounts).values("dwelling_id")
        together = Residency.objects.current().filter(dwelling__in=homes, user__in=[row.user_id for row in helpers])
        at_home = set(together.values_list("user_id", flat=True))

    def conflict(helper: RespectedHelper) -> str:
        if dispute.mediator_id == helper.user_id:
            return "mediator"
        if is_party(parties, helper.user):
            return "party"
        return "home" if helper.user_id in at_home else ""

    return {helper.pk: conflict(helper) for helper in helpers}


def helpers_for(dispute: Dispute) -> list[RespectedHelper]:
    """Return who may be invited to a dispute, those who help with its type first; the same statements for any number.

    ``knows_type``: whether it is a type they help with.
    """
    rows = list(RespectedHelper.objects.active().near(dispute.area).with_rows().with_invitations().order_by("pk"))
    conflicts = conflicts_of(rows, dispute)
    free = [row for row in rows if not conflicts[row.pk]]
    for row in free:
        row.knows_type = dispute.type_id in {field.pk for field in row.fields.all()}
    return sorted(free, key=lambda row: not row.knows_type)
