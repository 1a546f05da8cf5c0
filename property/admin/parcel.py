"""Admin of parcels taken in for households."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.admin import ModelAdmin
from unfold.decorators import display

from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from property.admin.drafts import PostedPage, trail_of
from property.admin.serving import EstateFilter
from property.models import Parcel, ParcelState
from property.serving.parcels import parcel_receive
from property.serving.receiving import DwellingCodeForm

TONES = {ParcelState.RECEIVED: "amber", ParcelState.NOTIFIED: "blue", ParcelState.OVERDUE: "red",
         ParcelState.COLLECTED: "green", ParcelState.RETURNED: "grey"}  # fmt: skip


class ReceiveForm(DwellingCodeForm):
    """A parcel for a dwelling."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=30)
    tracking = forms.CharField(label=gettext_lazy("tracking number, or its end"), max_length=40)
    shelf = forms.CharField(label=gettext_lazy("shelf"), max_length=20, required=False)


@admin.register(Parcel)
class ParcelAdmin(PostedPage, WorkflowAdmin):
    """Parcels of the estates the person's company looks after; for the community, where none does any more."""

    page_template = "property/admin/parcel.html"
    list_display = ["title", "dwelling", "state_badge", "shelf", "received_at", "collected_at"]
    list_display_links = ["title"]
    list_filter = ["state", EstateFilter]
    list_filter_submit = True
    search_fields = ["tracking", "carrier", "dwelling__code"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return ModelAdmin.has_add_permission(self, request)

    @display(description=gettext_lazy("parcel"), ordering="carrier")
    def title(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def page_context(self, request, obj):
        return {"tone": TONES[obj.state], "trail": trail_of(obj)}

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Take a parcel in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ReceiveForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            made = parcel_receive(actor=request.user, **given)
            messages.success(request, _("Taken in: %(parcel)s.") % {"parcel": made})
            return self.page_url(made)

        return self.form_page(request, form, title=_("Take a parcel in"), button=_("Take it in"), carry_out=carry_out,
                              back=self.list_url())  # fmt: skip
