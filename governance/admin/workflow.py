"""Admin of models with states: every change goes through a transition, by POST, judged by ``act``.

The page of an object shows the buttons its reader may press now. Each leads to a form (GET reads, POST acts). Hidden,
forged or late presses are refused with a page that says why, and nothing has changed.
"""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.admin.base import ReadOnlyAdmin, refusal_page
from governance.admin.returning import after, from_phone, going_on, phone_page_of, stored
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.forms import form_for
from governance.models import Event
from governance.scoping import grant_for
from governance.workflow import act, available, steps_of

TAKES_BACK = gettext_lazy("This takes back or ends what others may count on.")


class WorkflowAdmin(ReadOnlyAdmin):
    """Shows an object and its transitions.

    A subclass sets ``page_template`` (extends ``governance/admin/workflow_page.html``) and gives ``page_context``.
    ``page_rows`` narrows or enriches the rows a page starts from (``select_related`` ...); it starts from
    ``get_queryset``, so what is not visible is 404.
    """

    page_template = "governance/admin/workflow_page.html"
    # What a step that goes back does, by its name, where there is more to say than what holds of all of them.
    step_warnings: dict[str, str] = {}

    def page_rows(self, request):
        """Return the rows a page may show."""
        return self.get_queryset(request)

    def page_context(self, request, obj) -> dict:
        """Return what the page template needs beyond the object and its transitions."""
        return {}

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_transition"
        view = self.admin_site.admin_view(self.transition_view)
        return [path("<int:object_id>/transition/<str:name>/", view, name=name), *super().get_urls()]

    def find(self, request, object_id):
        """Return the object if the person may see it; raises Http404 otherwise."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            pk = int(unquote(str(object_id)))
        except ValueError as error:
            raise Http404 from error
        obj = self.page_rows(request).filter(pk=pk).first()
        if obj is None:
            raise Http404
        return obj

    def page_url(self, obj) -> str:
        """Address of an object's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])

    @method_decorator(require_http_methods(["GET", "HEAD"]))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self.page(request, self.find(request, object_id))

    def page(self, request, obj, *, notice="", status=200) -> TemplateResponse:
        """Answer with the object's page; ``notice`` says why it is shown instead of what was asked."""
        context = {
            **self.admin_site.each_context(request),
            "title": str(obj),
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "notice": notice,
            "last_event": self.last_event(obj),
            "transitions": available(obj, request.user),
            "phone_page": phone_page_of(request),
            "going_on": going_on(request),
            **self.page_context(request, obj),
        }
        return TemplateResponse(request, self.page_template, context, status=status)

    def last_event(self, obj) -> int:
        """Return the newest event's id: what the page already shows of the live push."""
        rows = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        return rows.order_by("-id").values_list("id", flat=True).first() or 0

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def transition_view(self, request, object_id, name):
        """GET shows the form of a transition, POST carries it out."""
        obj = self.find(request, object_id)
        step = steps_of(self.model).get(name)
        if step is None or step.quiet:
            raise Http404
        try:
            self._refuse_unavailable(obj, step, request.user)
            if request.method == "POST":
                return self._post(request, obj, step)
        except Conflict as error:
            fresh = self.page_rows(request).filter(pk=obj.pk).first()
            if fresh is None:  # what the other person did took it out of this person's sight
                return refusal_page(self, request, error)
            return self.page(request, fresh, notice=error.detail, status=409)
        except Refused as error:
            return refusal_page(self, request, error, back=after(request, self.page_url(obj)))
        form = form_for(self.opts.label_lower, step)(obj=obj, step=step, user=request.user)
        return self._form_page(request, obj, step, form)

    def _refuse_unavailable(self, obj, step, user):
        """Refuse before the form is even read, so that nobody learns what a form they may not send would accept."""
        if grant_for(step.allow, obj, user) is None:
            raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": step.label})
        if step not in available(obj, user):
            raise Conflict(
                _("“%(label)s” is not possible now: the state is “%(state)s”.")
                % {"label": step.label, "state": obj.get_state_display()}
            )

    def _post(self, request, obj, step):
        form = form_for(self.opts.label_lower, step)(request.POST, request.FILES, obj=obj, step=step, user=request.user)
        if not form.is_valid():
            return self._form_page(request, obj, step, form, status=400)
        try:
            fresh = act(obj, step.name, actor=request.user, **form.arguments())
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, error.detail)
            return self._form_page(request, obj, step, form, status=400)
        except Conflict as error:
            again = self._found_again(request, obj)
            # A stale page shows what has changed; where the step itself is still possible what was typed is not lost.
            if error.field == "version" or again is None or step not in available(again, request.user):
                raise
            form.add_error(None, error.detail)
            return self._form_page(request, again, step, form, status=409)
        messages.success(request, _("%(object)s: “%(label)s” done.") % {"object": fresh, "label": step.label})
        leads_to = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if self.get_queryset(request).filter(pk=obj.pk).exists():
            leads_to = after(request, self.page_url(obj))
        return stored(request, HttpResponseRedirect(leads_to))

    def _found_again(self, request, obj):
        """Return the object as it is now and as forms of it want it; None where it is out of the person's sight."""
        try:
            return self.find(request, obj.pk)
        except Http404:
            return None

    def _form_page(self, request, obj, step, form, *, status=200):
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "title_part": step.label,
            "subtitle": str(obj),
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "step": step,
            "form": form,
            "warning": self.step_warnings.get(step.name, "") or step.backward and TAKES_BACK,
            "back": after(request, self.page_url(obj)),
            "from_phone": from_phone(request),
            **self.form_context(request, obj, step),
        }
        return TemplateResponse(request, "governance/admin/transition_form.html", context, status=status)

    def form_context(self, request, obj, step) -> dict:
        """Return what a transition's form page shows about the object."""
        return {}
