"""What residents know of the stewards of their home: surname and title of each, and who is on duty today."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import User
from property.models import JoinRequest, ShiftDuty, StewardMember, StewardTeam
from property.stewards.members import teams_near
from property.stewards.workflow import HELD

# Surnames of two characters; all others have one (the commonest of them in today's registers [J]).
DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "端木")


def surname_of(person: User) -> str:
    """Return the surname of a Chinese name; of another its first word."""
    name = person.get_full_name().strip()
    if name[:2] in DOUBLE:
        return name[:2]
    return name.split()[0] if name.isascii() and name else name[:1]


def shown_as(person: User) -> str:
    """Return how residents read a steward's name; without one nothing else of the account is shown."""
    if not person.name.strip():
        return _("A steward")
    return _("Steward %(surname)s") % {"surname": surname_of(person)}


@dataclass(frozen=True)
class ShiftTold:
    """A shift of today."""

    name: str
    hours: str
    place: str
    stewards: list[str]


@dataclass(frozen=True)
class TeamTold:
    """A team as its residents know it; ``is_member``: the reader is in it; ``asked``: waits for an answer."""

    team: StewardTeam
    stewards: list[str]
    shifts: list[ShiftTold]
    is_member: bool
    asked: bool


def teams_told(user: User) -> list[TeamTold]:
    """Return the teams of the places in which ``user`` lives or owns a dwelling; the same statements for any number."""
    teams = list(teams_near(user).select_related("estate", "area").defer("area__boundary"))
    today = timezone.localdate()
    members = StewardMember.objects.in_force(today).filter(team__in=teams).select_related("person")
    members = list(members.order_by("-is_lead", "valid_from", "pk"))
    duties = ShiftDuty.objects.filter(team__in=teams, shift__date=today, shift__state="planned", state__in=HELD)
    duties = list(duties.select_related("shift__plan", "member__person").order_by("shift__starts_at", "pk"))
    asked = set(JoinRequest.objects.filter(person=user, state="asked").values_list("team_id", flat=True))
    return [
        TeamTold(
            team,
            [shown_as(row.person) for row in members if row.team_id == team.pk],
            _shifts([row for row in duties if row.team_id == team.pk]),
            any(row.team_id == team.pk and row.person_id == user.pk for row in members),
            team.pk in asked,
        )
        for team in teams
    ]


def _shifts(duties: list[ShiftDuty]) -> list[ShiftTold]:
    found: dict[int, ShiftTold] = {}
    for duty in duties:
        shift = duty.shift
        told = found.setdefault(shift.pk, ShiftTold(shift.plan.name, shift.hours, shift.place, []))
        told.stewards.append(shown_as(duty.member.person))
    return list(found.values())
