"""The editor of the saved mapping of a source of signals, and what becomes of a sample."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.source_forms import MappingForm
from cases.intake.receiving import storable
from governance.errors import Invalid, Refused
from governance.models import Area
from mediation.models import DisputeType, SignalSource
from mediation.prevention.drafts import Reader
from mediation.prevention.mapping import FIELDS, TIMES, signal_read, signal_rules


class SignalMappingForm(MappingForm):
    """The sample is a message as JSON, or two lines copied out of a spreadsheet: the headers and one row."""

    labels = FIELDS
    tabled = ("type", "area", "coordinate_system")
    times = TIMES
    judged = staticmethod(signal_rules)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["sample"].label = gettext_lazy("Sample of a record")
        self.fields["sample"].help_text = gettext_lazy(
            "The headers and one row, copied out of the spreadsheet; or one message as JSON. Nothing is stored of it."
        )

    def message(self):
        text = self.cleaned_data["sample"]
        if text.lstrip().startswith("{"):
            return super().message()
        lines = [line.split("\t") for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            told = _("Copy the headers and one row, or one message as JSON.")
            raise Invalid(told, field="sample", code="invalid")
        headers = [header.strip() for header in lines[0]]
        return storable(dict(zip(headers, lines[1], strict=False)))


@dataclass(frozen=True)
class TriedLine:
    """One field of ours as the mapping finds it in the sample."""

    label: str
    text: str
    meaning: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Tried:
    """What becomes of a sample."""

    good: bool
    outcome: str
    lines: list[TriedLine]


def sample_tried(source: SignalSource, mapping: dict, message) -> Tried:
    """Say what a mapping makes of a sample; nothing is stored."""
    reading = signal_read(signal_rules(mapping), message)
    wrong = {error["field"]: error["detail"] for error in reading.errors}
    try:
        if not wrong:
            Reader(SignalSource(channel=source.channel, area=source.area, mapping=mapping)).read(message)
    except Refused as refusal:
        wrong[refusal.field or ""] = str(refusal.detail)
    lines = [
        TriedLine(str(label), _shown(name, reading.values.get(name, "")),
                  _meaning(name, reading.values.get(name, "")), wrong.get(name, ""))
        for name, label in FIELDS.items() if name in reading.values or name in wrong
    ]  # fmt: skip
    outcome = _("This would be brought in as a signal.") if not wrong else _("This could not be brought in.")
    return Tried(not wrong, outcome, lines)


def _shown(name: str, text: str) -> str:
    return _("(kept as a hash only)") if name == "complainant" and text else text[:200]


def _meaning(name: str, text: str) -> str:
    rows = {"area": Area.objects, "type": DisputeType.objects}.get(name)
    found = rows.filter(code=text).first() if rows is not None and text else None
    return str(found) if found else ""
