"""Admin of what decides about notices: rules, templates, channels, and what became of each message."""

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from governance import events
from governance.admin.base import KernelAdmin, ReadOnlyAdmin, refusal_page
from governance.errors import Refused
from governance.models import Delivery, NoticeChannel, NoticeRule, NoticeTemplate
from governance.notices import addresses, contexts, sealing, wording
from governance.notices.checks import check_rule, check_template
from governance.notices.services import RETRIED, channel_test, delivery_retry

NOTHING = [("", gettext_lazy("Select value"))]


def context_label(name: str) -> str:
    """Return what people call a notice context: the name of its model."""
    try:
        return str(apps.get_model(name)._meta.verbose_name)
    except (LookupError, ValueError):
        return name


def context_choices() -> list[tuple[str, str]]:
    """Return every registered context for a select."""
    return NOTHING + sorted((name, context_label(name)) for name in contexts.registered())


def event_choices() -> list[tuple[str, str]]:
    """Return every event name with its label."""
    return NOTHING + [(name, f"{label} · {name}") for name, label in sorted(events.registered().items())]


def template_choices() -> list[tuple[str, str]]:
    """Return the keys of all templates with a title; one statement."""
    rows = NoticeTemplate.objects.order_by("key", "-language").values_list("key", "title")
    return NOTHING + [(key, f"{title} · {key}") for key, title in dict(rows).items()]


class TemplateForm(forms.ModelForm):
    """Words of a notice; a variable that is not there is an error at its field."""

    context = forms.ChoiceField(
        label=gettext_lazy("speaks about"), choices=context_choices, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = NoticeTemplate
        fields = ["key", "language", "context", "title", "body"]

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            try:
                check_template(self.instance)
            except ValidationError as error:
                self.add_error(None, error)


@admin.register(NoticeTemplate)
class NoticeTemplateAdmin(KernelAdmin):
    """Texts of notices, one row per language, with a preview and the variables there are."""

    form = TemplateForm
    scope_fields = ()
    list_display = ["key", "language", "title", "about"]
    list_filter = ["language"]
    list_filter_submit = True
    search_fields = ["key", "title"]
    fields = ["key", "language", "context", "title", "body", "preview", "variables"]

    def get_readonly_fields(self, request, obj=None):
        return ["key", "language", "preview", "variables"] if obj else ["preview", "variables"]

    @display(description=gettext_lazy("speaks about"), ordering="context")
    def about(self, obj):
        return context_label(obj.context)

    @display(description=gettext_lazy("preview"))
    def preview(self, obj):
        if not obj.pk or contexts.context_of(obj.context) is None:
            return "—"
        lines = [wording.preview(obj.title, obj.context), *wording.preview(obj.body, obj.context).splitlines()]
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    @display(description=gettext_lazy("variables"))
    def variables(self, obj):
        shown = [obj.context] if obj.pk and obj.context in contexts.registered() else sorted(contexts.registered())
        rows = []
        for name in shown:
            rows.append((context_label(name), ""))
            rows += [(meaning, f"{{{{ {key} }}}}") for key, meaning in contexts.context_of(name).variables.items()]
        return format_html_join("", "<div>{} <code>{}</code></div>", rows)


class RuleForm(forms.ModelForm):
    """A rule; ``actor`` is set by the admin."""

    actor = None
    event = forms.ChoiceField(label=gettext_lazy("event"), choices=event_choices, widget=UnfoldAdminSelectWidget)
    template = forms.ChoiceField(
        label=gettext_lazy("template"), choices=template_choices, widget=UnfoldAdminSelectWidget
    )

    def clean_condition(self):
        """Nothing written is no condition."""
        return self.cleaned_data["condition"] or {}

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            try:
                check_rule(self.instance, self.actor)
            except ValidationError as error:
                self.add_error(None, error)


@admin.register(NoticeRule)
class NoticeRuleAdmin(KernelAdmin):
    """When something happens, who is told."""

    form = RuleForm
    scope_fields = ("area",)
    list_display = ["name", "event_shown", "recipient", "role", "part", "urgency", "reach", "area", "is_active"]
    list_filter = ["recipient", "urgency", "is_active"]
    list_filter_submit = True
    list_select_related = ["area"]
    search_fields = ["name", "code", "event"]
    autocomplete_fields = ["area", "unit", "person", "channel"]
    fieldsets = [
        (None, {"fields": ["code", "name", "event", "condition", "area", "is_active"]}),
        (gettext_lazy("Who is told"), {"fields": ["recipient", "role", "part", "unit", "person", "channel"]}),
        (gettext_lazy("What is told"), {"fields": ["template", "urgency", "reach"]}),
    ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type("OfActor", (form,), {"actor": request.user})

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("event"), ordering="event")
    def event_shown(self, obj):
        return events.label_of(obj.event)


class ChannelForm(forms.ModelForm):
    """A channel; its address is written, never shown."""

    address = forms.CharField(
        label=gettext_lazy("address"),
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Secret: kept encrypted and never shown. Leave empty to keep it. A robot's web address, or as apprise "
            "writes it: wecombot://key, dingtalk://secret@token, feishu://token, mailtos://user:password@host?to=…, "
            "jsons://host/path. Text messages: with {phone} where the number goes, or empty for the gateway of the "
            "installation."
        ),
    )

    class Meta:
        model = NoticeChannel
        fields = ["code", "name", "kind", "area", "unit", "rate", "is_active"]

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("kind", self.instance.kind)
        try:
            address = addresses.normal(cleaned.get("address") or "") or self._stored()
            addresses.check(address, kind)
        except sealing.CannotOpen:
            self.add_error("address", _("The address can no longer be read: enter it again."))
        except ValidationError as error:
            self.add_error("address", error)
        else:
            if cleaned.get("address"):
                self.instance.address_sealed = sealing.sealed(address)
        return cleaned

    def _stored(self) -> str:
        return sealing.opened(self.instance.address_sealed) if self.instance.address_sealed else ""


