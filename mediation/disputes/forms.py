"""What the transitions of disputes and recusals ask for; used by the admin, the phone and the API alike."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, WordsInput, register_form
from governance.models import Area, OrgUnit, User
from governance.scoping import grant_for
from governance.workflow import steps_of
from mediation.disputes.acting import DISPUTE
from mediation.disputes.amending import candidates, places_of
from mediation.disputes.dispute_workflow import DECLINABLE, TERMINABLE, end_back_name
from mediation.disputes.inviting import courts
from mediation.disputes.querysets import KEEPS
from mediation.disputes.recusals import APPOINTED_IN, RECUSAL, needs_mediator
from mediation.disputes.states import (
    ConsentTo,
    DeclineGround,
    DisputeSource,
    DisputeUrgency,
    ReferredTo,
    TellingWay,
    TerminationGround,
)
from mediation.models import Consent, Dispute, DisputeType, Recusal

# How something is said to whoever works on a dispute; parties have a page of their own.
WAYS = [choice for choice in TellingWay.choices if choice[0] != TellingWay.LINK]
# What is said to parties and stands in papers is chosen on purpose: a browser would send the first choice unasked.
UNCHOSEN = ("", _("Please choose"))


def words(rows: int = 3) -> forms.Textarea:
    return WordsInput(attrs={"rows": rows})


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PersonChoice(forms.ModelChoiceField):
    """A person by user name."""

    def __init__(self, **options):
        super().__init__(User.objects.none(), to_field_name="username", **options)


class CourtChoice(forms.ModelChoiceField):
    """A court by its code; the form says among which."""

    def __init__(self, **options):
        label = _("Court that transferred it")
        super().__init__(OrgUnit.objects.none(), label=label, to_field_name="code", required=False, **options)


class DisputeForm(TransitionForm):
    """A reason at most: papers of a dispute are kept by what keeps papers, not beside steps."""

    photos = None


class DisputeWords(forms.Form):
    """What it is about."""

    title = forms.CharField(label=_("Matter in dispute"), max_length=80)
    facts = forms.CharField(label=_("Facts of the dispute"), required=False, max_length=5000, widget=words(4))
    claim = forms.CharField(label=_("What is asked for"), required=False, max_length=2000, widget=words(2))
    amount = forms.DecimalField(
        label=_("Amount in dispute (yuan)"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    people = forms.IntegerField(label=_("Persons concerned"), min_value=1, max_value=100_000, initial=2)
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=DisputeUrgency.choices, initial=DisputeUrgency.NORMAL
    )  # fmt: skip


class AmendForm(DisputeWords, DisputeForm):
    """Starts with what stands there."""

    field_order = ["title", "facts", "claim", "amount", "people", "urgency", "type", "source", "inviting_court", "area",
                   "reason", "version"]  # fmt: skip
    type = forms.ModelChoiceField(DisputeType.objects.none(), label=_("Type of dispute"), to_field_name="code")
    source = forms.ChoiceField(
        label=_("How it came"), choices=DisputeSource.choices, required=False,
        help_text=_("As long as no court has received an application for confirmation. Empty: as it stands."),
    )  # fmt: skip
    inviting_court = CourtChoice(help_text=_("Where the court transferred it: that court alone confirms an agreement."))
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("Community or grid"), to_field_name="code", required=False,
        help_text=_("Of the same mediation committee. Empty: as it stands."),
    )  # fmt: skip
    photos = None

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["inviting_court"].queryset = courts(self.obj.inviting_court)
        if grant_for(KEEPS, self.obj, self.user):
            self.fields["area"].queryset = places_of(self.obj)
        else:
            del self.fields["area"]
        kept = Q(is_active=True) | Q(pk=self.obj.type_id)
        self.fields["type"].queryset = DisputeType.objects.filter(kept)

    def starting_values(self):
        names = ("title", "facts", "claim", "amount", "people", "urgency", "type", "source")
        court = {"inviting_court": self.obj.inviting_court.code} if self.obj.inviting_court else {}
        place = {"area": self.obj.area.code}
        return super().starting_values() | court | place | {name: getattr(self.obj, name) for name in names}

    def arguments(self):
        """What is empty of where it came from and where it is stays; so does a court that only stood there still when
        another source was chosen."""
        given = super().arguments()
        kept = {name for name in ("source", "inviting_court", "area") if not given.get(name)}
        if given.get("source") != DisputeSource.COURT and given.get("inviting_court") == self.obj.inviting_court:
            kept.add("inviting_court")
        return {name: value for name, value in given.items() if name not in kept}


class AssignForm(DisputeForm):
    """Somebody of the unit, or a grid worker of the place."""

    field_order = ["mediator", "reason"]
    mediator = PersonChoice(label=_("Mediator"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["mediator"].queryset = candidates(self.obj).order_by("username").distinct()


class ViolenceForm(DisputeForm):
    """Signs of violence, and whether in a family."""

    field_order = ["violence", "domestic_violence", "reason"]
    violence = forms.BooleanField(label=_("There are signs of violence"), required=False)
    domestic_violence = forms.BooleanField(
        label=_("It is domestic violence"), required=False,
        help_text=_("No joint sitting then unless for a reason; against somebody without full capacity it is reported "
                    "to the police first."),
    )  # fmt: skip

    def starting_values(self):
        given = {"violence": self.obj.violence, "domestic_violence": self.obj.domestic_violence}
        return super().starting_values() | given


class DayForm(DisputeForm):
    """On which day it was done."""

    field_order = ["on", "reason"]
    on = forms.DateField(
        label=_("On which day"), required=False, widget=day_input(),
        help_text=_("The day on which it was done, not that of the recording. Empty: today."),
    )  # fmt: skip


class ExtendForm(DisputeForm):
    """The day that every party agreed to."""

    field_order = ["until", "reason"]
    until = forms.DateField(
        label=_("New last day of the term"), widget=day_input(), help_text=_("As every party has agreed to.")
    )

    def starting_values(self):
        rows = Consent.objects.filter(dispute=self.obj, what=ConsentTo.EXTENSION, round=self.obj.reopened)
        last = rows.values_list("until", flat=True).first()
        return super().starting_values() | ({"until": last} if last else {})


class RightsForm(DisputeForm):
    """How and when the parties were told."""

    field_order = ["how", "on", "reason"]
    how = forms.ChoiceField(label=_("How all parties were told of their rights and duties"), choices=[UNCHOSEN, *WAYS])
    on = forms.DateField(label=_("On which day"), required=False, widget=day_input(), help_text=_("Empty: today."))


class TerminateForm(DayForm):
    """Why, how the parties were told of the other routes, and on which day."""

    field_order = ["ground", "how", "on", "reason"]
    ground = forms.ChoiceField(label=_("Why it ends"), choices=[UNCHOSEN, *TerminationGround.choices])
    how = forms.ChoiceField(
        label=_("How all parties were told of arbitration, the administrative and the court route"),
        choices=[UNCHOSEN, *WAYS],
    )


class DeclineForm(DayForm):
    """Why it is not mediated, and since which day."""

    field_order = ["ground", "on", "reason"]
    ground = forms.ChoiceField(label=_("Why it is not mediated"), choices=[UNCHOSEN, *DeclineGround.choices])


class EndBackForm(DisputeForm):
    """Why it was a mistake; and what does not come back by itself."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["reason"].help_text = _(
            "Term, answers and follow-up visits are as they were. What the end stopped stays so: sittings that were "
            "called off, drafts of an agreement, requests, tasks and invitations; plan anew what is still wanted, and "
            "tell the parties that it goes on."
        )  # fmt: skip


