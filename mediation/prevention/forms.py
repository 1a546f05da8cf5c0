"""What the transitions of hazards ask for; used by the admin, the phone pages and the API alike."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, WordsInput, register_form
from governance.models import Area
from mediation.disputes.typing import type_guesses
from mediation.models import DisputeType, HazardUrgency
from mediation.prevention.correcting import destinations
from mediation.prevention.deciding import HAZARD
from mediation.prevention.reporting import LONGEST

# How long a watch usually is [J].
USUAL_WATCH = timedelta(days=14)


def words(rows: int = 3) -> forms.Textarea:
    return WordsInput(attrs={"rows": rows})


class YesOrNoField(forms.NullBooleanField):
    """Yes, no, or not said (None): nothing is chosen beforehand."""

    def __init__(self, **options):
        super().__init__(required=False, **options)
        self.widget.choices = [("unknown", "—"), ("true", _("Yes")), ("false", _("No"))]


def types_in_use(kept: DisputeType | None = None):
    """The types in use, and the one that stands there."""
    return DisputeType.objects.filter(Q(is_active=True) | Q(pk=kept.pk if kept else None)).order_by("order", "code")


class TypedForm(TransitionForm):
    """A form that asks for the type; the three likeliest by the words are named beside it."""

    type = forms.ModelChoiceField(DisputeType.objects.none(), label=_("Dispute type"), to_field_name="code")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["type"].queryset = types_in_use(self.obj.type)
        likely = [f"{row} {share:.0%}" for row, share in type_guesses(self.obj.words)]
        if likely:
            self.fields["type"].help_text = _("By the words: %(types)s") % {"types": "、".join(likely)}

    def starting_values(self):
        return super().starting_values() | {"type": self.obj.type and self.obj.type.code}


class AssessForm(TypedForm):
    """Of which type, for how many people, how pressing."""

    field_order = ["type", "people", "violence", "urgency", "finding", "reason", "photos", "version"]
    people = forms.IntegerField(label=_("Persons concerned, about"), required=False, min_value=1, max_value=100_000)
    violence = forms.BooleanField(label=_("Signs of violence"), required=False)
    urgency = forms.ChoiceField(label=_("How pressing"), choices=HazardUrgency.choices)
    finding = forms.CharField(label=_("What you found"), required=False, max_length=2000, widget=words())

    def starting_values(self):
        names = ("people", "violence", "urgency")
        kept = {name: getattr(self.obj, name) for name in names}
        if self.obj.violence:  # it was taken for pressing when it came (``reporting``); who looked may say otherwise
            kept["urgency"] = HazardUrgency.URGENT
        return super().starting_values() | kept


class ReassessForm(AssessForm):
    """The assessment as it is to stand, from what stands there."""

    field_order = ["reason", "type", "people", "violence", "urgency", "finding", "photos", "version"]

    def starting_values(self):
        return super().starting_values() | {"finding": self.obj.finding, "urgency": self.obj.urgency}


class RewordForm(TransitionForm):
    """What was written down as it is to stand, from what stands there; what is not sent stays."""

    field_order = ["words", "parties", "place", "reason", "version"]
    words = forms.CharField(label=_("What was seen or heard"), max_length=LONGEST, widget=words(4))
    parties = forms.CharField(label=_("Between whom"), required=False, max_length=200)
    place = forms.CharField(label=_("Place in words"), required=False, max_length=120)
    photos = None

    def starting_values(self):
        return super().starting_values() | {name: getattr(self.obj, name) for name in ("words", "parties", "place")}

    def arguments(self):
        given = super().arguments()
        return {name: value for name, value in given.items() if name in self.data or name not in ("parties", "place")}


class LookForm(TransitionForm):
    """What was found, and whether there are signs of violence by now."""

    field_order = ["reason", "violence", "photos", "version"]
    violence = forms.BooleanField(
        label=_("Signs of violence by now"), required=False, help_text=_("The township's centre is told then.")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.obj.violence:  # said already; it is taken back by putting the assessment right
            del self.fields["violence"]


class MoveForm(TransitionForm):
    """In which community or grid it is."""

    field_order = ["area", "reason", "photos", "version"]
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("Community or grid in which it is"), to_field_name="code",
        help_text=_("The mediators there are told, and keep it from then on."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["area"].queryset = destinations(self.obj)


class WatchForm(TransitionForm):
    """Until when."""

    field_order = ["watch_until", "reason", "photos", "version"]
    watch_until = forms.DateField(
        label=_("Watch it until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On the morning of that day it is to be decided anew."),
    )  # fmt: skip

    def starting_values(self):
        return super().starting_values() | {"watch_until": timezone.localdate() + USUAL_WATCH}


class ConvertForm(TypedForm):
    """What the dispute is about; its parties are entered with the dispute."""

    field_order = ["type", "domestic_violence", "title", "facts", "claim", "amount", "on", "reason", "version"]
    domestic_violence = YesOrNoField(
        label=_("Is it domestic violence?"),
        help_text=_("Must be answered where there are signs of violence. No joint sitting then unless for a reason."),
    )  # fmt: skip
    title = forms.CharField(label=_("What the dispute is about"), max_length=80)
    facts = forms.CharField(label=_("What is known of it"), required=False, max_length=5000, widget=words(4))
    claim = forms.CharField(label=_("What is asked for (if known)"), required=False, max_length=2000, widget=words(2))
    amount = forms.DecimalField(
        label=_("Amount in dispute (yuan, if known)"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    on = forms.DateField(
        label=_("Registered on"), required=False, help_text=_("The day on which it was brought. Empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def starting_values(self):
        first = self.obj.words.splitlines()[0] if self.obj.words else ""
        return super().starting_values() | {"title": first[:80], "facts": self.obj.words}


for name, form in {"assess": AssessForm, "reassess": ReassessForm, "reword": RewordForm, "watch": WatchForm,
                   "look": LookForm, "convert": ConvertForm, "move": MoveForm}.items():  # fmt: skip
    register_form(HAZARD, name, form)
