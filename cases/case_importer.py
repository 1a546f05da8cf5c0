"""Import of cases: what a hotline, another system or a list on paper has taken in becomes reported cases here.

Each line carries the reference the other side has for it. A reference that was imported before is that case, which goes
its own way here: it is left as it is. So a file can be brought again, longer than before, without a second case.
"""

from collections import defaultdict

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.evidence import register_origin
from cases.models import Case, CaseCategory, CaseReporter, CaseSource
from cases.places import area_of_place
from cases.services import REPORTS, SOURCES, case_report
from cases.standard_importer import SCHEME_COLUMNS
from governance.errors import Invalid, Refused
from governance.exchange.cells import choice, moment, phone, point, text
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.exchange.line_by_line import blamed
from governance.models import Area, Role
from governance.scoping import grant_for

ORIGIN = "import"
LONGEST_NAME = 60
AT_ONCE = 1000  # references looked up in one statement

register_origin(ORIGIN, gettext_lazy("Imported as"))


@importer
class CaseImporter(Importer):
    """Reported cases. People keep to the areas they work in and to the sources they may state.

    Lines are judged first and reported at the end, so that looking at what a file would do costs no numbers and holds
    up nobody who reports at the same time.
    """

    key = "cases.case"
    label = gettext_lazy("cases")
    permission = "cases.add_case"
    most_lines = 5_000
    columns = (
        Column("reference", gettext_lazy("reference"), required=True,
               help=gettext_lazy("What the other side calls it: a number of the hotline, of the list ...")),
        Column("source", gettext_lazy("source"), required=True,
               help=gettext_lazy("such as hotline, resident, department")),
        Column("description", gettext_lazy("description"), required=True),
        Column("category", gettext_lazy("category"), help=gettext_lazy("Code of the category.")),
        *SCHEME_COLUMNS,
        Column("area", gettext_lazy("area"), help=gettext_lazy("Code of the area; or coordinates, or both.")),
        Column("longitude", gettext_lazy("longitude")),
        Column("latitude", gettext_lazy("latitude")),
        Column("coordinate_system", gettext_lazy("coordinate system"),
               help=gettext_lazy("wgs84 (default), cgcs2000, gcj02 or bd09.")),
        Column("address", gettext_lazy("address")),
        Column("reporter_name", gettext_lazy("reporter's name")),
        Column("reporter_phone", gettext_lazy("reporter's phone")),
        Column("reported_at", gettext_lazy("reported at"), help=gettext_lazy("2026-11-23 08:30; now when empty")),
    )  # fmt: skip
    options = (
        Column("system", gettext_lazy("comes from"),
               help=gettext_lazy("The system or list whose references these are, such as 12345. Two of them may use "
                                 "the same reference for different cases.")),
    )  # fmt: skip

    def prepare(self, actor):
        if len(self.given["system"]) > LONGEST_NAME:
            raise Invalid(_("The name is too long."), field="system")
        self.now = timezone.now()
        self.known = 0
        self.areas: dict[str, Area] = {}
        self.categories = defaultdict(list)
        for category in CaseCategory.objects.filter(is_active=True):
            self.categories[category.code].append(category)

    def foresee(self, rows):
        """Find the cases that were imported before, a thousand references in a statement."""
        self.stored: dict[str, Case] = {}
        references = [row["reference"] for row in rows]
        for start in range(0, len(references), AT_ONCE):
            asked = [self._origin(reference) for reference in references[start : start + AT_ONCE]]
            found = Case.objects.filter(origin__import__in=asked).select_related("area").defer("area__boundary")
            self.stored |= {case.origin[ORIGIN]["ref"]: case for case in found}

    def _origin(self, reference: str) -> dict:
        return {"ref": reference, "system": self.given["system"]}

    def read(self, row):
        reference = text(row, "reference", LONGEST_NAME)
        title = f"{reference} {row['description'][:60]}"
        if reference in self.stored:
            return self._stored(self.stored[reference], title)
        source = choice(row, "source", CaseSource)
        place = point(row)
        area = self._area(row, place)
        self._check_may(Case(area=area, source=source))
        values = place | {
            "source": source,
            "description": text(row, "description", 4000),
            "category": self._category(row),
            "area": area,
            "address": text(row, "address", 200),
            "reporter_name": text(row, "reporter_name", CaseReporter._meta.get_field("name").max_length),
            "reporter_phone": phone(row, "reporter_phone"),
            "occurred_at": self._moment(row),
            "origin": {ORIGIN: self._origin(reference)},
        }
        return Planned((reference,), "add", values, title)

    def _stored(self, case: Case, title: str) -> Planned:
        """A case that was imported before stays; its area must be one the person reports in."""
        if self._grant(case, set(CaseSource.values)) is None:
            raise RowError("reference", _("This reference belongs to a case outside your area."))
        self.known += 1
        return Planned((case.origin[ORIGIN]["ref"],), "same", title=f"{title} → {case.number}")

    def _area(self, row, place: dict) -> Area:
        code, somewhere = row["area"], place["longitude"] is not None
        if not code and not somewhere:
            raise RowError("area", _("Give an area or coordinates."))
        if code in self.areas and not somewhere:
            return self.areas[code]
        try:
            found = area_of_place(code or None, place["longitude"], place["latitude"])
        except Refused as refusal:
            raise blamed(self, refusal, {}) from refusal
        if not somewhere:
            self.areas[code] = found
        return found

    def _check_may(self, case: Case) -> None:
        """Raise RowError unless a post of the actor covers the place and may state the source.

        Everybody is a resident too and reports as such anywhere, but not by the list.
        """
        if self._grant(case, {case.source}) is not None:
            return
        if self._grant(case, set(CaseSource.values)) is not None:
            raise RowError("source", _("You cannot report from this source."))
        raise RowError("area", _("You may not report cases in this area."))

    def _grant(self, case: Case, sources: set[str]):
        rule = {role: there for role, there in REPORTS.items() if role != Role.RESIDENT and sources & SOURCES[role]}
        return grant_for(rule, case, self.actor)

    def _category(self, row) -> CaseCategory | None:
        code, said = row["category"], {name: row[name] for name in ("scheme", "scheme_version") if row[name]}
        if not code:
            return None
        found = [one for one in self.categories[code] if all(getattr(one, name) == said[name] for name in said)]
        if len(found) > 1:
            raise RowError("scheme", _("Several schemes have this code: say which."))
        if not found:
            raise RowError("category", _("There is no such category in use."))
        return found[0]

    def _moment(self, row):
        at = moment(row, "reported_at")
        if at is not None and at > self.now:
            raise RowError("reported_at", _("This time has not come yet."))
        return at

    def save(self, planned):
        for row in planned:
            case_report(actor=self.actor, **row.values)

    def notes(self):
        if not self.known:
            return ()
        return [_("%(count)s references were imported before; their cases stay as they are.") % {"count": self.known}]
