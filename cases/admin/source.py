"""Admin of named sources: how they are, their keys, the editor of their mapping, replaying what could not be taken."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from cases.admin.looks import ICONS, when
from cases.admin.mapping_page import MappingPage
from cases.admin.source_forms import MappingForm
from cases.intake.health import Health, health_of, hours_of
from cases.intake.keys import key_issue, key_revoke
from cases.intake.letters import letters_replay
from cases.intake.preview import preview
from cases.models import DeadLetter, IntakeSource
from governance.admin.base import KernelAdmin
from governance.admin.keys import KeyedAdmin
from governance.admin.refusals import refusal_page
from governance.errors import Refused
from governance.templatetags.jiceng import badge, icon

# Above this share of rejected messages a source is shown as in trouble [J].
MANY_REJECTED = 0.1


@admin.register(IntakeSource)
class IntakeSourceAdmin(MappingPage, KeyedAdmin, KernelAdmin):
    """Named sources with their health."""

    mapping_form = MappingForm
    tried = staticmethod(preview)
    key_scheme = "Source"
    key_issue = staticmethod(key_issue)
    key_revoke = staticmethod(key_revoke)
    list_display = ["what", "unit", "area", "condition", "last_seen", "messages_now", "rejected_share", "letters"]
    list_display_links = ["what"]
    export_display = (
        "code", "name", "get_kind_display", "unit", "area", "files_at_once", "silent_after", "silent_since",
        "is_active",
    )  # fmt: skip
    list_filter = ["kind", AreaFilter, "is_active"]
    list_select_related = ["unit", "area"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["unit", "area"]
    fields = ["code", "name", "kind", "unit", "area", "files_at_once", "silent_after", "is_active"]
    ordering = ["code"]
    change_form_outer_before_template = "cases/admin/source_now.html"

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.defer("area__boundary") if request.resolver_match.url_name.endswith("list") else rows

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        figures = health_of(changelist.result_list)
        for source in changelist.result_list:
            source.health = figures[source.pk]
        return changelist

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/replay/", wrap(self.replay_view), name="cases_intakesource_replay"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("named source"), ordering="code")
    def what(self, obj):
        mark = icon(ICONS[obj.kind], obj.get_kind_display())
        return format_html('<span class="jc-number">{}{}<small>{}</small></span>', mark, obj.name, obj.code)

    @display(description=gettext_lazy("state"), ordering="silent_since")
    def condition(self, obj):
        return condition_of(obj, obj.health)

    @display(description=gettext_lazy("last seen"))
    def last_seen(self, obj):
        return when(obj.health.last_at)

    @display(description=gettext_lazy("messages this hour / in 24 h"))
    def messages_now(self, obj):
        return format_html(
            '<a class="jc-link" href="{}#hours">{} / {}</a>', self._page(obj), obj.health.hour, obj.health.day
        )

    @display(description=gettext_lazy("share rejected"))
    def rejected_share(self, obj):
        if not obj.health.day:
            return share_of(obj.health)
        return format_html('<a class="jc-link" href="{}#hours">{}</a>', self._page(obj), share_of(obj.health))

    @display(description=gettext_lazy("dead letters"))
    def letters(self, obj):
        if not obj.health.waiting:
            return "—"
        return format_html('<a class="jc-link" href="{}">{}</a>', letters_url(obj), obj.health.waiting)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        source = self.get_object(request, object_id)
        now = self._now(request, source) if source is not None and self.has_view_permission(request, source) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **now})

    def _now(self, request, source: IntakeSource) -> dict:
        """Return what the page shows above the form."""
        health, may_change = health_of([source])[source.pk], self.has_change_permission(request, source)
        return {
            "source": source,
            "health": health,
            "condition": condition_of(source, health),
            "share": share_of(health),
            "hours": hours_of(source),
            "letters_url": letters_url(source),
            "may_mend": DeadLetter.objects.is_visible(DeadLetter(source=source), request.user),
            "address": request.build_absolute_uri(reverse("intake", args=[source.code])),
            "keys": self.keys_of(request, source),
            "may_manage_keys": may_change,
            "mapping_url": reverse("admin:cases_intakesource_mapping", args=[source.pk]) if may_change else "",
        }

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["POST"]))
    def replay_view(self, request, object_id):
        """Replay the waiting letters of a source."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        source = self.get_queryset(request).filter(pk=object_id).first()
        if source is None:
            raise Http404
        try:
            done = letters_replay(source, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self._page(source))
        told = {"replayed": done.replayed, "wrong": done.wrong}
        messages.success(request, _("%(replayed)s messages became cases, %(wrong)s are still wrong.") % told)
        if done.left:
            messages.warning(request, _("There are more; replay again."))
        return HttpResponseRedirect(self._page(source))


def letters_url(source: IntakeSource) -> str:
    """Return the address of the list of a source's waiting letters."""
    return f"{reverse('admin:cases_deadletter_changelist')}?source={source.pk}&state=rejected"


def condition_of(source: IntakeSource, health: Health) -> str:
    """Return a source's condition as a coloured word."""
    if not source.is_active:
        return badge(_("Switched off"), "grey")
    if health.silent:
        return badge(_("Silent"), "red")
    if (health.rejected_share or 0) > MANY_REJECTED:
        return badge(_("Many rejected"), "amber")
    return badge(_("Sends"), "green") if health.last_at else badge(_("Never heard"), "grey")


def share_of(health: Health) -> str:
    """Return the share of rejected messages of 24 hours in per cent."""
    return "—" if health.rejected_share is None else f"{health.rejected_share:.0%}"
