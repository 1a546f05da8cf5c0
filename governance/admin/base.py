"""Base of every admin: scoped lists, permissions by role, writes through services, no deletion."""

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from governance.admin.exports import ExportMixin
from governance.admin.paging import CappedPaginator
from governance.admin.refusals import refusal_page
from governance.configuration import configuration_grant, configuration_rows_save, configuration_save, within_reach
from governance.errors import Refused
from governance.models import Event

REFRESH_HEADER = "X-Jiceng-Refresh"
# How an address may compare a column that a filter offers: as the filters themselves do.
COMPARED = {"exact", "id__exact", "in", "isnull", "isempty", "gte", "lt", "year", "month", "day"}


class KernelAdmin(ExportMixin, ModelAdmin):
    """An admin whose list is what the person may see and whose writes go through ``configuration_save``.

    Rows come from ``visible_to(user)`` when the model's manager has it; otherwise ``scope_fields`` must name the area
    relations that place a row (an empty tuple: only people of the whole city see them). Nothing is ever deleted here:
    rows are referred to by history. Every list can be exported (``ExportMixin``). Set ``list_select_related`` so that
    the list needs the same statements for any number of rows. ``linked_by``: columns by which pages of the house link
    to the list, beside those its filters offer.
    """

    linked_by: tuple[str, ...] = ()

    ours = True  # what governance.config.admin_site registers
    empty_text = ""  # what a list without rows says, where it has more to say than that there are none
    scope_fields: tuple[str, ...] | None = None
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    list_fullwidth = True
    list_filter_sheet = True
    actions = None
    list_live_template: str | None = None  # what stands above the list in ``#jc-list-head`` and is as live as its rows
    show_facets = False
    compressed_fields = True

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        """Start without a choice where there is no default: the skin would preselect the first (administrator)."""
        if not db_field.has_default():
            blank = [("", _("Select value"))]
            kwargs.setdefault("choices", db_field.get_choices(include_blank=True, blank_choice=blank))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    warn_unsaved_form = True

    def get_queryset(self, request):
        manager = self.model._default_manager
        if hasattr(manager, "visible_to"):
            rows = manager.visible_to(request.user)
        elif self.scope_fields is not None:
            rows = within_reach(manager.get_queryset(), request.user, self.scope_fields)
        else:
            raise ImproperlyConfigured(f"{type(self).__name__}: neither visible_to nor scope_fields")
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def changelist_view(self, request, extra_context=None):
        """The list; a page that shows it already (admin-live.js) gets only the rows, at half the cost."""
        context = {"import_links": self.import_links(request), **(extra_context or {})}
        response = super().changelist_view(request, context)
        if REFRESH_HEADER in request.headers and isinstance(response, TemplateResponse):
            response.template_name = "governance/admin/changelist_rows.html"
        return response

    def get_changelist_instance(self, request):
        """Refuse what no text of the database holds, whichever filter it was meant for; list and export say so."""
        if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def response_action(self, request, queryset):
        """Refuse keys that no row can have, whichever action they were meant for: Django would ask the database."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError:
            self.message_user(request, _("What was chosen is not from this list: nothing was done."), messages.ERROR)
            return None
        return super().response_action(request, queryset)

    def lookup_allowed(self, lookup, value, request=None):
        """Allow what the filters of the list offer, the row's key, and ``linked_by``: nothing else.

        Django lets any column of the model be asked for in the address, with any comparison: so a text that a page
        hides is read letter by letter, and who points here is found out.
        """
        offered, parts = set(self.linked_by), lookup.split(LOOKUP_SEP)
        for one in self.get_list_filter(request):
            offered.add(getattr(one, "parameter_name", None) or (one[0] if isinstance(one, tuple | list) else one))
        if self.date_hierarchy:
            offered.add(self.date_hierarchy)
        fields = {field.name for field in self.opts.get_fields(include_hidden=True)} | {
            field.attname for field in self.opts.concrete_fields
        }  # fmt: skip
        if lookup in offered or lookup == "pk":
            return True
        if parts[0] not in fields | {"pk"}:  # of a filter of the house, which asks for nothing by itself
            return parts[0] not in self.get_queryset(request).query.annotations
        asked = next((name for name in offered if isinstance(name, str) and lookup.startswith(name + LOOKUP_SEP)), None)
        return asked is not None and lookup.removeprefix(asked + LOOKUP_SEP) in COMPARED

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or configuration_grant(obj, "change", request.user) is not None

    def has_delete_permission(self, request, obj=None):
        return False

    def side_pages(self, request) -> list[dict]:
        """Return pages beside the list that the side bar shows this person: title, icon, link."""
        return []

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as error:
            return refusal_page(self, request, error, back=request.path)

    def save_model(self, request, obj, form, change):
        configuration_save(obj, actor=request.user, changed=form.changed_data)

    def save_formset(self, request, form, formset, change):
        saved = formset.save(commit=False)
        configuration_rows_save(
            form.instance, actor=request.user, name=formset.prefix, saved=saved, removed=formset.deleted_objects
        )

    def history_view(self, request, object_id, extra_context=None):
        """What was changed here, by whom: the events of the row."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        # What has a word for a key (signs of life) has no events, which name their subject by number.
        numbered = isinstance(obj.pk, int)
        rows = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk if numbered else None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(obj),
            "opts": self.opts,
            "object": obj,
            "events": rows.select_related("actor", "unit")[:100],
        }
        return TemplateResponse(request, "governance/admin/history.html", context)

    # The Event is the audit trail; Django's own log would repeat it with names in it.
    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None


class ReadOnlyAdmin(KernelAdmin):
    """Rows that only processes write: looked at, never changed."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class PartOfParent:
    """Rows that are part of their parent: who may change the parent may change them."""

    extra = 0

    def has_view_permission(self, request, obj=None):
        return True

    def has_add_permission(self, request, obj=None):
        return self._parent_may_change(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._parent_may_change(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._parent_may_change(request, obj)

    def _parent_may_change(self, request, obj) -> bool:
        parent_admin = self.admin_site.get_model_admin(self.parent_model)
        if obj is None:
            return parent_admin.has_add_permission(request)
        return parent_admin.has_change_permission(request, obj)


class PartsInline(PartOfParent, TabularInline):
    """Such rows with few fields, in a table."""


class StackedPartsInline(PartOfParent, StackedInline):
    """Such rows with more fields than a table shows at once: one under the other."""
