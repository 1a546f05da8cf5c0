"""Breaking the glass in the admin, and the list of who read what of which dispute."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.admin.bookings import FormPageMixin
from governance.errors import Invalid
from mediation.access import exports_record
from mediation.access_labels import what_told, who_told
from mediation.glass import breakable, breaks_glass, glass_break
from mediation.models import Dispute, DisputeAccess
from mediation.papers.forms import GlassForm


class GlassMixin(FormPageMixin):
    """Gives the admin of disputes ``glass/``: a form with the number and the reason."""

    def get_urls(self):
        wrapped = self.admin_site.admin_view(self.glass_view)
        return [path("glass/", wrapped, name="mediation_dispute_glass"), *super().get_urls()]

    def glass_pages(self, request) -> list[dict]:
        """Return the button beside the list."""
        if not breaks_glass(request.user):
            return []
        return [{"title": _("Break the glass"), "icon": "lock_open", "link": reverse("admin:mediation_dispute_glass")}]

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def glass_view(self, request):
        """Ask which dispute and why; then open its page."""
        if not breaks_glass(request.user):
            raise PermissionDenied
        form = GlassForm(request.POST if request.method == "POST" else None)
        form.initial = {"number": request.GET.get("number", "")[:24]}

        def carry_out(form):
            found = breakable(request.user).filter(pk=form.key()).first()
            if found is None:
                readable = Dispute.objects.visible_to(request.user).filter(pk=form.key()).first()
                if readable is not None:
                    return self.page_url(readable)
                raise Invalid(_("There is no such dispute in your area."), field="number", code="does_not_exist")
            made = glass_break(found, actor=request.user, reason=form.cleaned_data["reason"])
            messages.warning(request, _("You read %(dispute)s for one hour; those who work on it were told.")
                             % {"dispute": made.dispute.number})  # fmt: skip
            return self.page_url(found)

        lead = _("For an emergency only. It opens reading for one hour: no step, no unmasking, no paper.")
        return self.form_page(request, form, title=_("Break the glass"), lead=lead, button=_("Break the glass"),
                              carry_out=carry_out, backward=True)  # fmt: skip


@admin.register(DisputeAccess)
class DisputeAccessAdmin(ReadOnlyAdmin):
    """Who read, exported or unmasked what, the newest on top: for those who work on the dispute and their superiors.

    Superiors do not read the dispute: a party stands here by the side, and is not found by name or account.
    """

    list_display = ["at", "dispute_told", "who_told", "role", "kind", "what_words", "reason"]
    list_filter = ["kind", "role"]
    search_fields = ["person__username", "person__name", "reason"]
    fields = ["dispute_told", "who_told", "role", "kind", "what_words", "reason", "at"]
    readonly_fields = fields
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def export_rows(self, request, rows, kind):
        """Written down once for each dispute: once for each row, every export would double the next."""
        taken = list(super().export_rows(request, rows, kind))
        exports_record({row.dispute_id: row for row in taken}.values(), actor=request.user, kind=kind)
        return iter(taken)

    @display(description=gettext_lazy("dispute"), ordering="dispute_id")
    def dispute_told(self, obj):
        return obj.dispute.number

    @display(description=gettext_lazy("what was read"))
    def what_words(self, obj):
        return what_told(obj)

    def get_search_results(self, request, queryset, search_term):
        if search_term:
            queryset = queryset.filter(party__isnull=True)
        return super().get_search_results(request, queryset, search_term)

    @display(description=gettext_lazy("who read it"))
    def who_told(self, obj):
        return who_told(obj)
