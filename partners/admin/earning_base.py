"""What the administration's pages of points have in common: a page of one object, a page with one form."""

from django import forms
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from governance.admin.base import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.errors import Invalid, Refused
from governance.events import label_of
from governance.models import Event
from partners.earning.offered import offered

PAGE = "partners/earning/admin/page.html"
MOST_EVENTS = 100


def trail_of(obj) -> list[dict]:
    """Return what happened to an object, newest first, each with its files; two statements."""
    files: dict[int, list] = {}
    for row in attachments_of(obj):
        files.setdefault(row.event_id, []).append({"url": f"/files/{row.pk}/", "content_type": row.content_type})
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    return [
        {"event": event, "label": label_of(event.name), "text": getattr(event, "remark", None),
         "files": files.get(event.pk, ())}
        for event in rows.select_related("actor", "unit", "remark").order_by("-id")[:MOST_EVENTS]
    ]  # fmt: skip


class ReasonForm(forms.Form):
    """A reason is all that is asked."""

    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class FormPages:
    """Pages with one form that a service carries out."""

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
        return TemplateResponse(request, "partners/earning/admin/form_page.html", context, status=status)

    def list_url(self) -> str:
        """Address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class EarningAdmin(FormPages, WorkflowAdmin):
    """Base of pages of workflow objects: facts beside the trail, the steps that make sense, a file to take along.

    A subclass gives ``tones`` and ``facts``, and may give ``files`` [(label, address)] and ``added`` (add by a form).
    """

    page_template = PAGE
    list_filter_submit = True
    tones: dict = {}
    adds = False

    def has_add_permission(self, request):
        return self.adds and ModelAdmin.has_add_permission(self, request)

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def facts(self, obj) -> list[tuple]:
        """Return pairs of label and value."""
        return []

    def files(self, obj) -> list[tuple[str, str]]:
        """Return what can be taken along: label and address."""
        return []

    def page_context(self, request, obj):
        return {
            "tone": self.tones[obj.state], "trail": trail_of(obj), "facts": self.facts(obj),
            "transitions": offered(obj, request.user), "files": self.files(obj),
        }  # fmt: skip
