"""Admin of device profiles: the page of a version, its form as a draft, trying and publishing it."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from devices.admin.profile_parts import ProfileCommandInline, ProfileMetricInline, ProfileStatusInline, faults
from devices.models import DeviceProfile, ProfileMetric, ProfileState, ProfileStatus
from devices.profile_content import differences, status_in_words
from devices.profiles import (
    MOST_DAYS,
    USUAL_DAYS,
    is_tried,
    lost_alarms,
    newest_trial,
    profile_discard,
    profile_draft,
    profile_publish,
    profile_try,
)
from governance.admin.base import KernelAdmin, refusal_page
from governance.errors import Conflict, Refused
from governance.templatetags.jiceng import badge

STATE_TONES = {ProfileState.DRAFT: "amber", ProfileState.IN_FORCE: "green", ProfileState.RETIRED: "grey"}


class VersionFilter(DropdownFilter):
    """The versions in force, unless others are asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"
    all_option = ["", gettext_lazy("In force")]

    def lookups(self, request, model_admin):
        return [(ProfileState.DRAFT, _("Drafts")), (ProfileState.RETIRED, _("No longer in force")),
                ("every", _("All versions"))]  # fmt: skip

    def queryset(self, request, queryset):
        if self.value() == "every":
            return queryset
        return queryset.filter(state=self.value() or ProfileState.IN_FORCE)


@admin.register(DeviceProfile)
class DeviceProfileAdmin(KernelAdmin):
    """Types of devices, version by version. Only a draft has a form for its rules."""

    list_display = ["name", "code", "version", "state_badge", "category", "scene", "reporting_interval", "case_source"]
    list_filter = [VersionFilter]
    list_filter_submit = True
    list_select_related = ["category", "scene"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["category", "scene", "chatter_category"]
    change_form_before_template = "devices/admin/profile_faults.html"
    inlines = [ProfileStatusInline, ProfileMetricInline, ProfileCommandInline]
    ordering = ["code", "-version"]

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("<int:object_id>/edit/", page(self.edit_view), name="devices_deviceprofile_edit"),
            path("<int:object_id>/<slug:deed>/do/", page(self.deed_view), name="devices_deviceprofile_deed"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.state != ProfileState.RETIRED)

    def get_fields(self, request, obj=None):
        if obj is not None and not obj.is_draft:
            return ["name", "category", "scene", "claim_distance"]
        return [
            "code", "name", "category", "scene", "case_source", "reporting_interval", "claim_distance",
            "most_per_minute", "chatter_count", "chatter_window", "chatter_shelf",
            "chatter_category",
        ]  # fmt: skip

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def get_inlines(self, request, obj):
        return self.inlines if obj is None or obj.is_draft else []

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), STATE_TONES[obj.state])

    def page_url(self, obj) -> str:
        """Address of a version's page."""
        return reverse("admin:devices_deviceprofile_change", args=[obj.pk])

    def find(self, request, object_id) -> DeviceProfile:
        """Return a version with its rules; 404 for who may not see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = str(object_id)
        obj = self.get_queryset(request).with_rules().filter(pk=text).first() if text.isdecimal() else None
        if obj is None:
            raise Http404
        return obj

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        obj = self.find(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(obj),
            "opts": self.opts,
            "original": obj,
            "object": obj,
            **self.page_context(request, obj),
        }
        return TemplateResponse(request, "devices/admin/profile_page.html", context)

    def page_context(self, request, obj) -> dict:
        """Return what a version's page shows."""
        versions = list(DeviceProfile.objects.visible_to(request.user).filter(code=obj.code).order_by("-version"))
        current = next((row for row in versions if row.state == ProfileState.IN_FORCE), None)
        trial = newest_trial(obj)
        return {
            "tone": STATE_TONES[obj.state],
            "statuses": [(status, status_in_words(obj, status)) for status in obj.statuses.all()],
            "versions": versions,
            "current": current,
            "changes": differences(DeviceProfile.objects.with_rules().get(pk=current.pk), obj)
            if current and obj.is_draft else [],
            "trial": trial,
            "by_type": [(obj.label_of(word), *figures) for word, figures in trial.by_type.items()] if trial else [],
            "lost": lost_alarms(trial, request.user) if trial else [],
            "tried": obj.is_draft and is_tried(obj),
            "may_edit": self.has_change_permission(request, obj),
            "may_draft": self.has_change_permission(request, obj) and obj.state == ProfileState.IN_FORCE
            and not any(row.is_draft for row in versions),
            "days": {"usual": USUAL_DAYS, "most": MOST_DAYS},
        }  # fmt: skip

    def _create_formsets(self, request, obj, change):
        """Let metrics be judged by the statuses of the same form (Django has no public place for this)."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        by_model = {formset.model: formset for formset in formsets}
        if ProfileMetric in by_model:
            by_model[ProfileMetric].statuses = by_model.get(ProfileStatus)
        return formsets, inlines

    def render_change_form(self, request, context, *args, **kwargs):
        if context["errors"]:
            parts = [inline.formset for inline in context["inline_admin_formsets"]]
            context["faults"] = faults(context["adminform"].form, parts)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.state = ProfileState.DRAFT
        super().save_model(request, obj, form, change)

    def edit_view(self, request, object_id):
        """The form of a draft; of the version in force that of its name, category and scene."""
        obj = self.find(request, object_id)
        if obj.state == ProfileState.RETIRED:
            return refusal_page(self, request, Conflict(_("This version does not change any more: make a draft.")),
                                back=self.page_url(obj))  # fmt: skip
        return self.changeform_view(request, str(object_id), "", None)

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(self.page_url(obj))

    response_post_save_add = response_post_save_change

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def deed_view(self, request, object_id, deed):
        """Draft, try, publish or discard a version; a refusal says why, and nothing has changed."""
        obj = self.find(request, object_id)
        if deed not in DEEDS:
            raise Http404
        try:
            shown, told = DEEDS[deed](obj, request)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(obj))
        messages.success(request, told)
        if shown is None:
            return HttpResponseRedirect(reverse("admin:devices_deviceprofile_changelist"))
        return HttpResponseRedirect(self.page_url(shown))


def _draft(obj, request):
    draft = profile_draft(obj, actor=request.user)
    return draft, _("A draft was begun. The version in force goes on as it is.")


def _try(obj, request):
    days = request.POST.get("days", "")
    trial = profile_try(obj, actor=request.user, days=int(days) if days.isdecimal() and len(days) < 5 else 0)
    return obj, _("Tried on %(count)s readings.") % {"count": trial.readings}


def _publish(obj, request):
    published = profile_publish(obj, actor=request.user, reason=request.POST.get("reason", ""))
    return published, _("Version %(version)s is in force.") % {"version": published.version}


def _discard(obj, request):
    profile_discard(obj, actor=request.user)
    current = DeviceProfile.objects.in_force().filter(code=obj.code).first()
    return current, _("The draft is gone.")


# What the buttons of a version's page do: the version to show next (None: the list), and what is told.
DEEDS = {"draft": _draft, "try": _try, "publish": _publish, "discard": _discard}
