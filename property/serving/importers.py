"""Imports of service lists and the items on a draft, of contracts, and of people cared for."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import FilingStandard
from governance.exchange.importers import importer
from governance.exchange.model_importer import model_importer
from governance.exchange.widgets import ByKey, Weekdays
from governance.models import Dwelling, Estate, OrgUnit, User
from property.models import CareReceiver, PartyOrganisation, PropertyContract, ServiceItem, ServiceList


class ListKey(ByKey):
    """A service list as ``GZY/2``: code of its estate, number of the edition."""

    def __init__(self):
        super().__init__(ServiceList, "edition")

    def clean(self, value, row=None, **kwargs):
        estate, _slash, edition = str(value).partition("/")
        rows = ServiceList.objects.filter(estate__code=estate).select_related("estate__area", "area")
        found = rows.filter(edition=edition).first() if edition.isdecimal() and len(edition) < 6 else None
        if found is None:
            raise ValueError(_("There is no service list “%(key)s”: write estate and edition as GZY/2.")
                             % {"key": value})  # fmt: skip
        return found

    def shown(self, value) -> str:
        """Return the key, as a cell has it."""
        return "" if value is None else f"{value.estate.code}/{value.edition}"


class StandardKey(ByKey):
    """A filing standard as ``E0101/dirty``: code of its category, code of the condition."""

    def __init__(self):
        super().__init__(FilingStandard, "condition_code")

    def clean(self, value, row=None, **kwargs):
        category, _slash, condition = str(value).partition("/")
        rows = FilingStandard.objects.filter(category__code=category, condition_code=condition, is_active=True)
        found = list(rows.select_related("category")[:2])
        if len(found) != 1:
            told = _("There is no one filing standard “%(key)s”: write category and condition as C0101/tilted.")
            raise ValueError(told % {"key": value})
        return found[0]

    def shown(self, value) -> str:
        """Return the key, as a cell has it."""
        return "" if value is None else f"{value.category.code}/{value.condition_code}"


importer(
    model_importer(
        ServiceList,
        by=("estate", "edition"),
        fields=("estate", "edition", "organisation", "company"),
        foreign={
            "estate": partial(ByKey, Estate), "organisation": partial(ByKey, PartyOrganisation),
            "company": partial(ByKey, OrgUnit),
        },
        read_with=("estate__area",),
    )
)  # fmt: skip
importer(
    model_importer(
        ServiceItem,
        by=("service_list", "code"),
        fields=(
            "service_list", "code", "position", "name", "group", "field", "standard", "rule", "weekdays", "month_day",
            "starts", "ends", "performer", "check_method", "needs_photo", "miss_standard",
        ),
        foreign={"service_list": ListKey, "weekdays": Weekdays, "miss_standard": StandardKey},
        helps={
            "service_list": gettext_lazy("Estate and edition such as GZY/2; of a draft."),
            "weekdays": gettext_lazy("such as 周一、周三, or 周一至周五"),
            "miss_standard": gettext_lazy("Category and condition such as C0101/tilted."),
        },
        part_of=("service_list", "items"),
        model="property.servicelist",
        read_with=("service_list__estate__area", "miss_standard__category"),
    )
)  # fmt: skip
importer(
    model_importer(
        PropertyContract,
        by=("number",),
        fields=(
            "number", "estate", "company", "organisation", "selection", "decided_on", "decision", "valid_from",
            "valid_to", "price", "service_list", "repair_standard",
        ),
        foreign={
            "estate": partial(ByKey, Estate), "company": partial(ByKey, OrgUnit),
            "organisation": partial(ByKey, PartyOrganisation), "service_list": ListKey, "repair_standard": StandardKey,
        },
        helps={
            "service_list": gettext_lazy("Estate and edition such as GZY/2."),
            "repair_standard": gettext_lazy("Category and condition such as C0101/tilted."),
        },
        fixed=("estate",),
        read_with=("estate__area", "service_list__estate", "repair_standard__category"),
    )
)  # fmt: skip
importer(
    model_importer(
        CareReceiver,
        by=("code",),
        fields=(
            "code", "name", "phone", "dwelling", "lives_alone", "needs", "every_days", "visitor", "alarm_standard",
            "valid_from", "valid_to",
        ),
        foreign={
            "dwelling": partial(ByKey, Dwelling), "visitor": partial(ByKey, User, "username"),
            "alarm_standard": StandardKey,
        },
        helps={
            "visitor": gettext_lazy("user name"),
            "alarm_standard": gettext_lazy("Category and condition such as C0101/tilted."),
        },
        read_with=("dwelling__area", "alarm_standard__category"),
    )
)  # fmt: skip
