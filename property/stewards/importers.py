"""Imports of steward teams, their members, and the plans of their shifts."""

from functools import partial

from django.utils.translation import gettext_lazy

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey, Weekdays
from governance.models import Area, Estate, User
from property.models import PartyOrganisation, StewardMember, StewardPlan, StewardTeam
from property.party.importers import BuildingKey

TEAM = partial(ByKey, StewardTeam)

importer(
    model_importer(
        StewardTeam,
        by=("code",),
        fields=("code", "name", "estate", "area", "organisation", "is_active"),
        foreign={
            "estate": partial(ByKey, Estate), "area": partial(ByKey, Area),
            "organisation": partial(ByKey, PartyOrganisation),
        },
        helps={"area": gettext_lazy("Code of an area; of a team without an estate only.")},
        fixed=("estate",),
        read_with=("estate__area", "organisation__area"),
    )
)  # fmt: skip
importer(
    model_importer(
        StewardMember,
        by=("team", "person", "valid_from"),
        fields=("team", "person", "kind", "is_lead", "valid_from", "valid_to"),
        foreign={"team": TEAM, "person": partial(ByKey, User, "username")},
        helps={"person": gettext_lazy("user name")},
        fixed=("kind", "is_lead"),
        read_with=("team__area", "team__estate"),
    )
)
importer(
    model_importer(
        StewardPlan,
        by=("code",),
        fields=(
            "code", "team", "name", "weekdays", "day", "starts", "ends", "building", "place", "wanted", "valid_from",
            "valid_to",
        ),
        foreign={"team": TEAM, "weekdays": Weekdays, "building": BuildingKey},
        helps={
            "weekdays": gettext_lazy("such as 周一、周三, or 周一至周五"),
            "building": gettext_lazy("Estate and number such as GZY/3."),
        },
        fixed=("team",),
        read_with=("team__area", "team__estate", "building__estate"),
    )
)  # fmt: skip
