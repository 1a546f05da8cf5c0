"""Imports of assemblies and of the seats in them."""

from functools import partial

from django.utils.translation import gettext_lazy

from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, Estate, OrgUnit, User, Venue
from property.models import Assembly, PartyOrganisation, Seat

importer(
    model_importer(
        Assembly,
        by=("code",),
        fields=(
            "code", "name", "chair", "area", "estate", "rule", "nth", "weekday", "month_day", "holiday_move", "starts",
            "minutes", "venue", "collect_days", "notice_days", "quorum_numerator", "quorum_denominator",
            "quorum_more_than", "quorum_minimum", "valid_from", "is_active",
        ),
        foreign={
            "chair": partial(ByKey, PartyOrganisation), "area": partial(ByKey, Area), "estate": partial(ByKey, Estate),
            "venue": partial(ByKey, Venue),
        },
    )
)  # fmt: skip
importer(
    model_importer(
        Seat,
        by=("assembly", "position"),
        fields=("assembly", "position", "role", "title", "unit", "person", "name", "valid_from", "valid_to"),
        foreign={
            "assembly": partial(ByKey, Assembly), "unit": partial(ByKey, OrgUnit),
            "person": partial(ByKey, User, "username"),
        },
        helps={"person": gettext_lazy("user name")},
        part_of=("assembly", "seats"),
        model="property.assembly",
    )
)  # fmt: skip
