"""What is filled in to ask for a takeover, invite an organ or a helper, ask departments, plan a sitting, write a note.

Each names the dispute by its number; only those the person works on are found, and choices are of its place.
"""

import re
from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.errors import REASON_NEEDED, Refused
from governance.models import Area, AreaKind, OrgUnit, User, Venue
from governance.repeats import AskedOnceForm
from governance.scoping import grants_of
from mediation.joint.forms import StandingForm, date_input, moment_input, words
from mediation.joint.querysets import REGISTER_ROLES
from mediation.joint.respected_helpers import candidates_in, helpers_for
from mediation.joint.tasks import departments
from mediation.joint.tracks import organs_for
from mediation.models import (
    Dispute,
    DisputeTier,
    EscalationDirection,
    NoteKind,
    Party,
    RespectedHelper,
    Sitting,
    SittingKind,
    TrackKind,
)

NUMBER = re.compile(r"[Dd]?0*([1-9][0-9]{0,17})")


def number_of(text: str) -> int | None:
    """Return the key that the number of a dispute says (D000012: 12)."""
    found = NUMBER.fullmatch((text or "").strip())
    return None if found is None else int(found[1])


def dispute_numbered(text: str, user) -> Dispute | None:
    """Return the dispute of a number, if the person may read it."""
    found = number_of(text)
    if found is None:
        return None
    return Dispute.objects.visible_to(user).with_rows().filter(pk=found).first()


def areas_kept(user):
    """Return the communities and streets whose register of respected locals the person keeps."""
    found = Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role in REGISTER_ROLES:
            found |= Q(path__startswith=grant.area_path)
    kinds = (AreaKind.COMMUNITY, AreaKind.STREET)
    return Area.objects.filter(found, kind__in=kinds, is_active=True).defer("boundary")


