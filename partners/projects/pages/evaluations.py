"""``/r/projects/evaluations/``: the form somebody was asked to fill in, on the phone, once."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.pages.mine import of_residents
from partners.models import Claim, Evaluation
from partners.projects.evaluating import evaluation_answer
from partners.projects.forms import AnswerForm
from partners.projects.showing import log_told
from partners.recruiting.pages.carrying import filled_in


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def evaluation(request, pk):
    """What was done, and the marks one is asked for."""
    row = Evaluation.objects.filter(person=request.user, pk=pk).with_rows().first()
    if row is None:
        raise Http404
    form, status = AnswerForm(request.POST if request.method == "POST" else None, evaluation=row), HTTPStatus.OK
    if request.method == "POST":
        status = filled_in(
            form,
            lambda: evaluation_answer(
                row, actor=request.user, marks=form.marks(), remarks=form.cleaned_data["remarks"]
            ),
        )
        if status is None:
            return redirect("residents_projects:evaluation", pk)
    reports = Claim.objects.filter(project=row.project, state="delivered").with_rows().order_by("pk")
    context = {"row": row, "project": row.project, "form": form, "reports": reports,
               "log": log_told(row.project, public=True)}  # fmt: skip
    return render(request, "partners/projects/residents/evaluation.html", context, status=status)