@admin.register(NoticeChannel)
class NoticeChannelAdmin(KernelAdmin):
    """Ways out of the product; each can be tried."""

    form = ChannelForm
    list_display = ["name", "kind", "unit", "area", "rate", "is_active", "failing_since"]
    list_filter = ["kind", "is_active"]
    list_filter_submit = True
    list_select_related = ["unit", "area"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["unit", "area"]
    fields = ["code", "name", "kind", "area", "unit", "address_now", "address", "rate", "is_active", "failing_since"]
    change_form_outer_before_template = "governance/admin/channel_test.html"

    def get_readonly_fields(self, request, obj=None):
        fixed = ["address_now", "failing_since"]
        return ["code", "kind", *fixed] if obj else fixed

    def get_urls(self):
        view = self.admin_site.admin_view(self.test_view)
        return [path("<int:object_id>/test/", view, name="governance_noticechannel_test"), *super().get_urls()]

    @method_decorator(sensitive_post_parameters("address"))
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, extra_context)

    @display(description=gettext_lazy("address at present"))
    def address_now(self, obj):
        if not obj.address_sealed:
            return "—"
        try:
            return addresses.masked(sealing.opened(obj.address_sealed))
        except sealing.CannotOpen:
            return _("The address can no longer be read: enter it again.")

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def test_view(self, request, object_id):
        """Send a test over the channel."""
        channel = self.get_object(request, str(object_id))
        if channel is None or not self.has_view_permission(request, channel):
            raise Http404
        back = reverse("admin:governance_noticechannel_change", args=[channel.pk])
        try:
            channel_test(channel, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=back)
        messages.success(request, _("The service took the test message."))
        return HttpResponseRedirect(back)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What went out, what waits, what failed and why."""

    list_display = ["created_at", "channel", "title", "addressee", "state", "attempts", "next_try_at", "sent_at"]
    list_filter = ["state", "urgency", "channel__kind"]
    list_filter_submit = True
    list_select_related = ["channel", "notice__person"]
    fields = [
        "channel", "addressee", "title", "body", "urgency", "state", "attempts", "next_try_at", "taken_at", "sent_at",
        "last_error", "created_at",
    ]  # fmt: skip
    readonly_fields = ["addressee"]
    ordering = ["-id"]
    change_form_outer_before_template = "governance/admin/delivery_retry.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.retry_view)
        return [path("<int:object_id>/retry/", view, name="governance_delivery_retry"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, {"retried": RETRIED} | (extra_context or {}))

    @display(description=gettext_lazy("to"))
    def addressee(self, obj):
        return obj.notice.person if obj.notice else _("the group")

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def retry_view(self, request, object_id):
        """Let a message that failed be sent once more."""
        delivery = self.get_object(request, str(object_id))
        if delivery is None or not self.has_view_permission(request, delivery):
            raise Http404
        back = reverse("admin:governance_delivery_change", args=[delivery.pk])
        try:
            delivery_retry(delivery, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=back)
        messages.success(request, _("The message will be sent once more."))
        return HttpResponseRedirect(back)
