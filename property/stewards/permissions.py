"""Who may view, add and change teams, members and plans of shifts. Transitions carry their own rule."""

from django.utils.translation import gettext as _

from cases.patrol_querysets import KeptTeams, teams_kept
from governance.configuration import guards, lies_in
from governance.errors import Conflict, Invalid
from governance.models import Role, User
from governance.permissions import permit
from property.models import MemberKind, StewardMember, StewardPlan, StewardTeam
from property.residents import estates_of
from property.stewards.members import membership_q
from property.stewards.scope import KEEPER_ROLES, LIST_ROLES, standing_of

ANSWERERS = frozenset([Role.COMMUNITY_STAFF])

for name in ("stewardteam", "stewardmember", "stewardplan"):
    permit(f"property.{name}", view=LIST_ROLES, add=KEEPER_ROLES, change=KEEPER_ROLES)
for name in ("stewardshift", "shiftduty", "outreachvisit", "hoursentry", "joinrequest"):
    permit(f"property.{name}", view=LIST_ROLES)
permit("property.disputesighting", view=ANSWERERS | {Role.STEWARD})


def _place_of(team: StewardTeam) -> list:
    """Return the area of a team, also of one that is not saved yet and has not got it."""
    return [team.estate.area] if team.estate_id else [team.area] if team.area_id else []


lies_in("property.stewardteam", _place_of)
lies_in("property.stewardmember", lambda row: [row.team.area])
lies_in("property.stewardplan", lambda row: [row.team.area])


def team_may_change(new: StewardTeam, stored: StewardTeam | None, actor) -> None:
    """A team stays where it is: its shifts and hours were there."""
    if stored is None:
        return
    if new.estate_id != stored.estate_id or (not new.estate_id and new.area_id != stored.area_id):
        raise Invalid(_("A team stays where it is: make another one."), field="estate", code="fixed")


def member_may_change(new: StewardMember, stored: StewardMember | None, actor) -> None:
    """A term is ended by its last day; a resident of the team's place lives or owns a dwelling there."""
    if stored is None:
        if not new.team.is_active:
            raise Invalid(_("This team is no longer in use."), field="team", code="inactive")
        if new.kind == MemberKind.RESIDENT and not lives_there(new.person, new.team):
            raise Invalid(_("This person does not live there: join as a volunteer."), field="kind", code="elsewhere")
        return
    for field in ("team_id", "person_id", "kind", "is_lead", "valid_from"):
        if getattr(new, field) != getattr(stored, field):
            told = _("Only the last day of a term is changed; another post is a new term.")
            raise Invalid(told, field=field.removesuffix("_id"), code="fixed")


def lives_there(person: User, team: StewardTeam) -> bool:
    """Tell whether somebody lives or owns a dwelling in the place of a team."""
    homes = estates_of(person)
    if team.estate_id:
        return homes.filter(pk=team.estate_id).exists()
    return homes.filter(area__path__startswith=team.area.path).exists()


def plan_may_change(new: StewardPlan, stored: StewardPlan | None, actor) -> None:
    """A plan stays its team's."""
    if stored is not None and new.team_id != stored.team_id:
        raise Invalid(_("A plan stays its team's."), field="team", code="fixed")
    if stored is None and not new.team.is_active:
        raise Conflict(_("This team is no longer in use."), code="inactive")


guards("property.stewardteam", team_may_change)
guards("property.stewardmember", member_may_change)
guards("property.stewardplan", plan_may_change)
teams_kept(
    Role.STEWARD,
    KeptTeams(
        routes_of=lambda user: standing_of(user).routes,
        people_of=lambda route: membership_q(team__routes__route=route),
    ),
)
