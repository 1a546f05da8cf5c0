"""Spreadsheets of needs: each line registers one that was collected elsewhere; and of their categories and limits."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, moment, phone, text, whole_number
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.list_cells import Words
from governance.exchange.model_importer import Listed, model_importer
from governance.models import Area, Building, Estate
from partners.models import Need, NeedCategory, NeedGroup, NeedLimit, NeedSource, NeedUrgency
from partners.needs.registering import Raiser, need_register


@importer
class NeedImporter(LineByLine):
    """Needs collected elsewhere. A line that was registered before (same title, place and time) is left as it is."""

    key = "partners.needs"
    label = gettext_lazy("Needs")
    permission = "partners.add_need"
    model = "partners.need"
    most_lines = 2_000
    columns = (
        Column("title", gettext_lazy("need"), required=True),
        Column("description", gettext_lazy("more about it")),
        Column("category", gettext_lazy("need category"), help=gettext_lazy("Code or name; empty: by the words.")),
        Column("area", gettext_lazy("area"), required=True, help=gettext_lazy("Code of a community or a grid.")),
        Column("estate", gettext_lazy("estate"), help=gettext_lazy("Code of the estate.")),
        Column("building", gettext_lazy("building"), help=gettext_lazy("Number of the building in the estate.")),
        Column("source", gettext_lazy("where it comes from"), required=True, help=Listed(NeedSource.choices)),
        Column("raised_at", gettext_lazy("raised on"), required=True, help="2026-01-31 14:30"),
        Column("group", gettext_lazy("for whom"), help=Listed(NeedGroup.choices)),
        Column("people", gettext_lazy("for how many people")),
        Column("urgency", gettext_lazy("urgency"), help=Listed(NeedUrgency.choices)),
        Column("name", gettext_lazy("name"), help=gettext_lazy("of who raised it; may stay empty")),
        Column("phone", gettext_lazy("phone")),
    )

    def prepare(self, actor):
        self.actor = actor
        self.seen = set(Need.objects.of_staff(actor).values_list("area_id", "title", "raised_at"))

    def read(self, row):
        given = self._read(row)
        key = (given["area"].pk, given["title"], given["occurred_at"])
        if key in self.seen:
            return Planned(key, "same", title=given["title"])
        self.seen.add(key)
        self.carried_out(need_register, **given, names={"occurred_at": "raised_at"})
        return Planned(key, "add", title=given["title"])

    def _read(self, row) -> dict:
        estate = _one(row, "estate", Estate.objects.filter(is_active=True))
        name, number = text(row, "name", 60), phone(row, "phone")
        return {
            "title": text(row, "title", 80), "description": text(row, "description", 2000),
            "category": self._category(row), "area": _one(row, "area", Area.objects.filter(is_active=True)),
            "estate": estate, "building": self._building(row, estate), "source": choice(row, "source", NeedSource),
            "occurred_at": moment(row, "raised_at"), "group": choice(row, "group", NeedGroup, NeedGroup.EVERYBODY),
            "people": whole_number(row, "people", 1, 100_000),
            "urgency": choice(row, "urgency", NeedUrgency, NeedUrgency.NORMAL),
            "raisers": [Raiser(name=name, phone=number)] if name or number else [],
        }  # fmt: skip

    def _category(self, row) -> NeedCategory | None:
        said = row["category"]
        if not said:
            return None
        rows = NeedCategory.objects.filter(is_active=True)
        found = rows.filter(code=said).first() or rows.filter(name=said).first()
        if found is None:
            raise RowError("category", _("There is no “%(code)s”.") % {"code": said})
        return found

    def _building(self, row, estate: Estate | None) -> Building | None:
        if not row["building"]:
            return None
        if estate is None:
            raise RowError("estate", _("Say of which estate the building is."))
        return _one(row, "building", Building.objects.filter(estate=estate), "number")


def _one(row, field: str, rows, column: str = "code"):
    if not row[field]:
        return None
    found = rows.filter(**{column: row[field]}).first()
    if found is None:
        raise RowError(field, _("There is no “%(code)s”.") % {"code": row[field]})
    return found


importer(
    model_importer(
        NeedCategory,
        by=("code",),
        fields=("code", "name", "words", "is_active"),
        foreign={"words": Words},
        helps={"words": gettext_lazy("words with 、 between them")},
    )  # fmt: skip
)
importer(model_importer(NeedLimit, by=("valid_from",), fields=("valid_from", "verify_days", "call_back_days")))
