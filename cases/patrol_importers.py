"""Imports of patrol routes, their points and the plans that make rounds."""

from functools import partial

from django.utils.translation import gettext_lazy

from cases.models import PatrolPlan, PatrolPoint, PatrolRoute
from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey, Weekdays
from governance.models import Area, OrgUnit, User

ROUTE = partial(ByKey, PatrolRoute)

importer(
    model_importer(
        PatrolRoute,
        by=("code",),
        fields=("code", "name", "area", "unit", "role", "is_active"),
        foreign={"area": partial(ByKey, Area), "unit": partial(ByKey, OrgUnit)},
    )
)
importer(
    model_importer(
        PatrolPoint,
        by=("route", "position"),
        fields=("route", "position", "name", "longitude", "latitude", "radius", "note", "is_active"),
        foreign={"route": ROUTE},
        helps=dict.fromkeys(("longitude", "latitude"), gettext_lazy("WGS-84 degrees")),
        part_of=("route", "points"),
        model="cases.patrolroute",
    )
)
importer(
    model_importer(
        PatrolPlan,
        by=("code",),
        fields=(
            "code", "route", "rule", "weekdays", "month_day", "starts", "ends", "worker", "valid_from", "valid_to",
        ),
        foreign={"route": ROUTE, "weekdays": Weekdays, "worker": partial(ByKey, User, "username")},
        helps={"weekdays": gettext_lazy("such as 周一、周三, or 周一至周五"), "worker": gettext_lazy("user name")},
        fixed=("route",),
    )
)  # fmt: skip
