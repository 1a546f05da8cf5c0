"""Admin of projects: the list, the page of one with all that belongs to it, claims, evaluations and forms."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.admin import TabularInline
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Refused
from governance.scoping import grant_for, roles_of
from governance.templatetags.jiceng import badge
from partners.admin.offers import areas_of
from partners.admin.projects_board import board_view
from partners.admin.trail import trail_of
from partners.models import (
    Claim,
    Evaluation,
    EvaluationForm,
    EvaluationGrade,
    EvaluationItem,
    PartnerKind,
    Project,
    ProjectTask,
)
from partners.projects.evaluating import ASKED_IN, evaluator_invite
from partners.projects.fit import partners_for
from partners.projects.forms import InviteForm, LineForm, LogForm, ProjectForm, TaskForm, project_values
from partners.projects.looks import CLAIM_TONES, EVALUATION_TONES, PROJECT_TONES
from partners.projects.offered import offered
from partners.projects.planning import project_change, project_make
from partners.projects.querysets import RUNS
from partners.projects.running import may_show_code
from partners.projects.showing import attendance_told, budget_told, log_told, result_told
from partners.projects.tasks import LOGGED, line_add, log_add, log_publish, task_add, task_done, task_drop
from partners.projects.workflow import AFOOT, ProjectState
from partners.recruiting.querysets import LOOKING_ROLES, RUNNING_ROLES

FORMS = ["GET", "HEAD", "POST"]


class ProjectPart(FormPageMixin, WorkflowAdmin):
    """What belongs to projects. ``tones`` are the colours of its states."""

    tones: dict = {}
    list_filter = ["state", AreaFilter]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), self.tones[obj.state])

    def has_add_permission(self, request):
        return False

    def page_context(self, request, obj):
        return {"tone": self.tones[obj.state], "trail": trail_of(obj), "transitions": offered(obj, request.user)}


@admin.register(Project)
class ProjectAdmin(ProjectPart):
    """Projects of the person's areas, the newest on top; a board by state beside."""

    page_template = "partners/projects/admin/project.html"
    tones = PROJECT_TONES
    list_display = ["title", "number_told", "state_badge", "area", "starts_on", "ends_on", "claim_until", "score",
                    "grade"]  # fmt: skip
    list_display_links = ["title"]
    list_filter = ["state", "category", "exclusive", AreaFilter]
    search_fields = ["title"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(RUNNING_ROLES))

    def side_pages(self, request):
        board = {
            "title": _("Board of projects"),
            "icon": "view_kanban",
            "link": reverse("admin:partners_project_board"),
        }
        concerned = roles_of(request.user) & {*RUNNING_ROLES, *LOOKING_ROLES}
        return [board, *super().side_pages(request)] if concerned else super().side_pages(request)

    def get_urls(self):
        name, wrap = "partners_project", self.admin_site.admin_view
        pages = {"edit": self.edit_view, "task": self.task_view, "line": self.line_view, "log": self.log_view,
                 "invite": self.invite_view}  # fmt: skip
        return [
            path("board/", wrap(board_view), name=f"{name}_board"),
            *(path(f"<int:object_id>/{page}/", wrap(view), name=f"{name}_{page}") for page, view in pages.items()),
            path("<int:object_id>/task/<int:row>/<slug:what>/", wrap(self.task_step), name=f"{name}_task_step"),
            path("<int:object_id>/log/<int:row>/<slug:what>/", wrap(self.log_step), name=f"{name}_log_step"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        user = request.user
        runs = grant_for(RUNS, obj, user) is not None
        claims = Claim.objects.filter(project=obj).with_rows().order_by("id")
        asked = Evaluation.objects.filter(project=obj).with_rows().order_by("party", "id")
        open_now = obj.state in (ProjectState.PUBLISHED, ProjectState.CLAIMING)
        return super().page_context(request, obj) | {
            "runs": runs,
            "kinds_told": "、".join(str(PartnerKind(kind).label) for kind in obj.partner_kinds) or _("all kinds"),
            "needs": list(obj.needs.select_related("category").order_by("id")),
            "tasks": list(obj.tasks.select_related("venue", "claim__partner")),
            "claims": [(row, CLAIM_TONES[row.state], offered(row, user)) for row in claims],
            "evaluations": [(row, EVALUATION_TONES[row.state], offered(row, user)) for row in asked],
            "suggested": partners_for(obj)[:8] if runs and open_now else [],
            "budget": budget_told(obj),
            "log": log_told(obj),
            "attendance": attendance_told(obj),
            "result": result_told(obj),
            "may_change": runs and obj.state in (ProjectState.PLANNED, ProjectState.UNCLAIMED),
            "may_plan": runs and obj.state in AFOOT,
            "may_ask": runs and obj.state in ASKED_IN,
            "may_log": runs and obj.state in LOGGED,
            "may_show": runs and may_show_code(obj, user),
        }

    def _run_by(self, request, object_id) -> Project:
        project = self.find(request, object_id)
        if grant_for(RUNS, project, request.user) is None:
            raise PermissionDenied
        return project

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def add_view(self, request, form_url="", extra_context=None):
        """Plan a project; who keeps several communities chooses one first."""
        areas = _keeps(request.user)
        code = request.GET.get("community", "")
        area = next((one for one in areas if one.code == code), areas[0] if areas and not code else None)
        if area is None:
            raise PermissionDenied
        form = ProjectForm(request.POST if request.method == "POST" else None, area=area)

        def carry_out(form):
            return self.page_url(project_make(actor=request.user, area=area, plan=form.plan()))

        return self.form_page(
            request, form, title=_("Plan a project"), lead=_("Publish it afterwards on its page."),
            button=_("Plan it"), carry_out=carry_out, subtitle=area.name,
        )  # fmt: skip

    def _form(self, request, project, form, work, title: str, lead: str = ""):
        def carry_out(form):
            work(form)
            return self.page_url(project)

        return self.form_page(
            request, form, title=title, lead=lead, button=_("Save it"), carry_out=carry_out, subtitle=project.title,
            back=self.page_url(project),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def edit_view(self, request, object_id):
        """Change the plan."""
        project = self._run_by(request, object_id)
        form = ProjectForm(_post(request), area=project.area, project=project, initial=project_values(project))
        return self._form(
            request, project, form, lambda form: project_change(project, actor=request.user, plan=form.plan()),
            _("Change the plan"),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def task_view(self, request, object_id):
        """Add a task."""
        project = self._run_by(request, object_id)
        form = TaskForm(_post(request), project=project, user=request.user)
        return self._form(
            request, project, form, lambda form: task_add(project, actor=request.user, **form.values()),
            _("Add a task"), _("A venue is booked at once for the time given."),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def line_view(self, request, object_id):
        """Add a budget line or an actual cost."""
        project = self._run_by(request, object_id)
        form = LineForm(_post(request), request.FILES if request.method == "POST" else None)
        return self._form(
            request, project, form, lambda form: line_add(project, actor=request.user, **form.cleaned_data),
            _("Add a budget line"), _("No money is moved here."),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def log_view(self, request, object_id):
        """Write an entry of the log."""
        project = self._run_by(request, object_id)
        form = LogForm(_post(request), request.FILES if request.method == "POST" else None)
        return self._form(
            request, project, form, lambda form: log_add(project, actor=request.user, **form.cleaned_data),
            _("Write in the log"),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(FORMS))
    def invite_view(self, request, object_id):
        """Ask somebody to evaluate."""
        project = self._run_by(request, object_id)
        lead = _("Residents or participants, staff of the community, evaluators of a third party. Nobody with a stake.")
        return self._form(
            request, project, InviteForm(_post(request)),
            lambda form: evaluator_invite(project, actor=request.user, **form.cleaned_data),
            _("Ask somebody to evaluate"), lead,
        )  # fmt: skip

    def _posted(self, request, project, work):
        try:
            work()
        except Refused as error:
            messages.error(request, str(error.detail))
        return HttpResponseRedirect(self.page_url(project))

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def task_step(self, request, object_id, row, what):
        """A task is done, or taken off."""
        project = self._run_by(request, object_id)
        task = ProjectTask.objects.filter(project=project, pk=row).first()
        if task is None or what not in ("done", "drop"):
            raise Http404
        step = task_done if what == "done" else task_drop
        return self._posted(request, project, lambda: step(task, actor=request.user))

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def log_step(self, request, object_id, row, what):
        """Show an entry of the log on the public page, or hide it."""
        project = self._run_by(request, object_id)
        entry = project.log.filter(pk=row).first()
        if entry is None or what not in ("show", "hide"):
            raise Http404
        return self._posted(request, project, lambda: log_publish(entry, actor=request.user, open=what == "show"))


def _post(request):
    return request.POST if request.method == "POST" else None


def _keeps(user) -> list:
    """Return the communities whose projects a person runs."""
    return [area for area in areas_of(user) if grant_for(RUNS, Project(area=area), user) is not None]


@admin.register(Claim)
class ClaimAdmin(ProjectPart):
    """Claims of projects."""

    page_template = "partners/projects/admin/claim.html"
    tones = CLAIM_TONES
    list_display = ["number_told", "project", "partner", "state_badge", "people", "busy", "submitted_at"]
    list_display_links = ["number_told"]
    search_fields = ["project__title", "partner__name"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number


@admin.register(Evaluation)
class EvaluationAdmin(ProjectPart):
    """Who was asked to evaluate, and the marks given."""

    page_template = "partners/projects/admin/evaluation.html"
    tones = EVALUATION_TONES
    list_display = ["project", "party", "person", "unit", "state_badge", "asked_at", "answered_at"]
    list_display_links = ["project"]
    list_filter = ["state", "party", AreaFilter]
    search_fields = ["project__title"]


class ItemInline(TabularInline):
    model = EvaluationItem
    extra = 0
    fields = ["party", "position", "text", "scale", "weight"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not _used(obj)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


class GradeInline(ItemInline):
    model = EvaluationGrade
    fields = ["name", "from_score", "share"]


def _used(form) -> bool:
    return form is not None and Evaluation.objects.filter(form=form).exists()


@admin.register(EvaluationForm)
class EvaluationFormAdmin(KernelAdmin):
    """Versions of the evaluation form; one by which somebody was asked stays as it is."""

    list_display = ["code", "title", "valid_from", "residents", "staff", "third", "is_active"]
    search_fields = ["code", "title"]
    ordering = ["-valid_from", "code"]
    fields = ["code", "title", "valid_from", "residents", "staff", "third", "is_active"]
    inlines = [ItemInline, GradeInline]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "valid_from", "residents", "staff", "third"] if _used(obj) else ["code"] if obj else []
