"""What the transitions beside a case's usual way ask for; used by the admin, the phone pages and the API alike."""

from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.forms import CategoryField, DispatchForm
from cases.models import AppealGround, Case, CaseCategory, RequestState, UnitPart
from cases.models.catalogue import LimitUnit
from cases.site_tasks import people_for
from cases.unit_requests import LONGEST_EXTENSION, LONGEST_SUSPENSION
from governance.forms import TransitionForm, register_form
from governance.models import User


class CaseNumberField(forms.CharField):
    """Another case that the person sees, by its number."""

    def __init__(self, **options):
        super().__init__(max_length=20, **options)
        self.user = None

    def clean(self, value):
        number = super().clean(value)
        if not number:
            return None
        found = Case.objects.visible_to(self.user).filter(number=number.upper()).select_related("area").first()
        if found is None:
            raise forms.ValidationError(_("There is no such case here."), code="does_not_exist")
        return found


class OtherCaseForm(TransitionForm):
    """Base of forms that name another case."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, CaseNumberField):
                field.user = self.user


class MergeForm(OtherCaseForm):
    """The case that goes on."""

    field_order = ["into"]
    into = CaseNumberField(label=_("Number of the case that was reported first"))


class AttachForm(OtherCaseForm):
    """The larger matter; empty takes the case out of it."""

    field_order = ["parent"]
    parent = CaseNumberField(
        label=_("Number of the larger case"), required=False, help_text=_("Empty: no longer part of another case.")
    )

    def starting_values(self):
        return super().starting_values() | {"parent": self.obj.parent.number if self.obj.parent else ""}


class HandOverForm(DispatchForm):
    """To whom and with whose help; the limit that runs stays."""

    limit_amount = None
    limit_unit = None

    def starting_values(self):
        values = {"version": self.obj.version, "lead_unit": self.obj.lead_unit}
        return values | {
            "assisting_units": self.obj.units_as(UnitPart.ASSISTING),
            "supervising_unit": next(iter(self.obj.units_as(UnitPart.SUPERVISING)), None),
        }

    def clean(self):
        return TransitionForm.clean(self)


class CloseForm(TransitionForm):
    """Where the standard has a closing condition, somebody confirms it."""

    field_order = ["closing_condition_met"]
    closing_condition_met = forms.BooleanField(label=_("The closing condition is met"), required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        condition = self.obj.standard.closing_condition if self.obj.standard else ""
        if condition:
            field = self.fields["closing_condition_met"]
            field.help_text = condition
            field.required = True
            field.error_messages["required"] = _("Confirm that the closing condition is met.")
        else:
            del self.fields["closing_condition_met"]


class DisposeForm(TransitionForm):
    """A small thing put right at once: what it was, what was done, with a photo."""

    field_order = ["category", "result", "photos"]
    category = CategoryField(label=_("Category"))
    result = forms.CharField(label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["category"].queryset = CaseCategory.objects.filter(is_active=True, on_the_spot=True)

    def starting_values(self):
        category = self.obj.category
        return super().starting_values() | {"category": category if category and category.on_the_spot else None}


class PersonChoice(forms.ModelChoiceField):
    """One of the people on site, by user name."""

    def label_from_instance(self, obj):
        return obj.get_full_name()


class AssignForm(TransitionForm):
    """Who goes and looks."""

    field_order = ["worker"]
    worker = PersonChoice(User.objects.none(), to_field_name="username", label=_("Who goes and looks"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        people = people_for(self.obj)
        self.fields["worker"].queryset = User.objects.filter(pk__in=[person.pk for person in people])

    def arguments(self):
        values = super().arguments()
        # As loaded with the appointments.
        return values | {"worker": next(one for one in people_for(self.obj) if one.pk == values["worker"].pk)}


class SpanForm(TransitionForm):
    """How much longer."""

    field_order = ["amount", "counted_in", "reason"]
    amount = forms.DecimalField(
        label=_("How much longer"), min_value=Decimal("0.01"), max_value=LONGEST_EXTENSION, decimal_places=2
    )
    counted_in = forms.ChoiceField(label=_("Counted in"), choices=LimitUnit)


class AskExtensionForm(SpanForm):
    def starting_values(self):
        return super().starting_values() | {"counted_in": LimitUnit.WORK_DAY}


class ExtendForm(SpanForm):
    """Starts with what the unit asked for."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["amount"].required = self.fields["counted_in"].required = False

    def starting_values(self):
        asked = self.obj.requests.filter(status=RequestState.ASKED).first()
        values = {"amount": asked.amount, "counted_in": asked.counted_in} if asked else {}
        return super().starting_values() | values

    def arguments(self):
        values = super().arguments()
        return values | {"counted_in": values["counted_in"] or None}


class UntilForm(TransitionForm):
    """Until when the case rests."""

    field_order = ["until", "reason"]
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"},
                                                                             format="%Y-%m-%dT%H:%M"))  # fmt: skip

    def clean_until(self):
        until = self.cleaned_data["until"]
        now = timezone.now()
        if until is not None and not now < until <= now + LONGEST_SUSPENSION:
            raise forms.ValidationError(_("The end must lie ahead, within a year."), code="out_of_range")
        return until


class SuspendForm(UntilForm):
    """Starts with the end the unit asked for."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["until"].required = False

    def starting_values(self):
        asked = self.obj.requests.filter(status=RequestState.ASKED).first()
        return super().starting_values() | ({"until": asked.until} if asked else {})


class AppealForm(TransitionForm):
    field_order = ["ground", "reason"]
    ground = forms.ChoiceField(label=_("Ground"), choices=AppealGround, widget=forms.RadioSelect)


class ReviewForm(TransitionForm):
    field_order = ["upholds", "reason"]
    upholds = forms.TypedChoiceField(
        label=_("Opinion"),
        choices=[("yes", _("Uphold: it does not count against the unit")), ("no", _("Refuse"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


for _step_name, _form in {
    "assign_task": AssignForm,
    "merge": MergeForm,
    "attach": AttachForm,
    "hand_over": HandOverForm,
    "arbitrate": DispatchForm,
    "close": CloseForm,
    "dispose": DisposeForm,
    "ask_extension": AskExtensionForm,
    "extend": ExtendForm,
    "ask_suspension": UntilForm,
    "suspend": SuspendForm,
    "appeal": AppealForm,
    "review_appeal": ReviewForm,
}.items():
    register_form("cases.case", _step_name, _form)
