"""The editor of a source's saved mapping: what its columns or fields mean, tried on a sample before it is kept."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.admin.refusals import refusal_page
from governance.configuration import configuration_save
from governance.errors import Invalid, Refused


class MappingPage:
    """The page ``…/<id>/mapping/`` of a ``KeyedAdmin`` whose model has a ``mapping``.

    ``mapping_form``: takes ``mapping``, gives ``mapping`` and ``message()``, a sample. ``tried(source, mapping,
    message)``: what becomes of the sample; it may raise Invalid naming a field of the form.
    """

    mapping_form = None
    tried = None

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_mapping"
        own = path("<int:object_id>/mapping/", self.admin_site.admin_view(self.mapping_view), name=name)
        return [own, *super().get_urls()]

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def mapping_view(self, request, object_id):
        """The editor: POST with ``try`` shows what becomes of the sample, with ``save`` keeps the mapping."""
        source = self._owner(request, object_id)
        posted = request.POST if request.method == "POST" else None
        form, tried = self.mapping_form(posted, mapping=source.mapping), None
        if posted is not None and form.is_valid():
            try:
                if "save" in posted:
                    return self._save_mapping(request, source, form.mapping)
                tried = self.tried(source, form.mapping, form.message())
            except Invalid as error:
                form.add_error(error.field if error.field in form.fields else None, error.detail)
            except Refused as error:
                return refusal_page(self, request, error, back=request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Mapping"),
            "title_part": _("Mapping"),
            "subtitle": str(source),
            "opts": self.opts,
            "original": source,
            "form": form,
            "tried": tried,
            "back": self._page(source),
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "cases/admin/source_mapping.html", context, status=status)

    def _save_mapping(self, request, source, mapping: dict):
        source.mapping = mapping
        configuration_save(source, actor=request.user, changed=["mapping"])
        messages.success(request, _("The mapping was saved."))
        return HttpResponseRedirect(self._page(source))
