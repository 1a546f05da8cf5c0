"""Admin of redemption: rewards with their stock book, redemptions, and the desk at which they are handed over."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from cases.admin.filters import AreaFilter, KeyFilter
from governance.admin.base import ReadOnlyAdmin
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.errors import NotPermitted, Refused
from governance.models import Event
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from governance.workflow import act
from partners.models import Redemption, Reward, RewardKind, StockEntry
from partners.rewards.forms import DraftForm
from partners.rewards.looks import REDEMPTION_TONES, REWARD_TONES
from partners.rewards.members import Shown, code_shown
from partners.rewards.notices import place_of
from partners.rewards.offering import is_open, picture_of, reward_draft
from partners.rewards.querysets import RUN_BY


def trail_of(obj: Model) -> list[Event]:
    """Return what happened to an object, newest first."""
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    return list(rows.select_related("actor", "unit", "remark").order_by("-id")[:200])


def runs(user) -> bool:
    """Tell whether the person runs redemption anywhere."""
    return bool(roles_of(user) & set(RUN_BY))


@admin.register(Reward)
class RewardAdmin(FormPageMixin, WorkflowAdmin):
    """Rewards of the communities the person works in."""

    page_template = "partners/rewards/admin/reward.html"
    list_display = ["title", "kind", "state_badge", "cost", "left", "stocked", "taken", "offered_to", "area"]
    list_display_links = ["title"]
    list_filter = ["state", "kind", AreaFilter]
    list_filter_submit = True
    search_fields = ["title", "code"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return runs(request.user)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), REWARD_TONES[obj.state])

    @display(description=gettext_lazy("left"))
    def left(self, obj):
        return "—" if obj.free is None else obj.free

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Draft a reward; its kind, chosen by the links on top, says what is asked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = request.GET.get("kind", "")
        kind = asked if asked in RewardKind.values else RewardKind.GOODS.value
        form = DraftForm(request.POST if request.method == "POST" else None, user=request.user, kind=kind)

        def carry_out(form):
            made = reward_draft(actor=request.user, kind=kind, **form.cleaned_data)
            messages.success(request, _("Drafted: %(list)s.") % {"list": made})
            return self.page_url(made)

        title = _("New reward: %(kind)s") % {"kind": RewardKind(kind).label}
        button = _("Make it")
        return self.form_page(request, form, title=title, lead=_kinds(kind), button=button, carry_out=carry_out)

    def page_context(self, request, obj):
        held = Redemption.objects.visible_to(request.user).filter(reward=obj, state="held").with_rows().order_by("-id")
        return {
            "tone": REWARD_TONES[obj.state],
            "open": is_open(obj),
            "picture": picture_of(obj),
            "book": StockEntry.objects.visible_to(request.user).filter(reward=obj).select_related("entered_by")[:50],
            "held": held[:50],
            "trail": trail_of(obj),
        }


def _kinds(kind: str) -> str:
    links = format_html_join(
        " · ",
        '<a class="jc-link" href="?kind={}">{}</a>',
        ((other.value, other.label) for other in RewardKind if other.value != kind),
    )
    return format_html("{} {}", _("A draft: members see it once it is offered. Another kind:"), links)


@admin.register(StockEntry)
class StockEntryAdmin(ReadOnlyAdmin):
    """The stock book: what came in and what was corrected."""

    list_display = ["reward", "kind", "amount", "note", "entered_by", "entered_at"]
    list_filter = ["kind"]
    list_select_related = ["reward", "entered_by"]
    search_fields = ["reward__title", "reward__code"]
    ordering = ["-id"]


class RewardFilter(KeyFilter):
    """By reward, of those the person may see."""

    title = gettext_lazy("reward")
    parameter_name = "reward"

    def choose(self, request):
        return Reward.objects.visible_to(request.user).order_by("title", "pk")

    def narrow(self, queryset, row):
        return queryset.filter(reward=row)


class DeskForm(forms.Form):
    """What a member shows at the desk."""

    code = forms.CharField(
        label=gettext_lazy("Code the member shows"), max_length=300,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "autocapitalize": "characters"}),
        help_text=gettext_lazy("Typed, or read by a scanner: the whole link will do."),
    )  # fmt: skip


@admin.register(Redemption)
class RedemptionAdmin(WorkflowAdmin):
    """Redemptions of the communities the person works in; never their codes."""

    page_template = "partners/rewards/admin/redemption.html"
    list_display = ["title", "who_told", "state_badge", "cost", "until", "redeemed_at", "ended_at", "merchant_name"]
    list_display_links = ["title"]
    list_filter = ["state", "kind", RewardFilter, AreaFilter]
    list_filter_submit = True
    search_fields = ["title", "account__user__name", "account__unit__name"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("member"))
    def who_told(self, obj):
        return obj.who

    @display(description=gettext_lazy("merchant"))
    def merchant_name(self, obj):
        return obj.merchant.unit.name if obj.merchant else "—"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), REDEMPTION_TONES[obj.state])

    def get_urls(self):
        desk = self.admin_site.admin_view(self.desk_view)
        return [path("desk/", desk, name="partners_redemption_desk"), *super().get_urls()]

    def side_pages(self, request):
        if not runs(request.user):
            return []
        link = reverse("admin:partners_redemption_desk")
        return [{"title": _("Hand-over desk"), "icon": "qr_code_scanner", "link": link}]

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def desk_view(self, request):
        """Find a redemption by its code and see what to hand over; a second press hands it over."""
        if not runs(request.user):
            raise PermissionDenied
        form, shown = DeskForm(request.POST if request.method == "POST" else None), None
        if request.method == "POST" and form.is_valid():
            try:
                shown = _shown(form.cleaned_data["code"], request.user)
                if "hand_over" in request.POST:
                    return self._handed_over(request, shown, form.cleaned_data["code"])
            except Refused as error:
                form.add_error("code", error.detail)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hand-over desk"),
            "opts": self.opts,
            "form": form,
            "shown": shown,
            "tone": REDEMPTION_TONES[shown.redemption.state] if shown else "",
            "place": place_of(shown.redemption) if shown else "",
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "partners/rewards/admin/desk.html", context, status=status)

    def _handed_over(self, request, shown, code: str):
        done = act(shown.redemption, "fulfil", actor=request.user, code=code)
        messages.success(request, _("Handed over: %(what)s.") % {"what": done})
        return HttpResponseRedirect(reverse("admin:partners_redemption_desk"))

    def page_context(self, request, obj):
        return {"tone": REDEMPTION_TONES[obj.state], "place": place_of(obj), "trail": trail_of(obj)}


def _shown(code: str, user) -> Shown:
    """Return what a code is for. Raises NotPermitted for what is not this community's to hand over."""
    found = code_shown(code, actor=user)
    if found is None:
        raise NotPermitted(_("This code is of another merchant or place: it cannot be taken here."))
    return found
