"""Admin of what was brought in together: looked at, and withdrawn where it was read wrongly."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import ReadOnlyAdmin
from governance.admin.bookings import FormPageMixin
from governance.scoping import grant_for
from mediation.models import SignalBatch
from mediation.prevention.querysets import WITHDRAWS
from mediation.prevention.signal_forms import SignalsWithdrawForm
from mediation.prevention.withdrawing import signals_withdraw


@admin.register(SignalBatch)
class SignalBatchAdmin(FormPageMixin, ReadOnlyAdmin):
    """What was brought in together; read wrongly, it is withdrawn as a whole."""

    list_display = ["number_told", "source", "area", "brought_by", "brought_at", "records", "withdrawn", "withdrawn_at"]
    list_display_links = ["number_told"]
    list_filter = ["source", AreaFilter, ("withdrawn_at", admin.EmptyFieldListFilter)]
    fields = ["number_told", "source", "area", "brought_by", "brought_at", "records", "standing", "withdrawn",
              "withdrawn_at", "withdrawn_by", "steps"]  # fmt: skip
    readonly_fields = ["number_told", "standing", "steps"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            # On the row: one admin serves several people at once.
            found.may_withdraw = found.withdrawn_at is None and grant_for(WITHDRAWS, found, request.user) is not None
        return found

    def get_urls(self):
        view = self.admin_site.admin_view(self.withdraw_view)
        return [path("<int:object_id>/withdraw/", view, name="mediation_signalbatch_withdraw"), *super().get_urls()]

    @display(description=gettext_lazy("number of the batch"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("signals of it"))
    def standing(self, obj):
        url = f"{reverse('admin:mediation_signal_changelist')}?batch={obj.pk}"
        return format_html('<a href="{}">{}</a>', url, obj.signals.count())

    @display(description=gettext_lazy("what can be done"))
    def steps(self, obj):
        if not obj.may_withdraw:
            return "—"
        return format_html('<a class="jc-button jc-button-small" href="{}">{}</a>',
                           reverse("admin:mediation_signalbatch_withdraw", args=[obj.pk]),
                           _("Withdraw them"))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def withdraw_view(self, request, object_id):
        """Withdraw what was brought in together."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_queryset(request).filter(pk=object_id).first()
        if batch is None:
            raise Http404
        if grant_for(WITHDRAWS, batch, request.user) is None:
            raise PermissionDenied
        page = reverse("admin:mediation_signalbatch_change", args=[batch.pk])
        form = SignalsWithdrawForm(request.POST if request.method == "POST" else None)

        def carry_out(form):
            done = signals_withdraw(batch, actor=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("%(count)s records were withdrawn.") % {"count": done.withdrawn})
            return page

        lead = _("They count nowhere any more and are emptied of their words; this cannot be taken back. Read rightly,"
                 " the same records can be brought in again. What became a hazard stays.")  # fmt: skip
        return self.form_page(request, form, title=_("Withdraw what was brought in wrongly"), lead=lead,
                              button=_("Withdraw them"), carry_out=carry_out, back=page)  # fmt: skip
