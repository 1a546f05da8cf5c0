"""Imports of device profiles with their statuses and metrics: they write into drafts, begun where there is none.

The version in force is never changed by a sheet; a new profile is a draft until it is published.
"""

from collections.abc import Mapping
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import CaseCategory, FilingStandard, Scene
from cases.standard_importer import SCHEME_COLUMNS, in_scheme, scheme_of
from devices.models import DeviceProfile, ProfileMetric, ProfileState, ProfileStatus
from devices.profile_content import METRIC, PROFILE, STATUS
from devices.profiles import draft_of
from governance.exchange.importers import Column, importer
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey


class InWork(ByKey):
    """A profile by its code: its draft, or the version in force. Not kept: a line above may have begun the draft."""

    def __init__(self):
        super().__init__(DeviceProfile)

    def clean(self, value, row=None, **kwargs):
        found = DeviceProfile.objects.in_work().filter(code=value).first()
        if found is None:
            told = _("There is no %(kind)s “%(key)s”.")
            raise ValueError(told % {"kind": DeviceProfile._meta.verbose_name, "key": value})
        return found


class ProfileImporter(ModelImporter):
    """Profiles; what changes goes into the draft."""

    def stored(self, key):
        return DeviceProfile.objects.in_work().filter(**key).first()

    def locked(self, stored):
        """Return a draft locked; a version in force as it is, for the draft made of it is what changes."""
        return super().locked(stored) if stored.is_draft else stored

    def new(self, values):
        return DeviceProfile(state=ProfileState.DRAFT)

    def _save(self, obj, changed):
        if not obj.is_draft:
            draft = draft_of(obj, actor=self.actor)
            for name in changed:
                setattr(draft, name, getattr(obj, name))
            obj = draft
        super()._save(obj, changed)

    def beside_of(self, obj):
        """Return the cells that say which category a stored profile has."""
        return scheme_of(obj.category)


class PartImporter(ModelImporter):
    """Statuses or metrics; what changes goes into the draft of their profile."""

    def _save(self, obj, changed):
        if not obj.profile.is_draft:
            draft = draft_of(obj.profile, actor=self.actor)
            if obj.pk is None:
                obj.profile = draft
            else:
                word = self.by[1]
                copy = self.row_model.objects.get(profile=draft, **{word: getattr(obj, word)})
                for name in changed:
                    setattr(copy, name, getattr(obj, name))
                obj = copy
        super()._save(obj, changed)


class StatusImporter(PartImporter):
    """Statuses with their filing standards."""

    def beside_of(self, obj):
        """Return the cells that say which standard a stored status has."""
        if obj.standard is None:
            return {}
        category = obj.standard.category
        return {"category": category.code} | scheme_of(category)


def of_standard(row: Mapping) -> dict:
    """Return how a filing standard is narrowed by the columns of its category and scheme."""
    category = {"category__code": row["category"]} if row["category"] else {}
    return category | in_scheme(row, "category__")


def parts_in_work(rows):
    """Narrow statuses or metrics to those of the versions in work."""
    return rows.filter(profile__in=DeviceProfile.objects.in_work().order_by())


# Statuses and metrics have no list of their own: the list of profiles offers their imports.
OF_PROFILES = {"model": "devices.deviceprofile", "whole_city": True, "filled_only": staticmethod(parts_in_work)}

importer(
    model_importer(
        DeviceProfile,
        base=ProfileImporter,
        by=("code",),
        fields=("code", *PROFILE),
        foreign={
            "category": partial(ByKey, CaseCategory, within=in_scheme),
            "scene": partial(ByKey, Scene),
            "chatter_category": partial(ByKey, CaseCategory, within=in_scheme),
        },
        beside=SCHEME_COLUMNS,
        whole_city=True,
        filled_only=staticmethod(lambda rows: rows.in_work()),
    )
)
importer(
    model_importer(
        ProfileStatus,
        base=StatusImporter,
        by=("profile", "code"),
        fields=("profile", *STATUS),
        foreign={"profile": InWork, "standard": partial(ByKey, FilingStandard, "condition_code", within=of_standard)},
        helps={"standard": gettext_lazy("by its condition code")},
        beside=(
            Column("category", gettext_lazy("case category"), help=gettext_lazy("That of the standard, by its code.")),
            *SCHEME_COLUMNS,
        ),
        read_with=("standard__category",),
        part_of=("profile", "statuses"),
        **OF_PROFILES,
    )
)
importer(
    model_importer(
        ProfileMetric,
        base=PartImporter,
        by=("profile", "metric"),
        fields=("profile", *METRIC),
        foreign={"profile": InWork},
        part_of=("profile", "metrics"),
        **OF_PROFILES,
    )
)
