"""What the transitions of a resolution ask for; used by the admin and the API alike."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField, TransitionForm, register_form
from property.models import ResolutionState
from property.voting.resolutions import DECLARES

VOTING_DAYS = 14  # days offered for the vote itself [J]
FIRST_HOUR, LAST_HOUR = 9, 18


class MomentField(forms.DateTimeField):
    """A day and time such as 2026-12-01T09:00 (the local zone where none is said)."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class DocumentsForm(TransitionForm):
    """A remark or reason, and documents or photos of the notice."""

    photos = PhotosField(label=_("Documents"))


class AnnounceForm(DocumentsForm):
    """When the vote begins and ends; the soonest days that the notice allows are offered."""

    voting_from = MomentField(label=_("vote begins"))
    voting_until = MomentField(label=_("vote ends"))
    field_order = ["voting_from", "voting_until", "reason", "photos", "version"]

    def starting_values(self):
        first = timezone.localtime() + timedelta(days=self.obj.rule_set.notice_days + 1)
        begins = first.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
        ends = (begins + timedelta(days=VOTING_DAYS)).replace(hour=LAST_HOUR)
        return super().starting_values() | {"voting_from": begins, "voting_until": ends}


class OfficialForm(DocumentsForm):
    """What the body in charge declared, when, and by which document."""

    official_outcome = forms.ChoiceField(
        label=_("official result"), choices=[(value, ResolutionState(value).label) for value in DECLARES]
    )
    official_on = forms.DateField(
        label=_("declared on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    official_number = forms.CharField(label=_("document number"), required=False, max_length=80)
    field_order = ["official_outcome", "official_on", "official_number", "photos", "reason", "version"]

    def starting_values(self):
        return super().starting_values() | {"official_outcome": self.obj.outcome, "official_on": timezone.localdate()}


for _name in ("deliberate", "count", "publicise", "revoke"):
    register_form("property.resolution", _name, DocumentsForm)
register_form("property.resolution", "announce", AnnounceForm)
register_form("property.resolution", "record_official", OfficialForm)
