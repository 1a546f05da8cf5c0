"""Admin of what is edited as a draft and moved on by transitions: a page that shows, and a page that edits."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from unfold.admin import ModelAdmin

from governance.admin.base import KernelAdmin, refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.configuration import configuration_grant
from governance.errors import Invalid, Refused
from governance.events import label_of
from governance.models import Event


def trail_of(obj) -> list[dict]:
    """Return what happened to an object, newest first, each with its files; two statements."""
    files: dict[int, list] = {}
    for row in attachments_of(obj):
        files.setdefault(row.event_id, []).append({"url": f"/files/{row.pk}/", "content_type": row.content_type})
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    return [
        {"event": event, "label": label_of(event.name), "text": getattr(event, "remark", None),
         "files": files.get(event.pk, ())}
        for event in rows.select_related("actor", "unit", "remark").order_by("-id")[:100]
    ]  # fmt: skip


class PostedPage:
    """A page with one form that a service carries out."""

    def form_page(self, request, form, *, title: str, button: str, back: str, carry_out, lead: str = ""):
        """GET shows ``form``; POST hands its values to ``carry_out(values)``, which returns the address to go to."""
        status = 200
        if request.method == "POST":
            status = 400
            if form.is_valid():
                try:
                    return HttpResponseRedirect(carry_out(dict(form.cleaned_data)))
                except Invalid as error:
                    form.add_error(error.field if error.field in form.fields else None, error.detail)
                except Refused as error:
                    return refusal_page(self, request, error, back=back)
        context = {
            **self.admin_site.each_context(request),
            "title": title, "title_part": title, "opts": self.opts, "form": form, "button": button, "back": back,
            "lead": lead,
        }  # fmt: skip
        return TemplateResponse(request, "property/admin/form_page.html", context, status=status)

    def list_url(self) -> str:
        """Address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class DraftAdmin(PostedPage, WorkflowAdmin):
    """``change_view`` shows the object and its buttons; ``edit/`` is the form of a draft with its rows.

    A subclass sets ``draft_states`` and the fields and inlines of the form, and may override ``add_view``.
    """

    draft_states: tuple[str, ...] = ("draft",)

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_edit"
        return [path("<int:object_id>/edit/", self.admin_site.admin_view(self.edit_view), name=name),
                *super().get_urls()]  # fmt: skip

    def has_add_permission(self, request):
        return ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request, obj=None):
        return KernelAdmin.has_change_permission(self, request, obj)

    def may_edit(self, request, obj) -> bool:
        """Tell whether the person may edit this draft."""
        return obj.state in self.draft_states and configuration_grant(obj, "change", request.user) is not None

    @method_decorator(csrf_protect)
    def edit_view(self, request, object_id):
        """The form of a draft; anything else is not edited."""
        obj = self.find(request, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        if not self.may_edit(request, obj):
            raise Http404
        return self.changeform_view(request, str(object_id))

    def response_change(self, request, obj):
        return HttpResponseRedirect(self.page_url(obj))

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(self.page_url(obj))

    def page_context(self, request, obj):
        edit = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_edit", args=[obj.pk])
        return {"edit_url": edit if self.may_edit(request, obj) else "", "trail": trail_of(obj)}
