"""Export of admin lists: the rows and columns a person sees, with the filters and the search they chose."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from urllib.parse import urlencode

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied
from django.http import FileResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from governance.admin.paging import capped_count
from governance.admin.refusals import refusal_page
from governance.configuration import grants_giving
from governance.errors import Invalid
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.exchange.importers import importers_for, model_of
from governance.scoping import grants_of

MOST_ROWS = 50_000
CHUNK = 2_000  # rows read at a time; what they need beside them is read per chunk


class ExportMixin:
    """Gives a list its export, and links to the imports that fill its model.

    ``export_display`` names the columns like ``list_display`` does, where the list's own are too much of a picture;
    it must show no more of a person than the list.
    """

    export_display: tuple[str, ...] | None = None

    def get_urls(self):
        # The name ends as that of the list does: admins load less for lists than for pages.
        name = f"{self.opts.app_label}_{self.opts.model_name}_export_changelist"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def export_view(self, request):
        """Answer with the filtered list as a file, and record that it was taken. The address holds the filters."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            shown = self.get_changelist_instance(request)
            return self._exported(request, shown, request.POST.get("format", "xlsx"))
        except IncorrectLookupParameters:
            return refusal_page(self, request, Invalid(_("The list cannot be filtered like this.")), back=back)
        except Invalid as error:
            return refusal_page(self, request, error, back=f"{back}?{request.GET.urlencode()}")

    def _exported(self, request, shown, kind: str) -> FileResponse:
        if capped_count(shown.queryset, MOST_ROWS + 1) > MOST_ROWS:
            raise Invalid(_("More than %(most)s rows: narrow the list with filters first.") % {"most": MOST_ROWS})
        columns = self.export_display or [name for name in shown.list_display if name != "action_checkbox"]
        header = [str(label_for_field(name, self.model, self)) for name in columns]
        readers = [self._reader(name) for name in columns]
        taken = self.export_rows(request, shown.queryset.iterator(CHUNK), kind)
        rows = ([read(row) for read in readers] for row in taken)
        file, count = table_file(kind, header, rows)
        permission = f"{self.opts.app_label}.view_{self.opts.model_name}"
        grants = grants_giving(permission, request.user) or grants_of(request.user)
        filters = sorted(name for name, value in shown.get_filters_params().items() if value)
        if request.GET.get("q"):
            filters.append("q")
        export_recorded(
            request.user, grant=grants[0], model=self.opts.label_lower, filters=filters, rows=count, kind=kind
        )
        day = timezone.localtime().strftime("%Y%m%d-%H%M")
        name = f"{self.opts.verbose_name_plural}-{day}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])

    def export_rows(self, request, rows: Iterator, kind: str) -> Iterator:
        """Return the rows as they go into the file; where each one's leaving is written down, that is done here."""
        return rows

    def _reader(self, name: str) -> Callable:
        """Return what reads a column of a row: a field's value (of choices the label), else what the list shows."""
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            field = None
        if field is None or not field.concrete:  # a method, also one named like a relation from elsewhere
            return lambda row: _shown(name, row, self)
        if labels := dict(field.flatchoices):
            return lambda row: labels.get(getattr(row, name), getattr(row, name))
        return attrgetter(name)

    def import_links(self, request) -> list[dict]:
        """Return the way to the imports that fill this list and that the person may use: to a choice of several."""
        found = [cls for cls in importers_for(request.user) if model_of(cls) == self.opts.label_lower]
        if not found:
            return []
        asked = {"importer": found[0].key} if len(found) == 1 else {"of": self.opts.label_lower}
        labels = "、".join(str(cls.label) for cls in found)
        return [{"label": labels, "url": f"{reverse('admin:governance_importrun_add')}?{urlencode(asked)}"}]


def _shown(name: str, row, model_admin):
    try:
        return lookup_field(name, row, model_admin)[2]
    except ObjectDoesNotExist:
        return None