class ReferForm(DisputeForm):
    """Where it belongs."""

    field_order = ["where", "unit", "reason"]
    where = forms.ChoiceField(label=_("Where it belongs"), choices=[UNCHOSEN, *ReferredTo.choices])
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Unit (optional)"), required=False, to_field_name="code"
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        rows = OrgUnit.objects.filter(is_active=True, area__in=self.obj.area.lineage)
        self.fields["unit"].queryset = rows.order_by("code")


class UpholdForm(DisputeForm):
    """Who mediates instead."""

    field_order = ["mediator", "reason"]
    mediator = PersonChoice(label=_("Who mediates instead"), required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        dispute = self.obj.dispute
        if dispute.state not in APPOINTED_IN or dispute.mediator_id != self.obj.mediator_id:
            del self.fields["mediator"]
            return
        rows = candidates(dispute).exclude(pk=self.obj.mediator_id)
        self.fields["mediator"].queryset = rows.order_by("username").distinct()
        if needs_mediator(dispute):
            self.fields["mediator"].help_text = _("Needed now: it is mediated, or an agreement of it is followed up.")


SPECIAL = {
    "amend": AmendForm, "assign": AssignForm, "mark_violence": ViolenceForm, "extend": ExtendForm,
    "terminate": TerminateForm, "decline": DeclineForm, "refer": ReferForm,
    "tell_rights": RightsForm, **dict.fromkeys(("submit_for_consent", "accept", "begin", "reopen"), DayForm),
    **dict.fromkeys(map(end_back_name, (*TERMINABLE, *DECLINABLE)), EndBackForm),
}  # fmt: skip
for step_name in steps_of(Dispute):
    register_form(DISPUTE, step_name, SPECIAL.get(step_name, DisputeForm))
for step_name in steps_of(Recusal):
    register_form(RECUSAL, step_name, UpholdForm if step_name == "uphold" else DisputeForm)
