"""What the transitions of joint work ask for; used by the admin and the API alike.

Files come with the result of a track only; others are added on the page of the dispute.
"""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField, TransitionForm, WordsInput, register_form
from governance.models import User
from governance.workflow import steps_of
from mediation.disputes.mediators import mediators_in
from mediation.models import (
    DepartmentTask,
    DisputeType,
    EscalationRequest,
    HelperInvitation,
    HelperStanding,
    Party,
    RespectedHelper,
    Sitting,
    SittingKind,
    TaskState,
    Track,
)


def words(rows: int = 3) -> forms.Textarea:
    return WordsInput(attrs={"rows": rows})


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def languages_of(text: str) -> list[str]:
    """Return the words of a list that people separate as they like."""
    for mark in ",,、;;":
        text = text.replace(mark, " ")
    return text.split()


class JointForm(TransitionForm):
    """A reason where one is needed, and the version seen."""

    photos = None


class MediatorForm(JointForm):
    """Who of the unit that takes over would mediate."""

    field_order = ["mediator", "reason"]
    mediator = forms.ModelChoiceField(
        User.objects.none(), label=_("Who would mediate"), to_field_name="username",
        help_text=_("The parties are asked whether they accept this person."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["mediator"].queryset = mediators_in(self.obj.to_unit_id)


class TrackAcceptForm(JointForm):
    """The legal basis on which the organ mediates."""

    field_order = ["legal_basis", "reason"]
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=200)

    def starting_values(self):
        return super().starting_values() | {"legal_basis": self.obj.legal_basis}


class TrackResultForm(JointForm):
    """What came of it, and the document."""

    field_order = ["result", "document", "photos", "reason"]
    result = forms.CharField(label=_("Result of the track"), max_length=2000, widget=words(4))
    document = forms.CharField(
        label=_("Document (name and number)"), max_length=120, required=False
    )  # fmt: skip
    photos = PhotosField(label=_("The document itself (photos or PDF)"))


class CorrectResultForm(JointForm):
    """Starts with what stands there."""

    field_order = ["result", "document", "reason"]
    result = forms.CharField(label=_("Result of the track"), max_length=2000, widget=words(4))
    document = forms.CharField(label=_("Document (name and number)"), max_length=120, required=False)

    def starting_values(self):
        return super().starting_values() | {"result": self.obj.result, "document": self.obj.document}


class AnswerForm(JointForm):
    """The answer of a department."""

    field_order = ["answer", "reason"]
    answer = forms.CharField(label=_("Answer of the department"), max_length=4000, widget=words(6))


class AskAgainForm(JointForm):
    """Until when the next answer is waited for."""

    field_order = ["answer_by", "reason"]
    answer_by = forms.DateField(label=_("Answer by"), widget=date_input())

    def starting_values(self):
        return super().starting_values() | {"answer_by": timezone.localdate() + timedelta(days=7)}


class CloseTaskForm(JointForm):
    """Why the answer is not waited for any more; of a task that was answered no reason is needed."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.obj.state != TaskState.ANSWERED:
            reason = self.fields["reason"]
            reason.required, reason.label = True, _("Reason")
            reason.help_text = _("No answer came. The department is told that none is needed any more, not why.")


class MoveForm(JointForm):
    """Another time."""

    field_order = ["starts_at", "ends_at", "reason"]
    starts_at = forms.DateTimeField(label=_("Begins at"), widget=moment_input())
    ends_at = forms.DateTimeField(label=_("Ends at"), widget=moment_input())

    def starting_values(self):
        return super().starting_values() | {"starts_at": self.obj.starts_at, "ends_at": self.obj.ends_at}


class AmendSittingForm(JointForm):
    """Starts with what stands there."""

    field_order = ["kind", "place", "link", "reason"]
    kind = forms.ChoiceField(label=_("Kind of sitting"), choices=SittingKind.choices)
    place = forms.CharField(label=_("Or the place in words"), max_length=160, required=False)
    link = forms.URLField(label=_("Link of the video meeting"), max_length=300, required=False, assume_scheme="https")

    def starting_values(self):
        return super().starting_values() | {name: getattr(self.obj, name) for name in ("kind", "place", "link")}


class HeldForm(JointForm):
    """Who came."""

    field_order = ["present", "reason"]
    present = forms.ModelMultipleChoiceField(
        Party.objects.none(), label=_("Parties who came"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["present"].queryset = Party.objects.filter(dispute=self.obj.dispute_id).named()

    def arguments(self):
        given = super().arguments()
        return given | {"present": list(given["present"])}


class CorrectHeldForm(HeldForm):
    """Starts with who stands there."""

    def starting_values(self):
        return super().starting_values() | {"present": list(self.obj.present.values_list("pk", flat=True))}


class StandingForm(forms.Form):
    """What the register says of a respected local."""

    standing = forms.ChoiceField(label=_("Why people listen to them"), choices=HelperStanding.choices)
    about = forms.CharField(label=_("About their standing"), max_length=300, required=False, widget=words(2))
    fields_of_work = forms.ModelMultipleChoiceField(
        DisputeType.objects.none(), label=_("Types they help with"), required=False, to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    languages = forms.CharField(
        label=_("Languages and dialects"), max_length=200, required=False, help_text=_("Separated by spaces.")
    )
    interests = forms.CharField(
        label=_("Interests of their own"), max_length=300, required=False, widget=words(2),
        help_text=_("Firms, land, family: where they are not asked to help."),
    )  # fmt: skip

    def offer_types(self) -> None:
        """Offer the types in use."""
        self.fields["fields_of_work"].queryset = DisputeType.objects.filter(is_active=True).order_by("order")

    def standing_given(self, given: dict) -> dict:
        """Return what the services take."""
        given = dict(given)
        given["fields"] = list(given.pop("fields_of_work"))
        given["languages"] = languages_of(given["languages"])
        return given


class AmendHelperForm(StandingForm, JointForm):
    """Starts with what stands there."""

    field_order = ["standing", "about", "fields_of_work", "languages", "interests", "reason"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.offer_types()

    def starting_values(self):
        found = {name: getattr(self.obj, name) for name in ("standing", "about", "interests")}
        kept = [row.code for row in self.obj.fields.all()]
        return super().starting_values() | found | {"languages": " ".join(self.obj.languages), "fields_of_work": kept}

    def arguments(self):
        return self.standing_given(super().arguments())


class AcceptInvitationForm(JointForm):
    """The declaration of a helper."""

    field_order = ["no_conflict", "reason"]
    no_conflict = forms.BooleanField(
        label=_("I have no interest of my own in this dispute and am related to none of the parties"), required=True
    )


class ThankForm(JointForm):
    """The hours, and a word of thanks."""

    field_order = ["hours", "thanks", "reason"]
    hours = forms.DecimalField(label=_("Hours given"), min_value=0, max_value=200, max_digits=5, decimal_places=1)
    thanks = forms.CharField(label=_("Words of thanks"), max_length=300, required=False, widget=words(2))


class CorrectThanksForm(ThankForm):
    """Starts with what stands there."""

    field_order = ["hours", "thanks", "reason"]

    def starting_values(self):
        return super().starting_values() | {"hours": self.obj.hours, "thanks": self.obj.thanks}


SPECIAL = {
    EscalationRequest: {"accept": MediatorForm, "name_mediator": MediatorForm},
    Track: {"accept": TrackAcceptForm, "hand_in": TrackResultForm, "correct": CorrectResultForm},
    DepartmentTask: {"answer": AnswerForm, "ask_again": AskAgainForm, "close": CloseTaskForm},
    Sitting: {"move": MoveForm, "amend": AmendSittingForm, "hold": HeldForm, "correct": CorrectHeldForm},
    RespectedHelper: {"amend": AmendHelperForm},
    HelperInvitation: {"accept": AcceptInvitationForm, "thank": ThankForm, "correct": CorrectThanksForm},
}
for model, special in SPECIAL.items():
    for name in steps_of(model):
        register_form(model._meta.label_lower, name, special.get(name, JointForm))
