"""``/r/projects/claims/``: claiming a project as a partner, and running and reporting what was awarded."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.mine import of_residents
from governance.models import Event
from governance.scoping import visible_q
from partners.models import Claim
from partners.projects.claiming import claim_submit
from partners.projects.fit import fit_of
from partners.projects.forms import ClaimForm, LogForm
from partners.projects.looks import CLAIM_TONES
from partners.projects.offered import offered
from partners.projects.pages.public import on_view
from partners.projects.querysets import ACTS
from partners.projects.running import may_show_code
from partners.projects.showing import log_told
from partners.projects.tasks import LOGGED, log_add, task_done
from partners.recruiting.pages.carrying import carried_out, done_or_refused, filled_in
from partners.recruiting.standing import partners_of

TOLD = ("claim.declined", "claim.dismissed")
FORM = "partners/recruiting/residents/form.html"


def _own(request, pk: int) -> Claim:
    found = Claim.objects.filter(visible_q(ACTS, request.user)).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def claim_new(request, pk):
    """Claim a project for a partner one is or acts for."""
    project = on_view(pk)
    partners = partners_of(request.user).filter(area=project.area_id).with_rows()
    if not partners.exists():
        raise Http404
    form = ClaimForm(request.POST if request.method == "POST" else None, partners=partners)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = filled_in(form, lambda: claim_submit(project, actor=request.user, **form.cleaned_data))
        if status is None:
            return redirect("residents_projects:home")
    context = {
        "form": form, "project": project, "back": reverse("residents_projects:project", args=[pk]),
        "fits": [fit_of(partner, project) for partner in partners[:5]],
    }  # fmt: skip
    return render(request, "partners/projects/residents/claim_new.html", context, status=status)


@of_residents
@require_safe
def claim(request, pk):
    """One own claim."""
    return claim_page(request, _own(request, pk))


def claim_page(request, found: Claim, *, refusal=None):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    project = found.project
    told = Event.objects.filter(subject_type="partners.claim", subject_id=found.pk, name__in=TOLD)
    last = told.select_related("remark").order_by("-id").first()
    outcome = found.outcomes.filter(taken_back_at__isnull=True).first()
    runs = found.state == "awarded"
    context = {
        "claim": found, "project": project, "tone": CLAIM_TONES[found.state],
        "steps": {step.name: step for step in offered(found, request.user)},
        "reason": last.remark.text if last is not None and hasattr(last, "remark") else "",
        "tasks": list(project.tasks.select_related("venue")[:100]),
        "log": [(entry, files) for entry, files in log_told(project) if entry.claim_id == found.pk],
        "outcome": outcome, "may_log": runs and project.state in LOGGED,
        "may_do": runs and project.state == "under_way", "may_show": may_show_code(project, request.user),
        "refusal": refusal[0] if refusal else "",
    }  # fmt: skip
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/projects/residents/claim.html", context, status=status)


@of_residents
@require_POST
def step(request, pk, name):
    """Withdraw a claim, give a project up, report it delivered."""
    found = _own(request, pk)
    refusal = carried_out(request, found, name)
    return claim_page(request, _own(request, pk), refusal=refusal) if refusal else redirect(
        "residents_projects:claim", pk
    )  # fmt: skip


@of_residents
@require_POST
def task(request, pk, task):
    """Say that a task is done."""
    found = _own(request, pk)
    row = found.project.tasks.filter(pk=task).first()
    if row is None:
        raise Http404
    refusal = done_or_refused(lambda: task_done(row, actor=request.user, claim=found))
    return claim_page(request, found, refusal=refusal) if refusal else redirect("residents_projects:claim", pk)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def log_new(request, pk):
    """Write in the log of a project one carries out."""
    found = _own(request, pk)
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = LogForm(*data, staff=False)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = filled_in(
            form, lambda: log_add(found.project, actor=request.user, claim=found, **form.cleaned_data)
        )  # fmt: skip
        if status is None:
            return redirect("residents_projects:claim", pk)
    context = {
        "form": form, "title": gettext("Write in the log"), "button": gettext("Write it down"), "area": found.area,
        "partner": found.partner, "back": reverse("residents_projects:claim", args=[pk]),
    }  # fmt: skip
    return render(request, FORM, context, status=status)
