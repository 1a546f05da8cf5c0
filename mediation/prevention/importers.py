"""Spreadsheets of signals: by our own columns, or by the saved mapping of a source (any columns at all)."""

from collections.abc import Sequence
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Invalid, Refused
from governance.exchange.cells import choice
from governance.exchange.importers import Column, Importer, Planned, RowError, importer
from governance.exchange.model_importer import Listed, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area
from mediation.models import SignalChannel, SignalSource
from mediation.prevention.drafts import Draft, Reader
from mediation.prevention.file_columns import column_of, columns_check
from mediation.prevention.mapping import FIELDS
from mediation.prevention.taking import DUPLICATE, REPEATED, UNPLACED, WITHIN, Taking

# Fields of which an error shows what the line says: no words of a person, nor who it was.
SHOWN = ("type", "area", "event_date", "received_at", "coordinate_system", "longitude", "latitude")


def sources_of(user) -> QuerySet[SignalSource]:
    """Return the sources in use whose files a person may bring."""
    return SignalSource.objects.visible_to(user).filter(is_active=True).select_related("area").order_by("name", "code")


def source_called(text: str, user) -> SignalSource:
    """Return the source in use with this code, or with this name where only one has it. Raises Invalid naming
    ``source``, which tells what sources there are."""
    rows = list(sources_of(user))
    found = [row for row in rows if row.code == text] or [row for row in rows if row.name == text]
    if len(found) == 1:
        return found[0]
    told = {"sources": "、".join(f"{row.name} ({row.code})" for row in found or rows) or "—"}
    if found:
        raise Invalid(_("Several sources have this name; give the code: %(sources)s.") % told, field="source",
                      code="ambiguous")  # fmt: skip
    raise Invalid(_("There is no such source in use. In use: %(sources)s.") % told, field="source",
                  code="does_not_exist")  # fmt: skip


@importer
class SignalImporter(Importer):
    """Records of the hotline, of petitions or of public opinion. A line that a source brought before is left as it is;
    one that repeats an event of the last 30 days is stored beside it and not counted again."""

    key = "mediation.signals"
    label = gettext_lazy("Signals")
    permission = "mediation.add_signal"
    columns = (
        Column("received_at", gettext_lazy("received at"), required=True, help="2026-01-31 14:30"),
        Column("event_date", gettext_lazy("day of the event"), help="2026-01-31"),
        Column("channel", gettext_lazy("channel"), required=True, help=Listed(SignalChannel.choices)),
        Column("area", gettext_lazy("area"), required=True, help=gettext_lazy("Code, or name.")),
        Column("place", gettext_lazy("place in words")),
        Column("longitude", gettext_lazy("longitude")),
        Column("latitude", gettext_lazy("latitude")),
        Column("coordinate_system", gettext_lazy("coordinate system"), help="wgs84 / gcj02 / bd09"),
        Column("type", gettext_lazy("dispute type"), help=gettext_lazy("Code or name; empty: by the words.")),
        Column("complainant", gettext_lazy("complainant"),
               help=gettext_lazy("Phone, account or name: kept as a hash only, to count one person once.")),
        Column("text", gettext_lazy("what the record says")),
    )  # fmt: skip
    options = (
        Column(
            "source",
            gettext_lazy("source of signals"),
            help=gettext_lazy(
                "Whose file it is: it is read by the saved mapping of this source, whose page tells the columns. "
                "Empty: by our own columns."
            ),
        ),
    )
    advice = gettext_lazy("One line for each record. Who complained is stored as a hash, never as it stands here.")

    def __init__(self, options=None):
        super().__init__(options)
        self.source, self.of_columns = None, []
        if self.given["source"]:
            self.columns, self.other_columns = (), True

    @classmethod
    def option_choices(cls, name, user):
        rows = [(row.code, f"{row.name} ({row.code})") for row in sources_of(user)]
        return [("", _("none: a file with our own columns")), *rows]

    def columns_hint(self):
        if self.given["source"]:
            return ""
        return _("If it is a file of the hotline or of another system, choose its source: it is read by its mapping.")

    def prepare(self, actor):
        if self.given["source"]:
            self.source = source_called(self.given["source"], actor)
        self.reader, self.taking, self.drafts, self.lines = Reader(self.source), Taking(actor, self.source), {}, 0

    def foresee(self, rows: Sequence[dict[str, str]]):
        """Raises Invalid for a file whose columns are not those of its source."""
        if self.source is not None:
            self.of_columns = columns_check(self.source, self.reader.rules, rows)
        for row in rows:
            try:
                self.drafts[id(row)] = self._draft(row)
            except RowError as error:
                self.drafts[id(row)] = error
        self.taking.foresee([draft for draft in self.drafts.values() if isinstance(draft, Draft)])

    def _draft(self, row: dict[str, str]) -> Draft:
        channel = "" if self.source else choice(row, "channel", SignalChannel)
        try:
            return self.reader.read(row, channel)
        except Refused as refusal:
            raise self._blamed(refusal, row) from refusal

    def read(self, row):
        self.lines += 1
        draft = self.drafts[id(row)]
        if isinstance(draft, RowError):
            raise draft
        try:
            judged = self.taking.judge(draft)
        except Refused as refusal:
            raise self._blamed(refusal, row) from refusal
        title = f"{draft.event_date} {judged.signal.area if judged.status != REPEATED else draft.external_id}"
        return Planned((self.lines,), "same" if judged.status == REPEATED else "add", {"judged": judged}, title)

    def _blamed(self, refusal: Refused, row: dict[str, str]) -> RowError:
        """Return the error of a line, at its column: ours, or the one from which the mapping reads the field."""
        if self.source is None:
            known = {column.name for column in self.columns}
            return RowError(refusal.field if refusal.field in known else "", str(refusal.detail))
        if refusal.field not in FIELDS:
            return RowError("", f"{refusal.field}: {refusal.detail}" if refusal.field else str(refusal.detail))
        column = column_of(self.reader.rules, refusal.field)
        value = row.get(column, "") if refusal.field in SHOWN else ""
        label = f"{FIELDS[refusal.field]} “{value[:40]}”" if value else FIELDS[refusal.field]
        return RowError(column, _("%(field)s: %(why)s") % {"field": label, "why": refusal.detail})

    def save(self, planned):
        self.taking.store([row.values["judged"] for row in planned])

    def notes(self):
        """A check tells what repeats within the file alone: it stores nothing and may be asked at will, so that with
        what is stored it would tell whether somebody has complained."""
        told = list(self.of_columns)
        if count := self.taking.counts[WITHIN]:
            told.append(_("%(count)s records repeat another one of this file, of the same complainant, type and place"
                          " within 30 days: stored, not counted again.") % {"count": count})  # fmt: skip
        return told + self._more()

    def stored_notes(self):
        told = list(self.of_columns)
        if count := self.taking.counts[DUPLICATE]:
            told.append(_("%(count)s records repeat an event of the same complainant, type and place within 30 days:"
                          " stored, not counted again.") % {"count": count})  # fmt: skip
        return told + self._more()

    def _more(self) -> list[str]:
        told = []
        if count := self.taking.counts[REPEATED]:
            told.append(_("%(count)s records were brought in before; they stay as they are.") % {"count": count})
        if count := self.taking.counts[UNPLACED]:
            told.append(_("Of %(count)s records no community is known: they count for no place, and no mediator has"
                          " them, until their area is put right.") % {"count": count})  # fmt: skip
        return told


importer(
    model_importer(
        SignalSource,
        by=("code",),
        fields=("code", "name", "channel", "area", "is_active"),
        foreign={"area": partial(ByKey, Area)},
    )
)
