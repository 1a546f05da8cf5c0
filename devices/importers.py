"""Imports of devices and gateways, and of the profiles of devices with their statuses and metrics."""

from collections.abc import Mapping
from functools import partial

from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory, FilingStandard
from cases.standard_importer import SCHEME_COLUMNS, in_scheme, scheme_of
from devices.models import Device, DeviceProfile, Gateway, ProfileMetric, ProfileStatus
from governance.exchange.importers import Column, importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, OrgUnit

PROFILE = partial(ByKey, DeviceProfile)
# Statuses and metrics have no list of their own: the list of profiles offers their imports.
OF_PROFILES = {"model": "devices.deviceprofile", "whole_city": True}


def of_standard(row: Mapping) -> dict:
    """Return how a filing standard is narrowed by the columns of its category and scheme."""
    category = {"category__code": row["category"]} if row["category"] else {}
    return category | in_scheme(row, "category__")


def beside_profile(_importer, profile: DeviceProfile) -> dict:
    """Return the cells that say which category a stored profile has."""
    return scheme_of(profile.category)


def beside_status(_importer, status: ProfileStatus) -> dict:
    """Return the cells that say which standard a stored status has."""
    if status.standard is None:
        return {}
    category = status.standard.category
    return {"category": category.code} | scheme_of(category)


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
importer(
    model_importer(
        DeviceProfile,
        by=("code",),
        fields=("code", "name", "reporting_interval", "category", "case_source"),
        foreign={"category": partial(ByKey, CaseCategory, within=in_scheme)},
        beside=SCHEME_COLUMNS,
        beside_of=beside_profile,
        whole_city=True,
    )
)
importer(
    model_importer(
        ProfileStatus,
        by=("profile", "code"),
        fields=("profile", "code", "label", "severity", "standard", "opens_case"),
        foreign={"profile": PROFILE, "standard": partial(ByKey, FilingStandard, "condition_code", within=of_standard)},
        helps={"standard": _("by its condition code")},
        beside=(Column("category", _("case category"), help=_("That of the standard, by its code.")), *SCHEME_COLUMNS),
        beside_of=beside_status,
        read_with=("standard__category",),
        part_of=("profile", "statuses"),
        **OF_PROFILES,
    )
)
importer(
    model_importer(
        ProfileMetric,
        by=("profile", "metric"),
        fields=("profile", "metric", "label", "unit", "high", "low", "clear", "alarm"),
        foreign={"profile": PROFILE},
        part_of=("profile", "metrics"),
        **OF_PROFILES,
    )
)
