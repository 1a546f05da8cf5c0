"""Imports of devices and gateways; those of their profiles are in ``devices.profile_importers``."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory
from cases.standard_importer import SCHEME_COLUMNS, in_scheme, scheme_of
from devices.models import CollectionRound, Device, DeviceProfile, Gateway, ReadingRetention
from governance.exchange.importers import importer
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, OrgUnit

PROFILE = partial(ByKey, DeviceProfile, within=lambda _row: {"state": "in_force"})


class GatewayImporter(ModelImporter):
    """Gateways with the category of the case that a loss opens."""

    def beside_of(self, obj):
        """Return the cells that say which category a stored gateway has."""
        return scheme_of(obj.category) if obj.category else {}


importer(
    model_importer(
        Gateway,
        base=GatewayImporter,
        by=("code",),
        fields=("code", "name", "area", "is_active", "category"),
        foreign={"area": partial(ByKey, Area), "category": partial(ByKey, CaseCategory, within=in_scheme)},
        beside=SCHEME_COLUMNS,
    )
)
importer(
    model_importer(
        CollectionRound,
        by=("code",),
        fields=(
            "code",
            "name",
            "unit",
            "area",
            "depot",
            "longitude",
            "latitude",
            "starts_at",
            "days_between",
            "capacity",
            "detour",
            "margin_hours",
            "is_active",
        ),
        foreign={"unit": partial(ByKey, OrgUnit), "area": partial(ByKey, Area)},
        helps={"longitude": _("WGS-84 degrees"), "latitude": _("WGS-84 degrees")},
    )
)
importer(
    model_importer(
        Device,
        by=("code",),
        fields=(
            "code",
            "name",
            "profile",
            "area",
            "address",
            "longitude",
            "latitude",
            "unit",
            "gateway",
        ),
        foreign={
            "profile": PROFILE,
            "area": partial(ByKey, Area),
            "unit": partial(ByKey, OrgUnit),
            "gateway": partial(ByKey, Gateway),
        },
        helps={"longitude": _("WGS-84 degrees"), "latitude": _("WGS-84 degrees")},
    )
)
importer(model_importer(ReadingRetention, by=("starts_on",), fields=("starts_on", "raw_days"), whole_city=True))
