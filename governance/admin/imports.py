"""Admin of imports: bring a file, look at what it would do, confirm, watch, cancel."""

import io

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.admin.refusals import refusal_page
from governance.errors import Invalid, Refused
from governance.exchange.exports import FORMATS, export_recorded
from governance.exchange.files import MOST_BYTES, SUFFIXES, Source
from governance.exchange.importers import Importer, grant_to_import, importer_named, importers_for, model_of
from governance.exchange.runs import import_cancel, import_check, import_confirm
from governance.exchange.sheets import error_lines, errors_file, template_of
from governance.models import ImportRun, ImportState
from governance.templatetags.jiceng import badge

TONES = {
    ImportState.CHECKED: "amber",
    ImportState.RUNNING: "blue",
    ImportState.DONE: "green",
    ImportState.FAILED: "red",
    ImportState.CANCELLED: "grey",
}
ACTIONS = {"add": gettext_lazy("new"), "change": gettext_lazy("changed"), "same": gettext_lazy("unchanged")}
ACTION_TONES = {"add": "green", "change": "amber", "same": "grey"}
ERRORS_SHOWN = 100


class UploadForm(forms.Form):
    """The file of an import and the settings that its importer asks for."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel, CSV or TSV; UTF-8 or GB 18030"),
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )

    def __init__(self, data=None, files=None, *, importer: type[Importer], user):
        super().__init__(data, files)
        self.importer = importer
        for option in importer.options:
            asked = {"label": option.label, "required": option.required, "help_text": option.help}
            offered = importer.option_choices(option.name, user)
            if offered is None:
                self.fields[option.name] = forms.CharField(max_length=1000, **asked)
            else:
                self.fields[option.name] = forms.ChoiceField(choices=offered, **asked)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("%(name)s is larger than %(most)s MB.") % {"name": file.name, "most": MOST_BYTES // 1024**2}
            )
        return Source(file.name, file.read())

    def checked(self, actor) -> ImportRun:
        """Check the file as ``actor``; raises as ``import_check``."""
        options = {option.name: self.cleaned_data[option.name] for option in self.importer.options}
        return import_check(actor=actor, key=self.importer.key, sources=[self.cleaned_data["file"]], options=options)


def label_of(run: ImportRun) -> str:
    """Return what a run imports, in words."""
    cls = importer_named(run.importer)
    return str(cls.label) if cls else run.importer


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """Runs of imports: the own ones, for administrators also those of their areas."""

    list_display = [
        "created_at", "what", "file_name", "started_by", "state_badge", "lines", "adds", "changes", "error_count",
    ]  # fmt: skip
    list_filter = ["state"]
    list_select_related = ["started_by"]
    search_fields = ["file_name"]
    ordering = ["-id"]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and bool(importers_for(request.user))

    def has_add_permission(self, request):
        return self.has_view_permission(request)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        of_list = request.resolver_match.url_name.endswith("_changelist")
        return rows.defer("errors", "rows", "notes", "options") if of_list else rows

    @display(description=gettext_lazy("import of"), ordering="importer")
    def what(self, obj):
        return label_of(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    def get_urls(self):
        def named(address, view, name):
            return path(address, self.admin_site.admin_view(view), name=f"governance_importrun_{name}")

        return [
            named("template/<str:key>/", self.template_view, "template"),
            named("filled/<str:key>/", self.filled_view, "filled"),
            named("<int:object_id>/confirm/", self.confirm_view, "confirm"),
            named("<int:object_id>/cancel/", self.cancel_view, "cancel"),
            named("<int:object_id>/progress/", self.progress_view, "progress"),
            named("<int:object_id>/errors/", self.errors_view, "errors"),
            *super().get_urls(),
        ]

    def _importer(self, request, key: str) -> type[Importer]:
        cls = next((cls for cls in importers_for(request.user) if cls.key == key), None)
        if cls is None:
            raise Http404
        return cls

    def _run(self, request, object_id) -> ImportRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_queryset(request).filter(pk=object_id).first()
        if run is None:
            raise Http404
        return run

    def _page(self, request, template: str, **context) -> TemplateResponse:
        status = context.pop("status", 200)
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"governance/admin/{template}.html", context, status=status)

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def add_view(self, request, form_url="", extra_context=None):
        """Choose an importer, then bring its file; a POST checks it and leads to what it would do."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        key = request.GET.get("importer", "")
        if not key:
            of = request.GET.get("of")
            offered = [cls for cls in importers_for(request.user) if of in (None, model_of(cls))]
            return self._page(request, "import_choose", title=_("Import"), importers=offered)
        cls = self._importer(request, key)
        posted = request.method == "POST"
        form = UploadForm(request.POST if posted else None, request.FILES if posted else None, importer=cls,
                          user=request.user)  # fmt: skip
        if posted and form.is_valid():
            try:
                run = form.checked(request.user)
                return HttpResponseRedirect(reverse("admin:governance_importrun_change", args=[run.pk]))
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.detail))
            except Refused as error:
                return refusal_page(self, request, error, back=request.path)
        title = _("Import: %(label)s") % {"label": cls.label}
        return self._page(request, "import_upload", title=title, title_part=cls.label, form=form, importer=cls,
                          status=400 if posted else 200)  # fmt: skip

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """What the file would do or did; line by line what is wrong with it."""
        run = self._run(request, object_id if str(object_id).isdecimal() else 0)
        rows = [(line, ACTIONS[action], ACTION_TONES[action], title) for line, action, title in run.rows]
        return self._page(
            request,
            "import_run",
            title=label_of(run),
            subtitle=run.file_name,
            original=run,
            run=run,
            tone=TONES[run.state],
            rows=rows,
            errors=error_lines(run)[:ERRORS_SHOWN],
            own=run.started_by_id == request.user.pk,
        )

    @method_decorator(require_safe)
    def progress_view(self, request, object_id):
        """The part of the page that changes while a run goes on; asks for the whole page when it has ended."""
        run = self._run(request, object_id)
        own = run.started_by_id == request.user.pk
        response = TemplateResponse(request, "governance/admin/import_progress.html", {"run": run, "own": own})
        if run.state != ImportState.RUNNING:
            response["HX-Refresh"] = "true"
        return response

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def confirm_view(self, request, object_id):
        """Start a checked run."""
        return self._acted(request, object_id, import_confirm)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def cancel_view(self, request, object_id):
        """Drop a checked run, stop a running one."""
        return self._acted(request, object_id, import_cancel)

    def _acted(self, request, object_id, service):
        run = self._run(request, object_id)
        back = reverse("admin:governance_importrun_change", args=[run.pk])
        try:
            service(run, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=back)
        return HttpResponseRedirect(back)

    @method_decorator(require_safe)
    def errors_view(self, request, object_id):
        """The errors of a run as an Excel file."""
        run = self._run(request, object_id)
        name = f"{_('errors')}-{run.pk}.xlsx"
        return FileResponse(errors_file(run), as_attachment=True, filename=name, content_type=FORMATS["xlsx"])

    @method_decorator(require_safe)
    def template_view(self, request, key):
        """An Excel file with the columns of an importer, to fill in."""
        cls = self._importer(request, key)
        file = io.BytesIO()
        template_of(cls, file)
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"{cls.label}.xlsx", content_type=FORMATS["xlsx"])

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def filled_view(self, request, key):
        """The same file with what is stored, as far as the person may see it: to change and bring back."""
        cls = self._importer(request, key)
        rows = rows_to_change(request, cls)
        if rows is None:
            raise Http404
        file = io.BytesIO()
        count = template_of(cls, file, cls().filled(rows[: cls.most_lines]))
        file.seek(0)
        grant = grant_to_import(cls, request.user)
        export_recorded(request.user, grant=grant, model=cls.filled_from, filters=[], rows=count, kind="xlsx")
        return FileResponse(file, as_attachment=True, filename=f"{cls.label}.xlsx", content_type=FORMATS["xlsx"])


def rows_to_change(request, cls: type[Importer]):
    """Return the stored rows of an importer that the person may see in the admin, or None where it fills no sheet."""
    if not cls.filled_from:
        return None
    model = apps.get_model(cls.filled_from)
    parent = model._meta.get_field(cls.filled_within).related_model if cls.filled_within else model
    model_admin = admin.site.get_model_admin(parent)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = model_admin.get_queryset(request)
    if cls.filled_within:
        rows = model._default_manager.filter(**{f"{cls.filled_within}__in": rows.order_by()})
    return cls.filled_only(rows)
