"""Admin of follow-up visits and referrals to counselling, and the page of measures."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from governance.admin.bookings import FormPageMixin
from governance.scoping import grant_for, roles_of
from mediation.admin.agreements import OfDisputeAdmin
from mediation.disputes.querysets import HANDLES
from mediation.followup.counselling import counselling_offer
from mediation.followup.looks import COUNSELLING_TONES, VISIT_TONES
from mediation.followup.offer_forms import OFFER_LEAD, OfferForm, offer_address
from mediation.followup.querysets import THROUGH
from mediation.followup.replies import replies_of
from mediation.followup.visits import question_of
from mediation.followup.wishes import wish_address
from mediation.measures.figures import Quarter
from mediation.measures.viewing import GROUP_TITLES, TITLES, labels_of, may_count, measures_for, view_of
from mediation.models import CounsellingReferral, FollowUpVisit

QUARTERS = 8  # how many can be chosen, counted back from the present one


class DueFilter(DropdownFilter):
    """To be made now, or too late."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [("now", _("to be made now")), ("late", _("overdue"))]

    def queryset(self, request, queryset):
        if self.value() == "now":
            return queryset.to_make()
        return queryset.filter(state="overdue") if self.value() == "late" else queryset


@admin.register(FollowUpVisit)
class FollowUpVisitAdmin(OfDisputeAdmin):
    """Visits of the disputes that the person may read, and the overdue ones of the units below; the next first."""

    page_template = "mediation/followup/admin/visit.html"
    tones = VISIT_TONES
    list_display = ["number_told", "dispute_told", "kind", "state_badge", "due_on", "grace_until", "unit_told",
                    "visited_on", "performed"]  # fmt: skip
    list_display_links = ["number_told"]
    list_filter = [DueFilter, "state", "kind"]
    ordering = ["due_on", "id"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("handled by the unit"), ordering="dispute__unit")
    def unit_told(self, obj):
        return obj.dispute.unit.name

    def page_context(self, request, obj):
        # The superior sees that a visit is late, and what superiors asked; not what the mediator wrote with an attempt.
        hidden = grant_for(THROUGH, obj, request.user) is None
        offer = offer_address(obj.dispute) if grant_for(HANDLES, obj.dispute, request.user) else ""
        more = {"question": question_of(obj), "replies": replies_of(obj, request.user), "words_hidden": hidden,
                "words_shown": ["followup.urged"]}  # fmt: skip
        return (
            super().page_context(request, obj)
            | more
            | {"offer_url": offer, "wish_url": wish_address(obj, request.user)}
        )

    def side_pages(self, request):
        if not may_count(request.user):
            return []
        title, link = _("Measures of mediation"), reverse("admin:mediation_measures")
        return [{"title": title, "icon": "monitoring", "link": link}, *super().side_pages(request)]

    def get_urls(self):
        view = self.admin_site.admin_view(self.measures_view)
        return [path("measures/", view, name="mediation_measures"), *super().get_urls()]

    @method_decorator(require_safe)
    def measures_view(self, request):
        """The measures of a quarter; small cells are kept back from analysts."""
        if not may_count(request.user):
            raise PermissionDenied
        offered = quarters_offered()
        chosen = next((row for row in offered if str(row) == request.GET.get("quarter")), offered[1])
        tables = measures_for(request.user, chosen)
        labels = labels_of(tables)
        context = {
            **self.admin_site.each_context(request), "title": _("Measures of mediation"), "opts": self.opts,
            "quarters": offered, "chosen": chosen, "suppressed": view_of(request.user).suppressed,
            "tables": [_shown(table, labels) for table in tables],
        }  # fmt: skip
        return TemplateResponse(request, "mediation/followup/admin/measures.html", context)


def quarters_offered() -> list[Quarter]:
    """Return the present quarter and those before it, newest first."""
    found = [Quarter.of(timezone.localdate())]
    while len(found) < QUARTERS:
        found.append(found[-1].before)
    return found


def _shown(table, labels) -> dict:
    """Return a table with words in place of keys."""
    return {
        "title": TITLES[table.measure], "ready": table.ready or table.total is not None, "ready_on": table.ready_on,
        "runs_until": None if table.ready else table.ready_on,
        "total": table.total,
        "groups": [
            (GROUP_TITLES[group], [(labels[group].get(key, key), figure) for key, figure in rows.items()])
            for group, rows in table.groups.items()
        ],
    }  # fmt: skip


@admin.register(CounsellingReferral)
class CounsellingReferralAdmin(FormPageMixin, OfDisputeAdmin):
    """Referrals of the disputes that the person may read. Dates only."""

    page_template = "mediation/followup/admin/counselling.html"
    tones = COUNSELLING_TONES
    list_display = ["number_told", "dispute_told", "state_badge", "offered_on", "consented_on", "referred_on",
                    "attended_on", "declined_on"]  # fmt: skip
    list_display_links = ["number_told"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(HANDLES))

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def add_view(self, request, form_url="", extra_context=None):
        """Offer counselling to a party."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def carry_out(form):
            party = form.cleaned_data["party"]
            made = counselling_offer(party.dispute, actor=request.user, party=party, on=form.cleaned_data["on"])
            return self.page_url(made)

        form = OfferForm(request.POST if request.method == "POST" else None, user=request.user)
        return self.form_page(
            request, form, title=_("Offer counselling"), button=_("Record the offer"), carry_out=carry_out,
            lead=OFFER_LEAD,
        )  # fmt: skip
