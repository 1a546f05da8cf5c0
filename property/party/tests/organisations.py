"""A party organisation of each level in the small estate, for tests."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from cases.tests.pages import photo
from governance.models import Building, Estate, User
from governance.photos import Upload, inspect_upload
from property.models import CrossAppointment, PartyOrganisation
from property.tests.neighbourhood import Neighbourhood


@dataclass
class Party:
    """``by_level``: the committee of ``community``, the branch of the estate, the group of building 1, the household
    of its first flat. ``people``: four party members without a post or an organisation yet.
    """

    place: Neighbourhood
    by_level: dict[str, PartyOrganisation] = field(default_factory=dict)
    people: list[User] = field(default_factory=list)

    def free(self, level: str, parent: PartyOrganisation | None) -> PartyOrganisation:
        """Return an unsaved organisation of this level whose place nobody serves yet."""
        made = PartyOrganisation(code=f"free-{level}", name="新组织", level=level, parent=parent)
        made.area = self.place.city.area("community")
        if level == "branch":
            made.estate = Estate.objects.create(code="GY2", name="桂园二期", area=made.area)
        elif level == "group":
            made.building = Building.objects.create(estate=self.place.estate, number="3", area=made.area)
        elif level == "household":
            made.dwelling = self.place.dwellings[1]
        return made


def build_organisations(place: Neighbourhood) -> Party:
    """Add one organisation of each level to the estate."""
    made = Party(place)
    places = {"committee": {}, "branch": {"estate": place.estate}, "group": {"building": place.buildings[0]},
              "household": {"dwelling": place.dwellings[0]}}  # fmt: skip
    above = None
    for level, given in places.items():
        one = PartyOrganisation(code=level, name=f"{level}组织", level=level, parent=above, **given)
        if level == "committee":
            one.area = place.city.area("community")
        one.full_clean()
        one.save()
        made.by_level[level] = above = one
    made.people = User.objects.bulk_create(User(username=f"comrade{n}", name=f"党员{n}") for n in range(1, 5))
    return made


def a_photo() -> Upload:
    """Return a judged upload."""
    return inspect_upload(photo(), max_bytes=1_000_000)


def a_seat(party: Party, *, into_party: bool = False) -> CrossAppointment:
    """Return an unsaved cross-appointment of a year: a member into the owners' committee, or the company's head into
    the party committee."""
    today, city = timezone.localdate(), party.place.city
    given = {
        "direction": "into_party" if into_party else "into_body",
        "organisation": party.by_level["committee" if into_party else "branch"],
        "unit": city.units["company" if into_party else "owners"],
        "person": city.user("property_manager") if into_party else party.people[0],
        "seat": "兼职委员" if into_party else "业委会副主任",
        "held_post": "物业项目经理" if into_party else "支部委员",
        "procedure": "party_election" if into_party else "owners_election",
    }
    return CrossAppointment(
        decided_on=today, document_number="柳党发〔2026〕3号", valid_from=today, valid_to=today + timedelta(days=365),
        **given,
    )  # fmt: skip