class RowForm(forms.Form):
    """Base of all forms that make something."""

    def __init__(self, data=None, *, user, initial=None):
        self.user = user
        super().__init__(data, initial=initial)

    def blame(self, refusal: Refused) -> None:
        """Show a refusal at the field to blame."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail).split("\n"))

    def values(self) -> dict:
        """Return what the service takes."""
        return dict(self.cleaned_data)


class OfDisputeForm(RowForm):
    """Something that belongs to a dispute."""

    dispute = forms.CharField(label=_("Number of the dispute"), max_length=20, help_text=_("Such as D000012."))

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, user=user, initial=initial)
        asked = (data or {}).get("dispute") or (initial or {}).get("dispute") or ""
        self.found = dispute_numbered(asked, user)
        if self.found is not None:
            self.fields["dispute"].help_text = ""
            self.offer(self.found)

    def offer(self, dispute: Dispute) -> None:
        """Offer the choices of the dispute."""

    def clean_dispute(self) -> Dispute:
        if self.found is None:
            raise forms.ValidationError(_("There is no such dispute among yours."), code="does_not_exist")
        return self.found


class TakeoverForm(OfDisputeForm):
    """Escalate or hand down, with a reason."""

    direction = forms.ChoiceField(label=_("Direction"), choices=EscalationDirection.choices)
    to_tier = forms.ChoiceField(
        label=_("To which tier"), required=False, choices=[("", _("the next tier")), *DisputeTier.choices]
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=words())


class TrackForm(OfDisputeForm):
    """An organ for one of the three tracks."""

    kind = forms.ChoiceField(label=_("Track"), choices=TrackKind.choices)
    organ = forms.ModelChoiceField(OrgUnit.objects.none(), label=_("Organ"), to_field_name="code")
    briefing = forms.CharField(
        label=_("What the organ is told"), max_length=2000, widget=words(5),
        help_text=_("The organ does not read the dispute: tell what it needs, and no more."),
    )  # fmt: skip
    legal_basis = forms.CharField(label=_("Legal basis (if known)"), max_length=200, required=False)

    def offer(self, dispute):
        """Offer the organs under the track they fit; taken is one of the track chosen."""
        field, chosen = self.fields["organ"], (self.data or {}).get("kind", "")
        field.queryset = organs_for(dispute, chosen if chosen in TrackKind.values else "")
        groups = [(kind.label, [(unit.code, str(unit)) for unit in organs_for(dispute, kind)]) for kind in TrackKind]
        field.choices = [("", field.empty_label), *((label, units) for label, units in groups if units)]


class TasksForm(OfDisputeForm):
    """A question to one or several departments."""

    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.none(), label=_("Departments"), to_field_name="code", widget=forms.CheckboxSelectMultiple
    )
    facts = forms.CharField(
        label=_("Facts they need"), max_length=2000, widget=words(5),
        help_text=_("The department does not read the dispute: tell what it needs, and no more."),
    )  # fmt: skip
    question = forms.CharField(label=_("Question to the department"), max_length=500, widget=words(2))
    answer_by = forms.DateField(label=_("Answer by"), widget=date_input())

    def __init__(self, data=None, *, user, initial=None):
        start = {"answer_by": timezone.localdate() + timedelta(days=7)} | (initial or {})
        super().__init__(data, user=user, initial=start)
        self.fields["units"].queryset = departments()

    def values(self):
        given = super().values()
        return given | {"units": list(given["units"])}


class SittingForm(OfDisputeForm):
    """When, where, how."""

    kind = forms.ChoiceField(label=_("Kind of sitting"), choices=SittingKind.choices)
    starts_at = forms.DateTimeField(label=_("Begins at"), widget=moment_input())
    ends_at = forms.DateTimeField(label=_("Ends at"), widget=moment_input())
    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=_("Room (is booked)"), required=False, to_field_name="code"
    )
    place = forms.CharField(label=_("Or the place in words"), max_length=160, required=False)
    link = forms.URLField(label=_("Link of the video meeting"), max_length=300, required=False, assume_scheme="https")
    together = forms.TypedChoiceField(
        label=_("The parties sit"), required=False, empty_value=None, coerce=lambda value: value == "yes",
        choices=[("", _("together, but not where there was domestic violence")), ("yes", _("together")),
                 ("no", _("apart"))],
    )  # fmt: skip
    together_reason = forms.CharField(
        label=_("Why together in spite of violence"), max_length=500, required=False, widget=words(2)
    )

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, user=user, initial=initial)
        self.fields["venue"].queryset = Venue.objects.bookable_by(user).order_by("code")


class NoteForm(AskedOnceForm, OfDisputeForm):
    """A record, or a note of a caucus. Neither is preset: a record is handed to all parties to sign."""

    # The browser keeps what is typed of a record only (drafts.js): what was said in caucus is its writer's alone.
    draft_only = f"kind={NoteKind.RECORD}"
    kind = forms.ChoiceField(label=_("Kind of note"), choices=NoteKind.choices, widget=forms.RadioSelect)
    sitting = forms.ModelChoiceField(Sitting.objects.none(), label=_("Sitting"), required=False)
    party = forms.ModelChoiceField(Party.objects.none(), label=_("Talked with"), required=False)
    text = forms.CharField(label=_("Text of the note"), max_length=8000, widget=words(8))

    def offer(self, dispute):
        self.fields["sitting"].queryset = Sitting.objects.filter(dispute=dispute).select_related("dispute")
        self.fields["party"].queryset = Party.objects.filter(dispute=dispute).named()


class KeepBackForm(forms.Form):
    """Why a record becomes a caucus note; never what it says."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=words(2), error_messages={"required": REASON_NEEDED},
        help_text=_("Do not repeat what the note says."),
    )  # fmt: skip

    def blame(self, refusal: Refused) -> None:
        """Show a refusal at the field to blame."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail))


class InvitationForm(OfDisputeForm):
    """Whom to propose to the parties, and what the helper would read."""

    helper = forms.ModelChoiceField(RespectedHelper.objects.none(), label=_("Respected local"))
    summary = forms.CharField(
        label=_("What the helper is told"), max_length=2000, widget=words(5),
        help_text=_("All they read of it; the parties know that they are told this."),
    )  # fmt: skip
    until = forms.DateField(label=_("Readable until"), widget=date_input())

    def __init__(self, data=None, *, user, initial=None):
        start = {"until": timezone.localdate() + timedelta(days=30)} | (initial or {})
        super().__init__(data, user=user, initial=start)

    def offer(self, dispute):
        free, field = helpers_for(dispute), self.fields["helper"]
        field.queryset = RespectedHelper.objects.filter(pk__in=[row.pk for row in free])
        field.choices = [("", field.empty_label), *((row.pk, _helper_told(row)) for row in free)]


def _helper_told(row: RespectedHelper) -> str:
    """Say what helps to choose: name, standing, languages, and whether they help with the type of the dispute."""
    knows = _("helps with this type") if row.knows_type else ""
    return " · ".join(str(part) for part in (row, row.get_standing_display(), "、".join(row.languages), knows) if part)


class RegisterHelperForm(StandingForm, RowForm):
    """Somebody who holds the post of a respected helper."""

    field_order = ["user", "area", "standing", "about", "fields_of_work", "languages", "interests"]
    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Person who holds the post"), to_field_name="username",
        help_text=_("They hold the post of a respected helper already (appointments)."),
    )  # fmt: skip
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community or street"), to_field_name="code")

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, user=user, initial=initial)
        self.offer_types()
        areas = areas_kept(user)
        self.fields["area"].queryset = areas.order_by("code")
        self.fields["user"].queryset = candidates_in(areas)

    def values(self):
        return self.standing_given(self.cleaned_data)
