"""Imports of devices and gateways."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from devices.models import Device, DeviceProfile, Gateway
from governance.exchange.importers import importer
from governance.exchange.model_importer import ByKey, model_importer
from governance.models import Area, OrgUnit

importer(
    model_importer(
        Gateway, by=("code",), fields=("code", "name", "area", "is_active"), foreign={"area": partial(ByKey, Area)}
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
            "is_active",
        ),
        foreign={
            "profile": partial(ByKey, DeviceProfile),
            "area": partial(ByKey, Area),
            "unit": partial(ByKey, OrgUnit),
            "gateway": partial(ByKey, Gateway),
        },
        helps={"longitude": _("WGS-84 degrees"), "latitude": _("WGS-84 degrees")},
    )
)
