"""What is done to one device from its page: giving a command, setting a baseline."""

from django import forms
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from devices.admin.looks import figure
from devices.baselines import baseline_set, relative_metrics
from devices.commands import LONGEST_TIME, USUAL_TIME, command_queue
from devices.forms import check_until, until_field
from devices.models import Device, DeviceCommand, DeviceForecast
from devices.querysets import KEEPS_DEVICES
from governance.admin.refusals import refusal_page
from governance.errors import Invalid, NotPermitted, Refused
from governance.scoping import grant_for

COMMANDS_SHOWN = 8


class DeviceActionForm(forms.Form):
    """Base of what is asked for on a device's page; ``carry_out`` calls the service and returns what is told."""

    title: str

    def __init__(self, data=None, *, device: Device):
        super().__init__(data)
        self.device = device

    def carry_out(self, actor) -> str:
        """Do it; raises Refused."""
        raise NotImplementedError  # pragma: no cover - each form calls its own service


class ParametersField(forms.JSONField):
    """JSON that is shown again as it was typed, but for halves of letters, which no page can hold."""

    def prepare_value(self, value):
        return super().prepare_value(value).encode(errors="replace").decode()


class CommandForm(DeviceActionForm):
    """A command of the device's profile."""

    title = gettext_lazy("Give a command")

    name = forms.ChoiceField(label=gettext_lazy("command"))
    payload = ParametersField(
        label=gettext_lazy("parameters"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A JSON object, such as {\"seconds\": 60}; empty where the command needs none."),
    )  # fmt: skip
    expires_at = until_field(help_text=gettext_lazy("Within 30 days; then it is handed out no more."))

    def __init__(self, data=None, *, device):
        super().__init__(data, device=device)
        self.fields["name"].choices = [(row.name, f"{row.label} ({row.name})") for row in device.profile.commands.all()]
        self.fields["expires_at"].initial = timezone.localtime() + USUAL_TIME

    def clean_expires_at(self):
        return check_until(self.cleaned_data["expires_at"], LONGEST_TIME, _("The end must lie ahead, within 30 days."))

    def carry_out(self, actor):
        command_queue(self.device, actor=actor, **self.cleaned_data)
        return _("The command waits until the device is heard.")


class BaselineForm(DeviceActionForm):
    """What a metric is when all is well."""

    title = gettext_lazy("Set a baseline")

    metric = forms.ChoiceField(label=gettext_lazy("metric"))
    value = forms.FloatField(
        label=gettext_lazy("value"), required=False, help_text=gettext_lazy("Empty: the newest value reported.")
    )
    reason = forms.CharField(label=gettext_lazy("Remark"), required=False, max_length=500)

    def __init__(self, data=None, *, device):
        super().__init__(data, device=device)
        self.fields["metric"].choices = [(row.metric, row.label) for row in relative_metrics(device)]

    def carry_out(self, actor):
        baseline_set(self.device, actor=actor, **self.cleaned_data)
        return _("The baseline is set: the next sample is judged by it.")


FORMS = {"command": CommandForm, "baseline": BaselineForm}


class OnSiteMixin:
    """Gives the admin of devices these forms, each under ``<id>/<command or baseline>/``, and what their page shows."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path(f"<int:object_id>/{name}/", wrap(self.deed_view), {"name": name}, name=f"devices_device_{name}")
            for name in FORMS
        ] + super().get_urls()

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def deed_view(self, request, object_id, name):
        """GET asks; POST does it. Refusals change nothing."""
        device = self.find(request, object_id)
        if grant_for(KEEPS_DEVICES, device, request.user) is None:
            error = NotPermitted(_("You may not do this to this device."))
            return refusal_page(self, request, error, back=self.page_url(device))
        form = FORMS[name](request.POST if request.method == "POST" else None, device=device)
        if request.method == "POST" and form.is_valid():
            try:
                told = form.carry_out(request.user)
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.detail))
            except Refused as error:
                return refusal_page(self, request, error, back=self.page_url(device))
            else:
                self.message_user(request, told)
                return HttpResponseRedirect(self.page_url(device))
        context = {
            **self.admin_site.each_context(request),
            "title": form.title,
            "title_part": form.title,
            "subtitle": str(device),
            "opts": self.opts,
            "form": form,
            "back": self.page_url(device),
        }
        template = "devices/admin/device_form.html"
        return TemplateResponse(request, template, context, status=400 if form.errors else 200)

    def on_site(self, request, device: Device) -> dict:
        """Return what the device's page shows of commands, baselines and its battery."""
        commands = DeviceCommand.objects.filter(device=device).select_related("device", "queued_by").order_by("-id")
        labels = {row.name: row.label for row in device.profile.commands.all()}
        return {
            "keeps": grant_for(KEEPS_DEVICES, device, request.user) is not None,
            "commands": [(row, labels.get(row.name, row.name)) for row in commands[:COMMANDS_SHOWN]],
            "known_commands": bool(labels),
            "baselines": [
                (row, *figure(device.profile, row.metric, row.value, ""))
                for row in device.baselines.select_related("set_by").order_by("metric")
            ],
            "relative": any(metric.relative_to_baseline for metric in device.profile.metrics.all()),
            "forecast": DeviceForecast.objects.filter(device=device).first(),
        }
