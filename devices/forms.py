"""What the steps of alarms and devices ask for beside a reason; used by the admin and the API alike."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from devices.life import LONGEST_MAINTENANCE, work_orders
from devices.shelving import LONGEST, open_shelvings
from governance.forms import TransitionForm, register_form


def until_field(**options) -> forms.DateTimeField:
    """Return the field of the moment at which something ends by itself."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=_("Until"), widget=widget, **options)


def check_until(until, longest: timedelta, message: str):
    """Return an end that lies ahead, by ``longest`` at most; raises ValidationError."""
    now = timezone.now()
    if not now < until <= now + longest:
        raise forms.ValidationError(message, code="out_of_range")
    return until


class ShelveForm(TransitionForm):
    """Until when an alarm is held back: a shift is offered, a week is the most."""

    OFFERED = timedelta(hours=4)

    field_order = ["until", "reason"]
    until = until_field(help_text=_("Within a week; then the alarm comes back by itself."))

    def starting_values(self):
        return super().starting_values() | {"until": timezone.localtime() + self.OFFERED}

    def clean_until(self):
        return check_until(self.cleaned_data["until"], LONGEST, _("The end must lie ahead, within a week."))


class ShelvingEndForm(ShelveForm):
    """Until when an alarm is held back after all; the end so far is shown."""

    until = until_field(help_text=_("Within a week from now; the alarm stays held back until then."))

    def starting_values(self):
        row = open_shelvings(self.obj).first()
        return super().starting_values() | ({"until": timezone.localtime(row.until)} if row else {})


class MaintenanceEndForm(TransitionForm):
    """Until when somebody works on a device after all; the end so far is shown."""

    field_order = ["until", "reason"]
    until = until_field(help_text=_("Within 30 days from now; alarms stay held back until then."))

    def starting_values(self):
        return super().starting_values() | {"until": timezone.localtime(self.obj.maintenance_until)}

    def clean_until(self):
        return check_until(
            self.cleaned_data["until"], LONGEST_MAINTENANCE, _("The end must lie ahead, within 30 days.")
        )


class MaintenanceForm(MaintenanceEndForm):
    """Until when somebody works on a device: a day is offered, 30 are the most."""

    OFFERED = timedelta(days=1)

    field_order = ["until", "case", "reason"]
    until = until_field(help_text=_("Within 30 days; then the maintenance ends by itself."))
    case = forms.ModelChoiceField(
        Case.objects.none(), label=_("Case (optional)"), required=False, to_field_name="number",
        empty_label=_("None."), help_text=_("The maintenance ends when this case is closed, if that comes first."),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["case"].queryset = work_orders(self.obj).filter(
            pk__in=Case.objects.visible_to(self.user).values("pk")
        )

    def starting_values(self):
        return super().starting_values() | {"until": timezone.localtime() + self.OFFERED}


class ShelveManyForm(forms.Form):
    """What shelving several alarms at once asks for."""

    until = until_field(help_text=_("Within a week; then the alarm comes back by itself."))
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_until(self):
        return check_until(self.cleaned_data["until"], LONGEST, _("The end must lie ahead, within a week."))


register_form("devices.alarm", "shelve", ShelveForm)
register_form("devices.alarm", "change_shelving", ShelvingEndForm)
register_form("devices.device", "begin_maintenance", MaintenanceForm)
register_form("devices.device", "change_maintenance", MaintenanceEndForm)
