"""Imports of party organisations, the dwellings that centre households look after, and members."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, Building, Dwelling, Estate, User
from property.models import HouseholdCare, PartyMembership, PartyOrganisation

ORGANISATION = partial(ByKey, PartyOrganisation)


class BuildingKey(ByKey):
    """A building as ``GZY/3``: code of its estate, number on its wall."""

    def __init__(self):
        super().__init__(Building, "number")

    def clean(self, value, row=None, **kwargs):
        estate, _slash, number = str(value).partition("/")
        found = Building.objects.filter(estate__code=estate, number=number).first()
        if found is None:
            raise ValueError(_("There is no building “%(key)s”: write estate and number as GZY/3.") % {"key": value})
        return found

    def shown(self, value) -> str:
        """Return the key, as a cell has it."""
        return "" if value is None else f"{value.estate.code}/{value.number}"


importer(
    model_importer(
        PartyOrganisation,
        by=("code",),
        fields=("code", "name", "level", "parent", "area", "estate", "building", "dwelling", "is_active"),
        foreign={
            "parent": ORGANISATION, "area": partial(ByKey, Area), "estate": partial(ByKey, Estate),
            "building": BuildingKey, "dwelling": partial(ByKey, Dwelling),
        },
        helps={
            "area": gettext_lazy("Code of a community; of a committee only."),
            "estate": gettext_lazy("Code of the estate; of a branch only."),
            "building": gettext_lazy("Estate and number such as GZY/3; of a group only."),
            "dwelling": gettext_lazy("Code of the dwelling; of a centre household only."),
        },
        fixed=("level",),
        read_with=("building__estate",),
    )
)  # fmt: skip
importer(
    model_importer(
        HouseholdCare,
        by=("dwelling",),
        fields=("dwelling", "household"),
        foreign={"dwelling": partial(ByKey, Dwelling), "household": ORGANISATION},
        part_of=("household", "dwellings looked after"),
        model="property.partyorganisation",
        read_with=("household__dwelling", "household__area"),
    )
)
importer(
    model_importer(
        PartyMembership,
        by=("organisation", "person", "valid_from"),
        fields=("organisation", "person", "post", "is_full", "valid_from", "valid_to"),
        foreign={"organisation": ORGANISATION, "person": partial(ByKey, User, "username")},
        helps={"person": gettext_lazy("user name")},
        fixed=("post",),
        read_with=("organisation__area",),
    )
)
