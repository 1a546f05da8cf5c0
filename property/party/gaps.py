"""What is missing in a community's party organisations: vacant posts, terms that run out, seats nobody has taken."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import OrgUnit, UnitKind
from property.models import (
    CrossAppointment,
    CrossDirection,
    PartyLevel,
    PartyMembership,
    PartyOrganisation,
    PartyPost,
    PropertyContract,
)
from property.party.tree import Staffed, estates_of, staffed

# How long before its end a term counts as running out soon [J].
SOON_DAYS = 90
# Full members a branch needs, and from how many on it has a committee (domain/property.md, "Structure").
LEAST_MEMBERS, WITH_COMMITTEE, LEAST_COMMITTEE = 3, 7, 3


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: ``kind`` for programs, ``text`` for people, the row it is about."""

    kind: str
    text: str
    subject: object


@dataclass
class Seats:
    """A body and who sits in it by which cross-appointment today; what is missing and what runs out soon."""

    body: OrgUnit | PartyOrganisation
    seats: list[CrossAppointment] = field(default_factory=list)
    missing: str = ""
    # Of a company: by which its head sits on the party committee.
    heads: list[CrossAppointment] = field(default_factory=list)

    @property
    def is_party(self) -> bool:
        return isinstance(self.body, PartyOrganisation)


def runs_out(row) -> bool:
    """Tell whether a term in force ends within ``SOON_DAYS``."""
    return row.valid_to is not None and (row.valid_to - timezone.localdate()).days <= SOON_DAYS


def gaps_of(committee: PartyOrganisation, *, user) -> list[Gap]:
    """Return what is missing below ``committee`` and in the bodies beside it, the most pressing first."""
    seen = PartyOrganisation.objects.visible_to(user).filter(area__path__startswith=committee.area.path, is_active=True)
    people = staffed(seen.with_place().order_by("code"))
    gaps = [gap for one in people.values() for gap in _of_organisation(one)]
    gaps += [
        Gap("seat_missing", f"{row.body}：{row.missing}", row.body)
        for row in seats_of(committee, user=user)
        if row.missing
    ]
    return gaps + _terms(people, committee, user)


def _of_organisation(one: Staffed) -> list[Gap]:
    found, organisation = [], one.organisation
    if one.secretary is None and organisation.level != PartyLevel.HOUSEHOLD:
        found.append(Gap("vacant", _("%(body)s has no secretary.") % {"body": organisation}, organisation))
    if one.secretary is None and organisation.level == PartyLevel.HOUSEHOLD and not one.full + one.probation:
        found.append(Gap("vacant", _("%(body)s has no party member.") % {"body": organisation}, organisation))
    if organisation.level == PartyLevel.BRANCH and one.full < LEAST_MEMBERS:
        told = _("%(body)s has %(number)s full members of its own; a branch needs 3, or joins with another.")
        found.append(Gap("too_small", told % {"body": organisation, "number": one.full}, organisation))
    if organisation.level == PartyLevel.BRANCH and one.full >= WITH_COMMITTEE and len(one.officers) < LEAST_COMMITTEE:
        told = _("%(body)s has %(number)s full members: from 7 on a branch elects a committee of 3 to 5.")
        found.append(Gap("no_committee", told % {"body": organisation, "number": one.full}, organisation))
    return found


def _terms(people: dict[int, Staffed], committee: PartyOrganisation, user) -> list[Gap]:
    told = _("%(who)s: the term as %(post)s ends on %(day)s.")
    posts = [row for one in people.values() for row in one.officers if runs_out(row)]
    seats = (
        CrossAppointment.objects.visible_to(user)
        .running_out(SOON_DAYS)
        .filter(organisation__area__path__startswith=committee.area.path)
    )
    rows = [(row.valid_to, row.person, f"{people[row.organisation_id].organisation} {row.get_post_display()}", row)
            for row in posts]  # fmt: skip
    rows += [
        (row.valid_to, row.person, f"{row.unit} {row.seat}", row) for row in seats.select_related("person", "unit")
    ]
    return [
        Gap("runs_out", told % {"who": person, "post": post, "day": f"{day:%Y-%m-%d}"}, row)
        for day, person, post, row in sorted(rows, key=lambda row: row[0])
    ]


def bodies_of(committee: PartyOrganisation, user) -> list[OrgUnit]:
    """Return the owners' committees of the estates of which ``user`` is told, and the companies that serve them.

    A committee of no estate (entered before one was asked for) is told to whoever sees the unit: it can act nowhere.
    """
    estates = estates_of(committee, user).order_by().values("pk")
    contracts = PropertyContract.objects.serving().order_by().filter(estate__in=estates)
    units = OrgUnit.objects.filter(is_active=True)
    companies = units.filter(kind=UnitKind.PROPERTY_COMPANY, pk__in=contracts.values("company_id"))
    owners = units.filter(kind=UnitKind.OWNERS_COMMITTEE, estate__in=estates)
    astray = units.visible_to(user).filter(
        kind=UnitKind.OWNERS_COMMITTEE, estate=None, area__path__startswith=committee.area.path
    )
    return [*owners.order_by("code"), *astray.order_by("code"), *companies.order_by("code")]


def seats_of(committee: PartyOrganisation, *, user) -> list[Seats]:
    """Return the committee and each body beside it with the seats held today; a fixed number of statements."""
    rows = CrossAppointment.objects.visible_to(user).in_force().with_rows()
    into = defaultdict(list)
    for row in rows.filter(organisation__area__path__startswith=committee.area.path).order_by("pk"):
        direction = CrossDirection(row.direction)
        into[direction, row.organisation_id if direction == CrossDirection.INTO_PARTY else row.unit_id].append(row)
    own = into[CrossDirection.INTO_PARTY, committee.pk]
    result = [Seats(committee, own)]
    for body in bodies_of(committee, user):
        heads = [row for row in own if row.unit_id == body.pk]
        found = Seats(body, into[CrossDirection.INTO_BODY, body.pk], heads=heads)
        if body.kind == UnitKind.OWNERS_COMMITTEE and body.estate_id is None:
            found.missing = _("it names no estate, so it can act nowhere")
        elif body.kind == UnitKind.OWNERS_COMMITTEE and not found.seats:
            found.missing = _("no party member sits in it")
        if body.kind == UnitKind.PROPERTY_COMPANY and not heads:
            found.missing = _("its head does not sit on the party committee")
        result.append(found)
    return result


def posts_running_out(user):
    """Return the posts in force below this person's organisations whose term ends soon, the first to end first."""
    rows = PartyMembership.objects.visible_to(user).running_out(SOON_DAYS).exclude(post=PartyPost.MEMBER)
    return rows.with_rows().order_by("valid_to", "pk")
