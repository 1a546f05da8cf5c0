"""Forms of what is done beside the transitions: registering, parties, answers, recusal, police, other routes."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.errors import Refused
from governance.masking import masked_name
from governance.models import Area, AreaKind, OrgUnit, User
from governance.repeats import AskedOnceForm, made_once
from governance.scoping import grants_of
from mediation.disputes.consents import asked_about
from mediation.disputes.forms import WAYS, CourtChoice, DisputeWords, PersonChoice, day_input, words
from mediation.disputes.inviting import courts
from mediation.disputes.parties import CONTACT, PartyDraft
from mediation.disputes.police import police_units
from mediation.disputes.querysets import REGISTERS
from mediation.disputes.registering import dispute_register
from mediation.disputes.states import (
    OPEN,
    ConsentAnswer,
    ConsentTo,
    DisputeSource,
    DisputeTier,
    PartyKind,
    PartySide,
    RecusalGround,
    ReportGround,
)
from mediation.disputes.typing import type_guesses
from mediation.models import Dispute, DisputeType, Party

# What is read of the words for a proposal: a title and the facts.
LONGEST_TEXT = 6000
# What is stored sealed is not kept by the browser either (drafts.js).
UNKEPT = {"data-unkept": ""}


class BlamedForm(forms.Form):
    """A form that shows a refusal at the field it names."""

    def blame(self, refusal: Refused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


def places_of(user):
    """Return the communities and grids in which a person registers disputes."""
    inside = Q(pk__isnull=True)
    for grant in grants_of(user):
        if grant.role in REGISTERS:
            inside |= Q(path__startswith=grant.area_path)
    return Area.objects.filter(inside, kind__in=[AreaKind.COMMUNITY, AreaKind.GRID], is_active=True).order_by("code")


class RegisterForm(AskedOnceForm, DisputeWords, BlamedForm):
    """A dispute with its first two parties; more are added on its page.

    Sent without a type, it comes back with the three likeliest by its words to choose from: a person decides.
    """

    field_order = ["title", "facts", "likeliest", "type", "source", "inviting_court", "area", "on", "applicant",
                   "applicant_phone", "respondent", "respondent_phone", "claim", "amount", "people", "urgency", "tier",
                   "violence", "domestic_violence"]  # fmt: skip
    likeliest = forms.ChoiceField(label=_("Likeliest by the words"), required=False, widget=forms.RadioSelect)
    type = forms.ModelChoiceField(
        DisputeType.objects.none(), label=_("Type of dispute"), to_field_name="code", required=False,
        empty_label=_("by the words"), help_text=_("Left empty, the three likeliest are proposed by the words."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("How it came"), choices=DisputeSource.choices, initial=DisputeSource.APPLICATION
    )  # fmt: skip
    inviting_court = CourtChoice(help_text=_("Where the court transferred it: that court alone confirms an agreement."))
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community or grid"), to_field_name="code")
    on = forms.DateField(
        label=_("Registered on"), required=False, widget=day_input(),
        help_text=_("The day on which it was brought. Empty: today."),
    )  # fmt: skip
    applicant = forms.CharField(label=_("Applicant's name"), max_length=80, required=False)
    applicant_phone = forms.CharField(
        label=_("Applicant's phone"), max_length=20, required=False, widget=forms.TextInput(UNKEPT)
    )
    respondent = forms.CharField(label=_("Respondent's name"), max_length=80, required=False)
    respondent_phone = forms.CharField(
        label=_("Respondent's phone"), max_length=20, required=False, widget=forms.TextInput(UNKEPT)
    )
    tier = forms.ChoiceField(label=_("Tier"), choices=DisputeTier.choices, initial=DisputeTier.GENERAL)
    violence = forms.BooleanField(label=_("There are signs of violence"), required=False)
    domestic_violence = forms.BooleanField(label=_("It is domestic violence"), required=False)

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["type"].queryset = DisputeType.objects.filter(is_active=True)
        self.fields["inviting_court"].queryset = courts()
        self._propose()
        places = places_of(user)
        self.fields["area"].queryset = places
        first = places.filter(kind=AreaKind.COMMUNITY)[:2]
        if len(first) == 1:
            self.initial["area"] = first[0]

    def _propose(self) -> None:
        """Offer the three likeliest types where the words were sent without a type."""
        sent = {name: self.data.get(name) or "" for name in ("title", "facts", "type")}
        found = [] if sent["type"] else type_guesses(f"{sent['title']}\n{sent['facts']}"[:LONGEST_TEXT])
        if found:
            self.fields["likeliest"].choices = [(row.code, f"{row} {share:.0%}") for row, share in found]
        else:
            del self.fields["likeliest"]

    def clean(self):
        given = super().clean()
        if "likeliest" in self.fields and "likeliest" not in self.errors:
            chosen = self.fields["type"].queryset.filter(code=given.pop("likeliest", "")).first()
            if chosen is None:
                self.add_error("likeliest", _("Choose one of these, or another type below."))
            given["type"] = chosen
        return given

    def values(self) -> dict:
        """Return the cleaned values as arguments of ``dispute_register``."""
        given = dict(self.cleaned_data)
        parties = []
        for side in (PartySide.APPLICANT, PartySide.RESPONDENT):
            name, phone = given.pop(str(side)), given.pop(f"{side}_phone")
            if name:
                parties.append(PartyDraft(side=side, name=name, phone=phone))
        return given | {"parties": parties}

    def register(self, user) -> Dispute:
        """Register the dispute; who registered the same a moment ago is asked first. Raises as ``dispute_register``."""
        given = self.values()
        return made_once(
            self, user=user, what="dispute", said=[given["title"], given["area"]], number=lambda made: made.number,
            make=lambda: dispute_register(actor=user, **given),
        )  # fmt: skip


class PartyForm(BlamedForm):
    """A party; phone and identity are stored sealed."""

    side = forms.ChoiceField(label=_("Side"), choices=PartySide.choices)
    kind = forms.ChoiceField(label=_("Person or organisation"), choices=PartyKind.choices, initial=PartyKind.PERSON)
    name = forms.CharField(label=_("Name of the party"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False, widget=forms.TextInput(UNKEPT))
    identity = forms.CharField(
        label=_("Identity number, or unified social credit code"), max_length=20, required=False,
        widget=forms.TextInput(UNKEPT),
    )  # fmt: skip
    address = forms.CharField(label=_("Address"), max_length=160, required=False)
    agent = forms.CharField(label=_("Represented by"), max_length=80, required=False)
    without_capacity = forms.BooleanField(label=_("Minor, or without full capacity"), required=False)


class CorrectPartyForm(PartyForm):
    """A party put right: only what is filled in is changed, since names and numbers stand here masked or not at all.
    Once the dispute has ended it asks for what may still be changed (``parties.CONTACT``)."""

    no_agent = forms.BooleanField(label=_("Nobody represents them any more"), required=False)

    def __init__(self, data=None, *, party: Party):
        super().__init__(data)
        self.initial = {name: getattr(party, name) for name in ("side", "kind", "without_capacity")}
        self.fields["name"].required = False
        if party.dispute.state not in OPEN:
            for name in set(self.fields) - CONTACT - {"no_agent"}:
                del self.fields[name]
        if party.agent:
            self.fields["agent"].help_text = _("Now: %(name)s") % {"name": masked_name(party.agent)}
        else:
            del self.fields["no_agent"]

    def changes(self) -> dict:
        """Return what ``party_amend`` takes."""
        given = dict(self.cleaned_data)
        gone = given.pop("no_agent", False) and not given["agent"]
        kept = {name: value for name, value in given.items() if value or name == "without_capacity"}
        return kept | ({"agent": ""} if gone else {})


class OfDisputeForm(BlamedForm):
    """A form that asks for parties of a dispute."""

    def __init__(self, data=None, *, dispute):
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset.model is Party:
                field.queryset = dispute.parties.named()


class ConsentForm(OfDisputeForm):
    """What one or several parties answered."""

    parties = forms.ModelMultipleChoiceField(
        Party.objects.none(), label=_("Parties"), widget=forms.CheckboxSelectMultiple
    )
    what = forms.ChoiceField(label=_("Asked about"), choices=ConsentTo.choices)
    about = PersonChoice(
        label=_("Person asked about"), required=False, empty_label=_("the appointed mediator"),
        help_text=_("A mediator who would take the dispute over, or a helper proposed."),
    )  # fmt: skip
    answer = forms.ChoiceField(label=_("Their answer"), choices=ConsentAnswer.choices)
    how = forms.ChoiceField(label=_("How it was said"), choices=WAYS)
    until = forms.DateField(label=_("Longer until (for a longer term)"), required=False, widget=day_input(),
                            help_text=_("Only of who agrees to a longer term."))  # fmt: skip
    said_on = forms.DateField(
        label=_("Said on"), required=False, widget=day_input(),
        help_text=_("The day of the signature or of what was said, not of the recording. Empty: today."),
    )  # fmt: skip

    def __init__(self, data=None, *, dispute):
        super().__init__(data, dispute=dispute)
        self.people = {what: set(found.values_list("pk", flat=True)) for what, found in asked_about(dispute).items()}
        if not self.people[ConsentTo.HELPER]:
            asked = self.fields["what"]
            asked.choices = [choice for choice in asked.choices if choice[0] != ConsentTo.HELPER]
        if any(self.people.values()):
            everybody = set().union(*self.people.values())
            self.fields["about"].queryset = User.objects.filter(pk__in=everybody).order_by("name", "pk")
        else:
            del self.fields["about"]

    def clean(self):
        given = super().clean()
        about = given.get("about")
        if about is not None and about.pk not in self.people.get(given.get("what"), ()):
            self.add_error("about", _("Parties are not asked this about this person."))
        return given

    def prefill(self, asked) -> None:
        """Start with what a link to the form asks about."""
        self.initial = {name: asked[name] for name in ("what", "about") if name in asked}


class RecusalForm(OfDisputeForm):
    """Why the mediator should not mediate, and who says so."""

    party = forms.ModelChoiceField(
        Party.objects.none(), label=_("Asked by the party"), required=False, empty_label=_("The mediator alone")
    )
    ground = forms.ChoiceField(label=_("Ground of the recusal"), choices=RecusalGround.choices)
    words = forms.CharField(label=_("Reasons given"), required=False, max_length=500, widget=words())


class PoliceForm(BlamedForm):
    """What the police were told."""

    ground = forms.ChoiceField(label=_("Ground of the report"), choices=ReportGround.choices)
    words = forms.CharField(label=_("What was reported"), required=False, max_length=1000, widget=words())
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label=_("Unit (optional)"), required=False, to_field_name="code"
    )  # fmt: skip
    reference = forms.CharField(label=_("Number given by the police"), required=False, max_length=40)

    def __init__(self, data=None, *, dispute):
        super().__init__(data)
        self.fields["unit"].queryset = police_units(dispute)


class RoutesForm(BlamedForm):
    """How the parties were told of the other routes."""

    how = forms.ChoiceField(label=_("How the parties were told"), choices=WAYS)

    def __init__(self, data=None, *, dispute):
        super().__init__(data)


class SetAsideForm(BlamedForm):
    """Why a higher tier need not take it over."""

    reason = forms.CharField(label=_("Why it stays where it is"), max_length=500, widget=words(2))

    def __init__(self, data=None, *, dispute):
        super().__init__(data)


class UnmaskForm(BlamedForm):
    """Why somebody needs name, phone and identity in the clear."""

    reason = forms.CharField(label=_("Why you need this"), max_length=500, widget=words(2))


STRIKE_LEAD = _("Only who was entered by mistake, or came later and does not take part: the row and the reason are "
                "kept, the party counts nowhere any more.")  # fmt: skip


class StrikeForm(BlamedForm):
    """Why a party does not belong to the dispute."""

    reason = forms.CharField(label=_("Why this party is struck"), max_length=500, widget=words(2))


class SlipForm(BlamedForm):
    """How the name of who has signed is written in truth, and why it was not."""

    name = forms.CharField(label=_("Name, spelt rightly"), max_length=80)
    reason = forms.CharField(label=_("Why it was misspelt, and what shows it"), max_length=500, widget=words(2))
