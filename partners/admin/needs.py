"""Admin of needs: the list, the page of one with those like it, visits, categories and limits."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from partners.admin.needs_board import board_view, groups_view, side_pages_of
from partners.admin.trail import trail_of
from partners.models import Need, NeedCategory, NeedLimit, NeedState, NeedVisit
from partners.needs.grouping import similar_to
from partners.needs.looks import URGENCY_TONES, need_tone
from partners.needs.need_workflow import OPEN, TAKES_OTHERS
from partners.needs.origins import origin_told
from partners.needs.querysets import KEEPING_ROLES
from partners.needs.raisers import raisers_for
from partners.needs.raising_forms import RegisterForm
from partners.needs.registering import need_register
from partners.needs.visits import may_visit


class DueFilter(DropdownFilter):
    """What was to be done before now."""

    title = gettext_lazy("time limit")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("overdue", _("overdue"))]

    def queryset(self, request, queryset):
        return queryset.overdue() if self.value() == "overdue" else queryset


@admin.register(Need)
class NeedAdmin(FormPageMixin, WorkflowAdmin):
    """Needs of the person's areas, the newest on top; a board by state and the groups of similar ones beside."""

    page_template = "partners/needs/admin/need.html"
    list_display = ["title", "number_told", "state_badge", "category", "urgency_badge", "place_told", "source",
                    "raised_at"]  # fmt: skip
    list_display_links = ["title"]
    export_display = (
        "number", "title", "description", "category", "area", "estate", "building", "get_source_display",
        "get_group_display", "people", "get_urgency_display", "get_state_display", "raised_at", "verified_at",
        "merged_into", "unit", "case", "answer", "result", "solved_at", "called_at", "satisfied",
    )  # fmt: skip
    list_filter = ["state", DueFilter, "category", "source", "urgency", AreaFilter]
    list_filter_submit = True
    search_fields = ["title", "description"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).of_staff(request.user).with_rows()

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(KEEPING_ROLES))

    @display(description=gettext_lazy("number of the need"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        told = obj.get_state_display()
        return badge(f"{told} · {_('overdue')}" if obj.overdue else told, need_tone(obj))

    @display(description=gettext_lazy("urgency"), ordering="urgency")
    def urgency_badge(self, obj):
        return badge(obj.get_urgency_display(), URGENCY_TONES[obj.urgency])

    @display(description=gettext_lazy("place"))
    def place_told(self, obj):
        return obj.place

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("board/", wrap(board_view), name="partners_need_board"),
            path("groups/", wrap(groups_view), name="partners_need_groups"),
            *super().get_urls(),
        ]

    def side_pages(self, request):
        return side_pages_of(request)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Register a need heard at the desk or by telephone."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RegisterForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(form):
            need = need_register(actor=request.user, **form.values())
            messages.success(request, _("Registered: %(need)s.") % {"need": need})
            return self.page_url(need)

        lead = _("Name and phone are for calling back; they stand apart and are masked for who only looks.")
        return self.form_page(
            request, form, title=_("Register a need"), lead=lead, button=_("Register it"), carry_out=carry_out
        )

    def page_context(self, request, obj):
        user = request.user
        likes = similar_to(obj, user) if obj.state in OPEN else []
        return {
            "tone": need_tone(obj),
            "urgency_tone": URGENCY_TONES[obj.urgency],
            "origin": origin_told(obj, user),
            "raisers": raisers_for(obj, user),
            "merged": Need.objects.of_staff(user).filter(merged_into=obj).order_by("id"),
            "likes": [(like, need_tone(like.need), like.need.state in TAKES_OTHERS) for like in likes],
            "may_merge": obj.state == NeedState.VERIFIED,
            "photos": attachments_of(obj),
            "trail": trail_of(obj),
        }


@admin.register(NeedVisit)
class NeedVisitAdmin(ReadOnlyAdmin):
    """Visits on site; each with the needs that were heard there."""

    list_display = ["at", "place_told", "visitor", "with_whom", "minutes", "heard"]
    fields = ["at", "minutes", "place_told", "area", "dwelling", "visitor", "with_whom", "words", "heard", "photos",
              "logged_at"]  # fmt: skip
    readonly_fields = ["place_told", "heard", "photos"]
    list_filter = [AreaFilter]
    list_filter_submit = True
    search_fields = ["place", "visitor__name"]
    ordering = ["-at", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().with_heard()

    @display(description=gettext_lazy("place"))
    def place_told(self, obj):
        return obj.place_text

    @display(description=gettext_lazy("needs heard"))
    def heard(self, obj):
        return obj.heard

    @display(description=gettext_lazy("Photos"))
    def photos(self, obj):
        links = ((reverse("file", args=[photo.pk]), number) for number, photo in enumerate(attachments_of(obj), 1))
        return format_html_join(" ", '<a class="jc-link" href="{}">{}</a>', links) or "—"

    def side_pages(self, request):
        link = reverse("phone_needs:visit-new")
        if not may_visit(request.user):
            return []
        return [{"title": _("Log a visit"), "icon": "add_location_alt", "link": link}]


@admin.register(NeedCategory)
class NeedCategoryAdmin(KernelAdmin):
    """Kinds of need, with the words by which one that nobody filed is sorted."""

    list_display = ["code", "name", "words_told", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fields = ["code", "name", "words", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("words"))
    def words_told(self, obj):
        return "、".join(obj.words)


@admin.register(NeedLimit)
class NeedLimitAdmin(KernelAdmin):
    """How long needs may wait, from which day on."""

    list_display = ["valid_from", "verify_days", "call_back_days"]
    fields = ["valid_from", "verify_days", "call_back_days"]
    ordering = ["-valid_from"]

    def get_readonly_fields(self, request, obj=None):
        return ["valid_from"] if obj else []
