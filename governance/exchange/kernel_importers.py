"""Imports of the kernel's own configuration: units, people, appointments, areas, calendar exceptions."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from governance.exchange.importers import importer
from governance.exchange.model_importer import ModelImporter, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Appointment, Area, CalendarDay, Estate, NoticeTemplate, OrgUnit, User, Venue

AREA, UNIT, PERSON = partial(ByKey, Area), partial(ByKey, OrgUnit), partial(ByKey, User, "username")


class PersonImporter(ModelImporter):
    """People who work here: accounts without a password, which an administrator sets one by one."""

    unseen = ("phone",)  # the list masks it

    def new(self, values):
        person = User(is_staff=True)
        person.set_unusable_password()
        return person


importer(
    model_importer(
        OrgUnit,
        by=("code",),
        fields=("code", "name", "short_name", "kind", "area", "estate", "parent", "phone", "is_active"),
        foreign={"area": AREA, "estate": partial(ByKey, Estate), "parent": UNIT},
    )
)
importer(
    model_importer(
        User,
        by=("username",),
        fields=("username", "name", "phone", "is_staff", "is_active"),
        base=PersonImporter,
    )
)
importer(
    model_importer(
        Appointment,
        by=("user", "unit", "role", "area", "valid_from"),
        fields=("user", "unit", "role", "area", "valid_from", "valid_to"),
        foreign={"user": PERSON, "unit": UNIT, "area": AREA},
        helps={"user": _("user name")},
    )
)
importer(
    model_importer(Area, by=("code",), fields=("code", "kind", "name", "parent", "is_active"), foreign={"parent": AREA})
)
importer(
    model_importer(
        CalendarDay,
        by=("area", "date"),
        fields=("area", "date", "is_workday", "reason"),
        foreign={"area": AREA},
    )
)
importer(
    model_importer(
        Venue,
        by=("code",),
        fields=("code", "name", "area", "unit", "address", "capacity", "open_on_holidays", "is_active"),
        foreign={"area": AREA, "unit": UNIT},
    )
)
importer(
    model_importer(
        NoticeTemplate, by=("key", "language"), fields=("key", "language", "context", "title", "body"), foreign={}
    )
)
