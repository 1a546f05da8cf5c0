"""Admin of shelvings: what is shelved now, by whom, why and until when."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from devices.admin.alarm_filters import DeviceFilter
from devices.admin.chosen import chosen_keys, left_out
from devices.admin.looks import condition_badge, moment
from devices.forms import ShelveManyForm
from devices.models import Shelving
from devices.querysets import SHELVES
from devices.shelving import shelving_change, shelving_lift
from governance.admin.base import ReadOnlyAdmin
from governance.errors import Refused
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge


class ActiveFilter(DropdownFilter):
    """Shelvings whose alarm is there now, or is not."""

    title = gettext_lazy("active alarm")
    parameter_name = "active"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.with_active(self.value() == "yes")
        return queryset.none() if self.value() else queryset


class ByItselfFilter(DropdownFilter):
    """Shelved by a person, or by itself because it chatters."""

    title = gettext_lazy("shelved")
    parameter_name = "chattering"

    def lookups(self, request, model_admin):
        return [("yes", _("By itself: it chatters")), ("no", _("By a person"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.filter(chattering=self.value() == "yes")
        return queryset.none() if self.value() else queryset


@admin.register(Shelving)
class ShelvingAdmin(ReadOnlyAdmin):
    """All that is shelved now, whether its alarm is there or not; what ends first comes first."""

    list_display = ["what", "there", "who", "why", "since", "ends", "place"]
    list_display_links = None
    list_filter = [ActiveFilter, ByItselfFilter, AreaFilter, DeviceFilter]
    list_filter_submit = True
    search_fields = ["device__code", "device__name"]
    search_help_text = gettext_lazy("Code or name of the device")
    ordering = ["until", "id"]
    actions = ["change_selected", "unshelve_selected"]
    export_display = ("device_code", "alarm_type", "there_now", "shelved_by", "why", "shelved_at", "until")

    def get_queryset(self, request):
        return super().get_queryset(request).in_force().with_rows()

    def has_shelve_permission(self, request) -> bool:
        """Tell whether the person holds a role that may change some shelving; each is judged by itself."""
        return bool(roles_of(request.user) & set(SHELVES))

    @admin.action(description=gettext_lazy("Unshelve"), permissions=["shelve"])
    def unshelve_selected(self, request, queryset):
        """Take the chosen shelvings back; say what became of each."""
        return self._each(request, queryset, shelving_lift, _("Unshelve"), _("Alarms unshelved: %(count)s."))

    @admin.action(description=gettext_lazy("Change the end"), permissions=["shelve"])
    def change_selected(self, request, queryset):
        """Ask until when and why, then move the end of each."""
        title = _("Change the end of the shelving")
        sent = request.POST if "until" in request.POST else None
        first = queryset.order_by("until").first()
        form = ShelveManyForm(sent, initial={"until": timezone.localtime(first.until)} if first else None)
        if sent is not None and form.is_valid():
            told = _("Shelvings changed: %(count)s.")
            return self._each(request, queryset, shelving_change, title, told, **form.cleaned_data)
        context = {
            **self.admin_site.each_context(request), "title": title, "title_part": title, "opts": self.opts,
            "form": form, "rows": queryset, "chosen": chosen_keys(request, queryset),
            "left_out": left_out(request, queryset, len(queryset)),
            "action": "change_selected", "back": reverse("admin:devices_shelving_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "devices/admin/shelve_many.html", context, status=400 if form.errors else 200)

    def _each(self, request, queryset, service, title: str, told: str, **given):
        """Do something to each of the chosen shelvings, in the order of devices as ingest locks them; say what became
        of each."""
        results = []
        for row in queryset.order_by("device_id", "pk"):
            try:
                service(row, actor=request.user, **given)
                results.append((row, True, ""))
            except Refused as error:
                results.append((row, False, error.detail))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "title_part": title,
            "opts": self.opts,
            "left_out": left_out(request, queryset, len(results)),
            "told": told % {"count": sum(well for _row, well, _why in results)},
            "results": results,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "devices/admin/shelving_results.html", context)

    @display(description=gettext_lazy("alarm"), ordering="device__code")
    def what(self, obj):
        text = format_html("<b>{}</b><span>{} {}</span>", obj.label, obj.device.code, obj.device.name)
        if obj.alarm_id is None:
            return format_html('<span class="jc-what">{}</span>', text)
        url = reverse("admin:devices_alarm_change", args=[obj.alarm_id])
        return format_html('<a class="jc-what" href="{}">{}</a>', url, text)

    @display(description=gettext_lazy("condition"))
    def there(self, obj):
        """Say what the console says of the newest alarm it holds back."""
        return condition_badge(obj.alarm_condition, obj.alarm_state) if obj.alarm_id else "—"

    @display(description=gettext_lazy("shelved by"), ordering="shelved_by")
    def who(self, obj):
        return badge(_("Chatters"), "violet") if obj.chattering else str(obj.shelved_by)

    @display(description=gettext_lazy("reason"))
    def why(self, obj):
        return obj.reason or "—"

    @display(description=gettext_lazy("shelved at"), ordering="shelved_at")
    def since(self, obj):
        return moment(obj.shelved_at)

    @display(description=gettext_lazy("until"), ordering="until")
    def ends(self, obj):
        return moment(obj.until)

    @display(description=gettext_lazy("place"), ordering="device__area")
    def place(self, obj):
        return format_html('<span class="jc-what"><b>{}</b><span>{}</span></span>', obj.device.area, obj.device.address)

    @display(description=gettext_lazy("device"))
    def device_code(self, obj):
        return obj.device.code

    @display(description=gettext_lazy("active alarm"))
    def there_now(self, obj):
        return _("Yes") if obj.alarm_active else _("No")
