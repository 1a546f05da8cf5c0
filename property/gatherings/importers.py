"""Spreadsheets of neighbours' events: each line drafts one; and of skill categories."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Invalid
from governance.exchange.cells import choice, moment, text, whole_number, yes_or_no
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.list_cells import Words
from governance.exchange.model_importer import Listed, model_importer
from governance.models import Area, Estate, OrgUnit, Venue
from property.gatherings.planning import event_plan, reach_check, unit_for
from property.models import CountsBy, EventKind, NeighbourEvent, SkillCategory

MINUTES = 120


@importer
class NeighbourEventImporter(LineByLine):
    """Events of a year's plan as drafts, organised by whoever brings the file: by their unit nearest to the place."""

    key = "property.neighbourevents"
    label = gettext_lazy("Neighbours' events")
    permission = "property.add_neighbourevent"
    model = "property.neighbourevent"
    most_lines = 1_000
    columns = (
        Column("title", gettext_lazy("title"), required=True),
        Column("kind", gettext_lazy("kind"), required=True, help=Listed(EventKind.choices)),
        Column("area", gettext_lazy("area"), required=True, help=gettext_lazy("Code of a community or a grid.")),
        Column("estate", gettext_lazy("estate"), help=gettext_lazy("Code of the estate.")),
        Column("starts_at", gettext_lazy("begins"), required=True, help="2026-01-31 14:30"),
        Column("minutes", gettext_lazy("minutes"), help="120"),
        Column("venue", gettext_lazy("venue"), help=gettext_lazy("by its code")),
        Column("place", gettext_lazy("other place")),
        Column("counts_by", gettext_lazy("places are"), help=Listed(CountsBy.choices)),
        Column("places", gettext_lazy("places"), help=gettext_lazy("0: nobody signs up, everybody may come.")),
        Column("companions_most", gettext_lazy("companions at most")),
        Column("children_count", gettext_lazy("children take a place"), help=gettext_lazy("yes or no")),
        Column("sign_up_until", gettext_lazy("sign-up closes"), help="2026-01-30 18:00"),
        Column("about", gettext_lazy("what it is")),
    )

    def prepare(self, actor):
        self.actor = actor
        self.seen = set(NeighbourEvent.objects.visible_to(actor).values_list("area_id", "title", "starts_at"))

    def read(self, row):
        given = self._read(row)
        key = (given["area"].pk, given["title"], given["starts_at"])
        if key in self.seen:
            return Planned(key, "same", title=given["title"])
        self.carried_out(event_plan, **given, names={"ends_at": "minutes", "estate": "estate"})
        return Planned(key, "add", title=f"{given['title']} {given['starts_at']:%Y-%m-%d}")

    def _read(self, row) -> dict:
        starts_at, minutes = moment(row, "starts_at"), whole_number(row, "minutes", 15, 1440)
        try:
            reach_check(starts_at, timezone.now(), "starts_at")
        except Invalid as error:
            raise RowError(error.field, error.detail) from error
        area = _one(row, "area", Area)
        return {
            "title": text(row, "title", 80), "kind": choice(row, "kind", EventKind), "area": area,
            "estate": _one(row, "estate", Estate), "starts_at": starts_at, "unit": self._unit(area),
            "ends_at": starts_at + timedelta(minutes=minutes or MINUTES), "venue": _one(row, "venue", Venue),
            "place": text(row, "place", 120), "counts_by": choice(row, "counts_by", CountsBy, CountsBy.HEADS),
            "places": whole_number(row, "places", 0, 10_000) or 0,
            "companions_most": whole_number(row, "companions_most", 0, 20) or 0,
            "children_count": yes_or_no(row, "children_count") if row["children_count"] else True,
            "sign_up_until": moment(row, "sign_up_until"), "about": text(row, "about", 4000),
        }  # fmt: skip

    def _unit(self, area: Area) -> OrgUnit:
        unit = unit_for(self.actor, area)
        if unit is None:
            raise RowError("", _("Only a unit that organises events plans them."))
        return unit


def _one(row, field: str, model):
    if not row[field]:
        return None
    found = model.objects.filter(code=row[field], is_active=True).first()
    if found is None:
        raise RowError(field, _("There is no “%(code)s”.") % {"code": row[field]})
    return found


importer(
    model_importer(
        SkillCategory,
        by=("code",),
        fields=("code", "name", "words", "is_active"),
        foreign={"words": Words},
        helps={"words": gettext_lazy("words with 、 between them")},
    )  # fmt: skip
)
