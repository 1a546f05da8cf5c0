"""Admin of what partners offer: the list, the page with its dates and who comes, the directory with its calendar."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.bookings import FormPageMixin
from governance.models import Area
from governance.scoping import grant_for, grants_of
from partners.admin.recruiting import PartAdmin
from partners.models import Offer, OfferKind, OfferPlace, OfferSlot, PartnerKind
from partners.recruiting.directory import VIEWS, directory_of, wish_of
from partners.recruiting.forms import OfferForm, SlotForm, communities, offer_values
from partners.recruiting.looks import OFFER_TONES, PLACE_TONES, SLOT_TONES
from partners.recruiting.offered import offered
from partners.recruiting.offering import offer_change
from partners.recruiting.querysets import LOOKING_ROLES, RUNNING_ROLES, RUNS
from partners.recruiting.slots import slots_make

VIEW_NAMES = {"list": gettext_lazy("List"), "week": gettext_lazy("Week"), "month": gettext_lazy("Month")}


def areas_of(user) -> list[Area]:
    """Return the communities whose partners a person keeps or looks at."""
    paths = [grant.area_path for grant in grants_of(user) if grant.role in (*RUNNING_ROLES, *LOOKING_ROLES)]
    return [area for area in communities() if any(area.path.startswith(one) for one in paths)]


@admin.register(Offer)
class OfferAdmin(FormPageMixin, PartAdmin):
    """Offers of the partners the person may see."""

    page_template = "partners/recruiting/admin/offer.html"
    tones = OFFER_TONES
    list_display = ["title", "kind", "partner", "state_badge", "access", "when", "place", "valid_to"]
    list_display_links = ["title"]
    list_filter = ["state", "kind", "access", AreaFilter]
    search_fields = ["title", "partner__name"]

    @display(description=gettext_lazy("time"))
    def when(self, obj):
        return obj.time_text or "—"

    def has_add_permission(self, request):
        return False  # on the partner's page

    def side_pages(self, request):
        title, link = _("Resource directory"), reverse("admin:partners_offer_directory")
        return [{"title": title, "icon": "event_list", "link": link}, *super().side_pages(request)]

    def get_urls(self):
        name, wrap = "partners_offer", self.admin_site.admin_view
        return [
            path("directory/", wrap(self.directory_view), name=f"{name}_directory"),
            path("<int:object_id>/edit/", wrap(self.edit_view), name=f"{name}_edit"),
            path("<int:object_id>/dates/", wrap(self.dates_view), name=f"{name}_dates"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        slots = list(obj.slots.with_rows().order_by("starts_at")[:200])
        running = grant_for(RUNS, obj, request.user) is not None
        return super().page_context(request, obj) | {
            "on_view": Offer.objects.on_view().filter(pk=obj.pk).exists(),
            "slots": [(row, SLOT_TONES[row.state], offered(row, request.user)) for row in slots],
            "running": running and obj.state in ("proposed", "open") and obj.partner.state == "active",
        }

    def _run_by(self, request, object_id) -> Offer:
        offer = self.find(request, object_id)
        if grant_for(RUNS, offer, request.user) is None:
            raise PermissionDenied
        return offer

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def edit_view(self, request, object_id):
        """Change what an offer says; it stays on view."""
        offer = self._run_by(request, object_id)
        data = request.POST if request.method == "POST" else None
        form = OfferForm(data, partner=offer.partner, initial=offer_values(offer))

        def carry_out(form):
            offer_change(offer, actor=request.user, plan=form.plan())
            return self.page_url(offer)

        return self.form_page(
            request, form, title=_("Change the offer"), lead="", button=_("Save changes"), carry_out=carry_out,
            subtitle=offer.title, back=self.page_url(offer),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def dates_view(self, request, object_id):
        """Add a date, or one every week for some weeks."""
        offer = self._run_by(request, object_id)
        form = SlotForm(request.POST if request.method == "POST" else None)

        def carry_out(form):
            made = slots_make(offer, actor=request.user, **form.values())
            messages.success(request, _("Dates added: %(count)s.") % {"count": len(made)})
            return self.page_url(offer)

        return self.form_page(
            request, form, title=_("Add dates"), lead="", button=_("Add dates"), carry_out=carry_out,
            subtitle=offer.title, back=self.page_url(offer),
        )  # fmt: skip

    @method_decorator(require_safe)
    def directory_view(self, request):
        """Who offers what, when and where, of what is on view in the person's communities."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        areas, wish = areas_of(request.user), wish_of(request.GET)
        chosen = [area for area in areas if area.code == request.GET.get("area", "")]
        kept = {"kind": wish.kind, "partner_kind": wish.partner_kind, "q": wish.text,
                "area": chosen[0].code if chosen else ""}  # fmt: skip
        context = {
            **self.admin_site.each_context(request),
            "title": _("Resource directory"),
            "opts": self.opts,
            "found": directory_of(chosen or areas, wish, by_names=True),
            "areas": areas,
            "area": kept["area"],
            "kinds": OfferKind.choices,
            "partner_kinds": PartnerKind.choices,
            "views": [(view, VIEW_NAMES[view]) for view in VIEWS],
            "query": urlencode({name: value for name, value in kept.items() if value}),
        }
        return TemplateResponse(request, "partners/recruiting/admin/directory.html", context)


@admin.register(OfferSlot)
class OfferSlotAdmin(PartAdmin):
    """Dates of offers, and who has a place."""

    page_template = "partners/recruiting/admin/slot.html"
    tones = SLOT_TONES
    list_display = ["offer", "starts_at", "state_badge", "where", "places_taken"]
    list_display_links = ["offer"]
    ordering = ["-starts_at", "-id"]

    @display(description=gettext_lazy("where"))
    def where(self, obj):
        return obj.place or obj.offer.place

    @display(description=gettext_lazy("taken / places"))
    def places_taken(self, obj):
        return format_html("{} / {}", obj.taken, obj.capacity) if obj.capacity else "—"

    def page_context(self, request, obj):
        rows = OfferPlace.objects.visible_to(request.user).filter(slot=obj).with_rows().order_by("id")[:500]
        return super().page_context(request, obj) | {"places": [(row, PLACE_TONES[row.state]) for row in rows]}


@admin.register(OfferPlace)
class OfferPlaceAdmin(PartAdmin):
    """Who took a place on which date."""

    tones = PLACE_TONES
    list_display = ["person", "slot", "state_badge", "asked_at"]
    list_display_links = ["person"]
