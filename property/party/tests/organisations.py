"""A party organisation of each level in the small estate, for tests."""

from dataclasses import dataclass, field

from governance.models import Building, Estate, User
from property.models import PartyOrganisation
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
