"""Admin of commands to devices: where each stands. They are given on the device's page."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from devices.admin.looks import moment
from devices.command_workflow import CommandState
from devices.models import DeviceCommand
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge

COMMAND_TONES = {
    CommandState.QUEUED: "blue",
    CommandState.SENT: "amber",
    CommandState.CONFIRMED: "green",
    CommandState.FAILED: "red",
    CommandState.EXPIRED: "grey",
    CommandState.CANCELLED: "grey",
}


@admin.register(DeviceCommand)
class DeviceCommandAdmin(WorkflowAdmin):
    """Commands, newest first; one that waits may be taken back."""

    page_template = "devices/admin/command_page.html"
    list_display = ["device_link", "what", "state_badge", "given", "expires", "times_told", "answer"]
    list_display_links = ["what"]
    list_filter = ["state"]
    list_filter_submit = True
    search_fields = ["device__code", "name"]
    search_help_text = gettext_lazy("Device or command")
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().prefetch_related("device__profile__commands")

    def page_context(self, request, obj):
        return {"tone": COMMAND_TONES[obj.state]}

    @display(description=gettext_lazy("device"), ordering="device__code")
    def device_link(self, obj):
        url = reverse("admin:devices_device_change", args=[obj.device_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.device)

    @display(description=gettext_lazy("command"), ordering="name")
    def what(self, obj):
        return obj.label

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.standing, COMMAND_TONES[obj.state])

    @display(description=gettext_lazy("ordered at"), ordering="queued_at")
    def given(self, obj):
        return moment(obj.queued_at)

    @display(description=gettext_lazy("expires"), ordering="expires_at")
    def expires(self, obj):
        return moment(obj.expires_at)

    @display(description=gettext_lazy("times handed out"), ordering="deliveries")
    def times_told(self, obj):
        return obj.deliveries
