"""Admin of service lists, occurrences and ratings."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter, KeyFilter
from governance.admin.base import PartsInline, ReadOnlyAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.models import Estate
from governance.models.venue import Weekday
from governance.templatetags.jiceng import badge
from property.admin.drafts import DraftAdmin, trail_of
from property.admin.serving_month import MonthPage
from property.models import ListState, RecordState, ServiceItem, ServiceList, ServiceRating, ServiceRecord
from property.serving.forms import DraftForm
from property.serving.lists import service_list_draft

LIST_TONES = {ListState.DRAFT: "amber", ListState.PUBLISHED: "green", ListState.REPLACED: "grey",
              ListState.WITHDRAWN: "grey"}  # fmt: skip
RECORD_TONES = {
    RecordState.PLANNED: "violet", RecordState.DONE: "blue", RecordState.CHECKED: "green", RecordState.MISSED: "red",
    RecordState.EXCUSED: "grey",
}  # fmt: skip


class EstateFilter(KeyFilter):
    """An estate of the person's areas."""

    title = gettext_lazy("estate")
    parameter_name = "estate"

    def choose(self, request):
        return Estate.objects.visible_to(request.user).filter(is_active=True).order_by("code")

    def narrow(self, queryset, row):
        return queryset.filter(estate=row)


class ItemForm(forms.ModelForm):
    """An item with its days of the week to tick."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("days of the week"), choices=Weekday, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("Only for the rule “on days of the week”."),
    )  # fmt: skip


class ItemInline(PartsInline, StackedInline):
    """The items of a draft."""

    model = ServiceItem
    form = ItemForm
    fields = [
        ("code", "position"), ("name", "group", "field"), "standard", ("rule", "month_day"), "weekdays",
        ("starts", "ends"), ("performer", "check_method"), ("needs_photo", "miss_standard"),
    ]  # fmt: skip
    autocomplete_fields = ["miss_standard"]
    ordering = ["group", "position", "pk"]


@admin.register(ServiceList)
class ServiceListAdmin(MonthPage, DraftAdmin):
    """Lists of the estates of a person's areas: drafted, agreed by both, published."""

    page_template = "property/admin/service_list.html"
    list_display = ["title", "state_badge", "company", "organisation", "agreed", "published_on", "replaced_on"]
    list_display_links = ["title"]
    export_display = ("estate", "edition", "get_state_display", "company", "organisation", "party_agreed_at",
                      "company_agreed_at", "published_on", "replaced_on")  # fmt: skip
    list_filter = ["state", EstateFilter, AreaFilter]
    list_filter_submit = True
    inlines = [ItemInline]
    fields = ["organisation", "company"]
    autocomplete_fields = ["organisation", "company"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("service list"), ordering="estate")
    def title(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), LIST_TONES[obj.state])

    @display(description=gettext_lazy("agreed"))
    def agreed(self, obj):
        both = [(obj.party_agreed_at, _("party organisation")), (obj.company_agreed_at, _("company"))]
        return "、".join(who for at, who in both if at) or "—"

    def page_context(self, request, obj):
        rows = ServiceItem.objects.filter(service_list=obj).select_related("miss_standard__category")
        groups: dict[str, list] = {}
        for item in rows.order_by("group", "position", "pk"):
            groups.setdefault(item.get_group_display(), []).append(item)
        return super().page_context(request, obj) | {"tone": LIST_TONES[obj.state], "groups": list(groups.items())}

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Begin the next edition for an estate, with the items of the list that holds."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DraftForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            made = service_list_draft(actor=request.user, **given)
            messages.success(request, _("Drafted: %(list)s.") % {"list": made})
            return self.page_url(made)

        return self.form_page(
            request, form, title=_("Draft a service list"), button=_("Begin the draft"), carry_out=carry_out,
            lead=_("It begins with the items of the list that holds. Both sides agree to it, then it is published."),
            back=self.list_url(),
        )  # fmt: skip


@admin.register(ServiceRecord)
class ServiceRecordAdmin(WorkflowAdmin):
    """What was to be done on which day, and whether it was."""

    page_template = "property/admin/service_record.html"
    list_display = ["item", "estate", "date", "window", "state_badge", "company", "done_by", "case"]
    export_display = ("item", "estate", "date", "starts_at", "ends_at", "get_state_display", "company", "done_by",
                      "done_at", "case")  # fmt: skip
    list_filter = ["state", EstateFilter, ("date", RangeDateFilter), AreaFilter]
    list_filter_submit = True
    search_fields = ["item__name", "estate__name"]
    ordering = ["-date", "-ends_at", "-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_rows(self, request):
        return self.get_queryset(request).select_related("item__service_list")

    @display(description=gettext_lazy("time"))
    def window(self, obj):
        return f"{obj.item.starts:%H:%M}–{obj.item.ends:%H:%M}"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), RECORD_TONES[obj.state])

    def page_context(self, request, obj):
        return {"tone": RECORD_TONES[obj.state], "trail": trail_of(obj)}


@admin.register(ServiceRating)
class ServiceRatingAdmin(ReadOnlyAdmin):
    """What residents say of the items, month by month; without their names."""

    list_display = ["item", "estate", "month", "stars", "words", "given_at"]
    list_filter = ["stars"]
    list_filter_submit = True
    search_fields = ["item__name", "words"]
    fields = ["item", "month", "stars", "words", "given_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("item__service_list__estate")

    @display(description=gettext_lazy("estate"))
    def estate(self, obj):
        return obj.item.service_list.estate
