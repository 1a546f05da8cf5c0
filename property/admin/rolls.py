"""Admin of the entries of owners' rolls: to be looked at, taken out as Excel, and mended until they are frozen."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.decorators import display

from cases.admin.scores import PostedForm
from governance.admin.base import ReadOnlyAdmin
from governance.admin.refusals import refusal_page
from governance.errors import Refused
from governance.exchange.exports import FORMATS, table_file
from property.admin.resolution_forms import EntryForm
from property.models import Resolution, RollEntry
from property.voting.numbers import numbers_give_out, numbers_hidden
from property.voting.rolls import roll_entry_change


@admin.register(RollEntry)
class RollEntryAdmin(PostedForm, ReadOnlyAdmin):
    """Who votes with which area and which head; whether and how they voted is not told here."""

    list_display = [
        "ballot_number", "dwelling", "use", "floor_area", "area_source", "holder", "owner_name", "head", "account",
        "counts", "of_resolution",
    ]  # fmt: skip
    export_display = (
        "ballot_number", "dwelling_code", "dwelling", "use", "floor_area", "area_source", "holder", "owner_name",
        "head", "counts", "of_resolution",
    )  # fmt: skip
    list_filter = ["holder", "use", "counts"]
    linked_by = ("roll", "holder", "floor_area__isnull")
    list_select_related = ["dwelling__building__estate", "dwelling__entrance", "voter", "roll__resolution"]
    search_fields = ["dwelling__code", "owner_name"]
    search_help_text = gettext_lazy("Dwelling or owner")
    ordering = ["-roll_id", "dwelling__code"]  # by number the order would tell the numbers of a secret vote

    def get_urls(self):
        view = self.admin_site.admin_view(self.numbers_view)
        return [
            path("numbers/<int:resolution_id>/", view, name="property_rollentry_numbers"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("ballot number"))
    def ballot_number(self, obj):
        return "" if numbers_hidden(obj.roll) else obj.number

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def numbers_view(self, request, resolution_id):
        """The list by which papers of a secret vote are handed out; who takes it reads none."""
        rows = Resolution.objects.visible_to(request.user).with_rows()
        resolution = rows.filter(pk=resolution_id).first() if self.has_view_permission(request) else None
        if resolution is None:
            raise Http404
        try:
            entries = numbers_give_out(resolution, actor=request.user)
        except Refused as error:
            back = reverse("admin:property_resolution_change", args=[resolution.pk])
            return refusal_page(self, request, error, back=back)
        header = [_("ballot number"), _("code"), _("dwelling"), _("owner's name")]
        cells = [[row.number, row.dwelling.code, str(row.dwelling), row.owner_name] for row in entries]
        file, _count = table_file("xlsx", header, cells)
        name = f"{resolution.number}-{_('ballot number')}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS["xlsx"])

    @display(description=gettext_lazy("resolution"))
    def of_resolution(self, obj):
        return obj.roll.resolution.number

    @display(description=gettext_lazy("code"))
    def dwelling_code(self, obj):
        return obj.dwelling.code

    @display(description=gettext_lazy("votes online"), boolean=True)
    def account(self, obj):
        return obj.voter_id is not None

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Mend an entry; a frozen one says that it stands."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entry = self.get_object(request, object_id)
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        resolution = entry.roll.resolution
        back = f"{reverse('admin:property_rollentry_changelist')}?roll={entry.roll_id}"
        form = EntryForm(
            request.POST if request.method == "POST" else None,
            initial={"floor_area": entry.floor_area, "area_source": entry.area_source},
        )

        def carry_out(given):
            roll_entry_change(entry, actor=request.user, **given)
            messages.success(request, _("The entry was changed."))
            return back

        lead = f"{resolution} · {entry.dwelling} · {entry.owner_name} · {entry.get_holder_display()}"
        return self.form_page(
            request, form, title=_("Entry %(number)s of the roll") % {"number": self.ballot_number(entry)},
            button=_("Save"),
            carry_out=carry_out, lead=lead, back=back,
        )  # fmt: skip
