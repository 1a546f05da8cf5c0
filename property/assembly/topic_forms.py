"""What the transitions of topics and follow-up items ask for."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form
from governance.models import OrgUnit, User
from partners.models import NeedCategory
from property.assembly.owners import units_of
from property.assembly.session_workflow import BEFORE_NOTICE
from property.models import AssemblySession, Resolution, RuleSet, Secrecy

TOPIC, ITEM = "property.agendaitem", "property.followupitem"


def _area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class AcceptForm(TransitionForm):
    """For which session; empty: the next one."""

    field_order = ["session"]
    session = forms.ModelChoiceField(
        AssemblySession.objects.none(), label=_("For which session"), required=False, empty_label=_("The next one")
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        rows = AssemblySession.objects.filter(assembly=self.obj.assembly, state__in=BEFORE_NOTICE)
        self.fields["session"].queryset = rows.select_related("assembly").order_by("starts_at")


class PlaceForm(TransitionForm):
    field_order = ["position"]
    position = forms.IntegerField(label=_("Number on the agenda"), min_value=1, max_value=200)

    def starting_values(self):
        return super().starting_values() | {"position": self.obj.position}


class DiscussForm(TransitionForm):
    field_order = ["discussion"]
    discussion = forms.CharField(label=_("What was said"), max_length=10_000, widget=_area(8))

    def starting_values(self):
        return super().starting_values() | {"discussion": self.obj.discussion}


class DecideForm(TransitionForm):
    field_order = ["outcome"]
    outcome = forms.CharField(label=_("What was agreed"), max_length=4000, widget=_area())


class NoteForm(TransitionForm):
    field_order = ["outcome"]
    outcome = forms.CharField(label=_("What came of it"), max_length=4000, required=False, widget=_area())


class TieForm(TransitionForm):
    """A resolution that the person sees."""

    field_order = ["resolution"]
    resolution = forms.ModelChoiceField(Resolution.objects.none(), label=_("Resolution"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["resolution"].queryset = Resolution.objects.visible_to(self.user).order_by("-id")


class RuleChoice(forms.ModelChoiceField):
    """A rule set as ``code/version``, as in the API of decisions."""

    def prepare_value(self, value):
        return f"{value.code}/{value.version}" if isinstance(value, RuleSet) else value

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, RuleSet):
            return value or None
        found = {self.prepare_value(rule): rule for rule in self.queryset}.get(value)
        if found is None:
            raise forms.ValidationError(_("There is no such rule set."), code="invalid_choice")
        return found


class ProposeForm(TransitionForm):
    """What is put to the vote under which rule; where it is decided is the assembly's place."""

    field_order = ["title", "text", "rule_set", "secrecy", "takes_paper", "takes_online"]
    title = forms.CharField(label=_("title"), max_length=120)
    text = forms.CharField(label=_("text put to the vote"), max_length=5000, widget=_area(6))
    rule_set = RuleChoice(RuleSet.objects.none(), label=_("rule set"))
    secrecy = forms.ChoiceField(label=_("ballot"), choices=Secrecy.choices, initial=Secrecy.OPEN, required=False)
    takes_paper = forms.BooleanField(label=_("on paper"), required=False, initial=True)
    takes_online = forms.BooleanField(label=_("online"), required=False, initial=True)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["rule_set"].queryset = RuleSet.objects.in_force(self.obj.area).order_by("kind", "code", "-version")

    def starting_values(self):
        return super().starting_values() | {"title": self.obj.title, "text": self.obj.body}

    def clean_secrecy(self):
        return self.cleaned_data["secrecy"] or Secrecy.OPEN


class OwnerForm(TransitionForm):
    """Who does it until when; a unit by its code, a person by user name."""

    owner_unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Unit that does it"), to_field_name="code", required=False,
        error_messages={"invalid_choice": _("This unit has nothing to do with the place of the assembly.")},
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_system=False), label=_("User name of who does it"),
        to_field_name="username", required=False, widget=forms.TextInput,
    )  # fmt: skip
    due_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["owner_unit"].queryset = units_of(self.obj.assembly).order_by("code")


class FollowUpForm(OwnerForm):
    field_order = ["title", "owner_unit", "owner", "due_on"]
    title = forms.CharField(label=_("What is to be done"), max_length=200)


class AssignForm(OwnerForm):
    field_order = ["owner_unit", "owner", "due_on", "reason"]

    def starting_values(self):
        item = self.obj
        return super().starting_values() | {
            "owner_unit": item.owner_unit, "owner": item.owner.username if item.owner else None,
            "due_on": max(item.due_on, timezone.localdate()),
        }  # fmt: skip


class NeedForm(TransitionForm):
    """The words of the need; the kind is guessed from them where none is chosen."""

    field_order = ["title", "description", "category", "reason"]
    title = forms.CharField(label=_("What is needed"), max_length=80)
    description = forms.CharField(label=_("More about it"), required=False, max_length=2000, widget=_area())
    category = forms.ModelChoiceField(
        NeedCategory.objects.none(), label=_("Category (optional)"), required=False, to_field_name="code",
        empty_label=_("by the words"),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["category"].queryset = NeedCategory.objects.filter(is_active=True).order_by("code")

    def starting_values(self):
        topic = getattr(self.obj, "agenda_item", self.obj)
        return super().starting_values() | {"title": self.obj.title[:80], "description": topic.outcome[:2000]}


class SubmitForm(TransitionForm):
    field_order = ["result", "photos"]
    result = forms.CharField(label=_("What was done"), max_length=4000, widget=_area())


for name, form in {
    "accept": AcceptForm, "place": PlaceForm, "discuss": DiscussForm, "decide": DecideForm, "note": NoteForm,
    "tie": TieForm, "propose": ProposeForm, "follow_up_with": FollowUpForm,
}.items():  # fmt: skip
    register_form(TOPIC, name, form)
register_form(ITEM, "assign", AssignForm)
register_form(ITEM, "make_need", NeedForm)
register_form(TOPIC, "make_need", NeedForm)
register_form(ITEM, "submit", SubmitForm)
