"""Imports of devices and gateways; those of their profiles are in ``devices.profile_importers``."""

from functools import partial

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.models import CaseCategory
from cases.standard_importer import SCHEME_COLUMNS, in_scheme, scheme_of
from devices.models import CollectionRound, Device, DeviceProfile, Gateway, ProfileState, ReadingRetention
from devices.registering import device_begins
from devices.workflow import DeviceState
from governance.exchange.importers import Column, RowError, importer
from governance.exchange.judged_first import JudgedFirst
from governance.exchange.model_importer import EMPTIED, model_importer
from governance.exchange.widgets import ByKey, YesNo
from governance.models import Area, OrgUnit

NOT_IN_PLACE = "not_in_place"
PROFILE = partial(ByKey, DeviceProfile, within=lambda _row: {"state": "in_force"})


class GatewayImporter(JudgedFirst):
    """Gateways with the category of the case that a loss opens.

    That one is lost the sweep writes on its row, which it locks: judged first, as devices are.
    """

    def beside_of(self, obj):
        """Return the cells that say which category a stored gateway has."""
        return scheme_of(obj.category) if obj.category else {}


class DeviceImporter(JudgedFirst):
    """Devices; new ones are in service at once, or registered where the sheet says that they are not in place yet.

    That is the default of the form too: a device that hangs already and that nobody watches would be worse than one
    that is registered too early, which raises nothing before it was heard. Where a stored device stands in its life is
    changed by its steps only. A sheet may be brought again after the installation: its "yes" is then left as it is.

    Ingest, sweeps and timers lock devices and write on them all the time: they are judged first.
    """

    fixed = ("profile",)  # by the page or REST, while the device is registered
    advice = _(
        "An empty cell leaves what is stored; a dash (-) empties it. New devices are in service at once: for those that"
        " are registered ahead of their installation say yes under “Not in place yet”, then claim each on site by its"
        " QR code."
    )
    beside = (
        Column(
            NOT_IN_PLACE, _("Not in place yet"),
            help=_("yes or no; yes: the new device is registered only, and what it reports is not judged, until it is"
                   " claimed on site or put in service. Empty: in service at once."),
        ),
    )  # fmt: skip

    def prepare(self, actor):
        super().prepare(actor)
        self.in_place = 0

    def complete(self, obj, row):
        if not row[NOT_IN_PLACE] or row[NOT_IN_PLACE] in EMPTIED:
            return []
        try:
            waits = YesNo().clean(row[NOT_IN_PLACE])
        except ValueError as error:
            raise RowError(NOT_IN_PLACE, str(error)) from error
        if obj._state.adding:
            device_begins(obj, in_place=not waits)
            return ["state"]
        registered = obj.state == DeviceState.REGISTERED
        if registered and not waits:
            raise RowError(NOT_IN_PLACE, gettext("Claim the device on site, or put it in service on its page."))
        self.in_place += waits and not registered
        return []

    def lock(self, planned):
        """Lock the profiles of new devices, then what changes: publishing a version does it in this order, and moves
        the devices that it finds."""
        new = {row.values["judged"].row.profile_id: row.title for row in planned if row.action == "add"}
        profiles = DeviceProfile.objects.select_for_update(no_key=True).filter(pk__in=new).order_by("pk")
        for pk, state in profiles.values_list("pk", "state"):
            if state != ProfileState.IN_FORCE:
                raise self.changed_meanwhile(new[pk])
        super().lock(planned)

    def notes(self):
        if not self.in_place:
            return ()
        told = gettext(
            "%(count)s devices said not to be in place yet were put in service since; they stay as they are."
        )
        return [told % {"count": self.in_place}]

    def beside_of(self, obj):
        return {NOT_IN_PLACE: obj.state == DeviceState.REGISTERED}


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
        base=DeviceImporter,
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
