"""What a message must say to become a case: one form judges what the mapping found and what staff correct."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms import CategoryField, StandardField
from cases.intake.mapping import FIELDS, read, rules_of
from cases.models import DeadLetter, IntakeSource
from governance.coordinates import SYSTEMS, CoordinateError, to_wgs84
from governance.forms import TransitionForm, register_form
from governance.models import Area
from governance.models.person import phone_validator

# How far ahead a source's clock may be before its time is not believed [J]; the same as for devices.
AHEAD = timedelta(minutes=5)
# A browser's field for numbers stays empty where a message wrote none; people must see what it wrote.
AS_WRITTEN = forms.TextInput(attrs={"inputmode": "decimal"})
COLUMNS = {"lon": "longitude", "lat": "latitude", "system": "coordinate_system"}


class MessageForm(forms.Form):
    """Texts by field of ours, judged for a source. ``cleaned_data`` holds rows, WGS-84 numbers and an aware time."""

    description = forms.CharField(
        label=FIELDS["description"], max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    standard = StandardField(label=FIELDS["standard"], required=False)
    category = CategoryField(label=FIELDS["category"], required=False)
    area = forms.ModelChoiceField(
        Area.objects.none(), to_field_name="code", label=FIELDS["area"], required=False, widget=forms.TextInput,
        help_text=gettext_lazy("by its code"),
    )  # fmt: skip
    address = forms.CharField(label=FIELDS["address"], required=False, max_length=200)
    longitude = forms.FloatField(label=FIELDS["longitude"], required=False, widget=AS_WRITTEN)
    latitude = forms.FloatField(label=FIELDS["latitude"], required=False, widget=AS_WRITTEN)
    coordinate_system = forms.ChoiceField(
        label=FIELDS["coordinate_system"], required=False, choices=[("", "")] + [(name, name) for name in SYSTEMS]
    )
    occurred_at = forms.DateTimeField(label=FIELDS["occurred_at"], required=False)
    reporter_name = forms.CharField(label=FIELDS["reporter_name"], required=False, max_length=60)
    reporter_phone = forms.CharField(
        label=FIELDS["reporter_phone"], required=False, max_length=16, validators=[phone_validator]
    )

    def limit_to(self, source: IntakeSource) -> None:
        """Only areas the source may report into."""
        self.fields["area"].queryset = Area.objects.under(source.area).filter(is_active=True)

    def clean_occurred_at(self):
        at, now = self.cleaned_data["occurred_at"], timezone.now()
        if at is not None and at > now + AHEAD:
            raise forms.ValidationError(_("This time lies in the future."), code="in_future")
        return at and min(at, now)

    def clean(self):
        cleaned = super().clean()
        standard, category = cleaned.get("standard"), cleaned.get("category")
        if standard is not None and category is not None and standard.category_id != category.pk:
            wrong = forms.ValidationError(_("This condition belongs to another category."), "mismatch")
            self.add_error("standard", wrong)
        if not {"longitude", "latitude", "coordinate_system"} & set(self.errors):
            self._place(cleaned)
        return cleaned

    def _place(self, cleaned: dict) -> None:
        longitude, latitude = cleaned["longitude"], cleaned["latitude"]
        if longitude is None and latitude is None:
            return
        for name in ("longitude", "latitude"):
            if cleaned[name] is None:
                self.add_error(name, forms.ValidationError(_("Give both longitude and latitude."), "required"))
                return
        try:
            point = to_wgs84(longitude, latitude, cleaned["coordinate_system"] or "wgs84")
        except CoordinateError as error:
            self.add_error(COLUMNS[error.field], forms.ValidationError(error.detail, error.code))
        else:
            cleaned["longitude"], cleaned["latitude"] = point

    def faults(self) -> list[dict]:
        """Return what is wrong as a list of ``{field, code, detail}``."""
        return [
            {"field": name, "code": error.code or "invalid", "detail": " ".join(error.messages)}
            for name, errors in self.errors.as_data().items()
            for error in errors
        ]


def message_form(values: dict[str, str], source: IntakeSource) -> MessageForm:
    """Return the form of what a message of ``source`` says."""
    form = MessageForm({name: text for name, text in values.items() if name != "external_id"})
    form.limit_to(source)
    return form


def texts_of(letter: DeadLetter) -> dict[str, str]:
    """Return what a letter says: what the mapping finds now, with the corrections in place."""
    return read(rules_of(letter.source.mapping), letter.payload).values | letter.corrections


class CorrectForm(MessageForm, TransitionForm):
    """What the message should have said. Starts with what the mapping finds; what is left empty stays unsaid."""

    external_id = forms.CharField(label=FIELDS["external_id"], required=False, max_length=120)
    replay_now = forms.BooleanField(label=gettext_lazy("Replay it at once"), required=False, initial=True)
    field_order = [*FIELDS, "replay_now"]

    def __init__(self, *args, obj, **options):
        super().__init__(*args, obj=obj, **options)
        self.limit_to(obj.source)
        del self.fields["photos"]

    def starting_values(self):
        return super().starting_values() | texts_of(self.obj)

    def arguments(self):
        found = read(rules_of(self.obj.source.mapping), self.obj.payload).values
        given = {name: str(self.data.get(name) or "").strip() for name in FIELDS}
        corrections = {name: text for name, text in given.items() if text != found.get(name, "")}
        rest = {name: self.cleaned_data[name] for name in ("reason", "version", "replay_now")}
        return rest | {"corrections": corrections}


register_form("cases.deadletter", "correct", CorrectForm)
