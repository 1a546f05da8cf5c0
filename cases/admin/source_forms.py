"""The editor of a source's mapping: one row for each of our fields, and a sample to try it on."""

import json

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.intake.mapping import FIELDS, rules_of
from cases.intake.receiving import LARGEST, storable
from governance.errors import Invalid

# Fields whose words are turned into ours by a table; others have one only where the mapping has.
TABLED = ("standard", "category", "area", "coordinate_system")
PARTS = {
    "path": gettext_lazy("Path in the message"),
    "default": gettext_lazy("Default"),
    "values": gettext_lazy("Their words = ours"),
    "format": gettext_lazy("How they write it"),
}
MOST_LINES = 8


class MappingForm(forms.Form):
    """A mapping as texts: ``path_area``, ``default_area``, ``values_area`` (lines “theirs = ours”), ``format_…``.

    ``labels``: our fields; ``tabled`` and ``times``: those with a table of words, and with a form of times; ``judged``
    raises Invalid for a mapping that cannot be read. Those of a case; a subclass may say others.
    """

    labels = FIELDS
    tabled = TABLED
    times = ("occurred_at",)
    judged = staticmethod(rules_of)

    time_zone = forms.CharField(
        label=gettext_lazy("time zone"), required=False, max_length=60,
        help_text=gettext_lazy("Of times that state none, such as Asia/Shanghai."),
    )  # fmt: skip
    sample = forms.CharField(
        label=gettext_lazy("Sample message"), required=False, max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "jc-code"}),
        help_text=gettext_lazy("One message of the source as JSON. Nothing is stored of it."),
    )  # fmt: skip

    def __init__(self, *args, mapping: dict, **options):
        super().__init__(*args, initial=_texts(mapping), **options)
        told = mapping.get("fields", {})
        self.parts = {name: self._parts_of(name, told.get(name, {})) for name in self.labels}
        for name, parts in self.parts.items():
            for part in parts:
                lines = str(self.initial.get(f"{part}_{name}", "")).count("\n") + 1
                self.fields[f"{part}_{name}"] = _field(part, self.labels[name], lines)

    def rows(self) -> list[dict]:
        """Return the rows of the table: label, and the bound field of each part (None where there is none)."""
        return [
            {"label": self.labels[name]} | {part: self[f"{part}_{name}"] if part in parts else None for part in PARTS}
            for name, parts in self.parts.items()
        ]

    def clean(self):
        cleaned = super().clean()
        fields = {name: told for name in self.labels if (told := self._told(name, cleaned))}
        mapping = {"fields": fields}
        if cleaned.get("time_zone"):
            mapping["time_zone"] = cleaned["time_zone"]
        if not self.errors:
            try:
                self.judged(mapping)
            except Invalid as error:
                self._blame(str(error.detail))
        self.mapping = mapping
        return cleaned

    def _parts_of(self, name: str, told: dict) -> list[str]:
        usual = {"values": name in self.tabled, "format": name in self.times}
        return [part for part in PARTS if usual.get(part, True) or part in told]

    def _told(self, name: str, cleaned: dict) -> dict:
        told = {part: cleaned.get(f"{part}_{name}") for part in self.parts[name]}
        return {part: value for part, value in told.items() if value}

    def _blame(self, detail: str) -> None:
        """Put an error of the mapping (``fields.area.path: why``) beside the input it is about."""
        where, _colon, why = detail.partition(": ")
        names = where.split(".")
        field = f"{names[2]}_{names[1]}" if len(names) > 2 else f"path_{names[1]}" if len(names) == 2 else where
        self.add_error(field if field in self.fields else None, why or detail)

    def message(self):
        """Return the sample, read. Raises Invalid naming it."""
        try:
            return storable(json.loads(self.cleaned_data["sample"]))
        except (ValueError, RecursionError) as error:
            raise Invalid(_("The sample is not readable as JSON."), field="sample", code="invalid") from error


class TableField(forms.CharField):
    """Lines “theirs = ours”, cleaned to a dictionary."""

    def clean(self, value):
        table = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            if not line.strip():
                continue
            theirs, equals, ours = line.rpartition("=")
            if not equals or not theirs.strip():
                raise forms.ValidationError(_("Line %(number)s is not “theirs = ours”.") % {"number": number})
            table[theirs.strip()] = ours.strip()
        return table


def _field(part: str, label, lines: int) -> forms.Field:
    """Return the input of one part of a row; the label is for people who cannot see the table."""
    named, hint = f"{label}：{PARTS[part]}", {"placeholder": PARTS[part]}
    if part == "values":
        rows = {"rows": min(lines + 1, MOST_LINES)}
        return TableField(required=False, label=named, widget=forms.Textarea(attrs=rows | hint))
    most = 500 if part == "path" else 200
    return forms.CharField(required=False, label=named, max_length=most, widget=forms.TextInput(attrs=hint))


def _texts(mapping: dict) -> dict[str, str]:
    """Return a mapping as the form shows it."""
    shown = {"time_zone": mapping.get("time_zone", "")}
    for name, told in mapping.get("fields", {}).items():
        for part, value in told.items():
            if part == "values":
                value = "\n".join(f"{theirs} = {ours}" for theirs, ours in value.items())
            shown[f"{part}_{name}"] = value
    return shown
