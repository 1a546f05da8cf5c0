"""``/m/visits/``: the visits to make, the most urgent first; each logged in a minute with a few presses."""

from http import HTTPStatus

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import blame, notice, phone_page, refused, status_of
from cases.pages.mobile.tasks import PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.admin.returning import returning
from governance.errors import Conflict, Refused
from governance.forms import form_for
from governance.scoping import grant_for, roles_of
from governance.workflow import Step, act, steps_of
from mediation.access import access_record
from mediation.disputes.querysets import HANDLES, WORKS
from mediation.followup.looks import VISIT_TONES
from mediation.followup.offer_forms import offerable
from mediation.followup.overseeing import overseen_by, urgings_of
from mediation.followup.querysets import LOGS
from mediation.followup.replies import replies_of
from mediation.followup.states import OPEN_VISITS
from mediation.followup.visit_workflow import CORRECTED_FOR, logged_lately
from mediation.followup.visits import VISIT, question_of
from mediation.followup.wishes import wish_address
from mediation.models import Dispute, DisputeState, FollowUpVisit, VisitState

MOST = 30
LOGGED = (VisitState.DONE, VisitState.REFUSED)
STEPS = ("log", "miss", "refuse", "correct")


def may_visit(user) -> bool:
    """Tell whether somebody logs visits anywhere."""
    return bool(roles_of(user) & set(WORKS))


@phone_buttons
def visits_button(user) -> list[PhoneButton]:
    """The list, for who works on disputes."""
    return (
        [PhoneButton(_("Follow-up visits"), reverse("phone_mediation_visits:list"), order=58)]
        if may_visit(user)
        else []
    )


@phone_tasks
def visits_to_make(user) -> list[TaskCard]:
    """Visits due and overdue, on the phone's first page."""
    if not may_visit(user):
        return []
    rows = FollowUpVisit.objects.handled_by(user).to_make().with_rows().order_by("due_on", "pk")[:MOST]
    return [
        TaskCard(
            group=_("Follow-up visits"), title=row.dispute.number, text=row.get_kind_display(),
            place=row.dispute.area.name, badge=row.get_state_display(), tone=VISIT_TONES[row.state], order=40,
            url=reverse("phone_mediation_visits:one", args=[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


@phone_page
@require_safe
def visits(request):
    """To make now, those that come, and for the superior the overdue ones of the units below."""
    if not may_visit(request.user):
        return notice(request, _("This was not done"), _("You do not log visits here."), HTTPStatus.FORBIDDEN)
    user = request.user
    mine = FollowUpVisit.objects.handled_by(user).with_rows().order_by("due_on", "pk")
    below = overseen_by(user).with_rows().order_by("due_on", "pk")
    context = {
        "now": _toned(mine.to_make()), "below": _toned(below),
        "coming": _toned(mine.filter(state=VisitState.PLANNED)),
        "lately": _toned(mine.filter(state__in=LOGGED, logged_at__gte=timezone.now() - CORRECTED_FOR)),
        "today": timezone.localdate(), "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "mediation/followup/phone/visits.html", context)


def _toned(rows) -> list[tuple[FollowUpVisit, str]]:
    return [(row, VISIT_TONES[row.state]) for row in rows[:MOST]]


def may_correct(row: FollowUpVisit) -> bool:
    """Whether it was logged, and so few days ago that a slip may be put right."""
    return row.state in steps_of(FollowUpVisit)["correct"].sources and logged_lately(row)


def _main_step(row: FollowUpVisit) -> Step:
    """Return the step whose questions the page asks: to log it, or to put right what was logged."""
    return steps_of(FollowUpVisit)["correct" if may_correct(row) else "log"]


def _reopening_tell(request, row: FollowUpVisit) -> None:
    """Say on the list that follows that the answer opened the dispute again; ``row`` is as it was before."""
    state = Dispute.objects.values_list("state", flat=True).get(pk=row.dispute_id)
    if state == DisputeState.REOPENED != row.dispute.state:
        told = _("%(number)s: it broke out again; the dispute was opened again, and its parties are asked anew.")
        messages.success(request, told % {"number": row.dispute.number})


def _wishes(request, row: FollowUpVisit) -> str:
    """Return the form of the administration in which each party's wish is recorded, and which leads back here."""
    address = wish_address(row, request.user) if admin.site.has_permission(request) else ""
    return returning(address, reverse("phone_mediation_visits:one", args=[row.pk])) if address else ""


def _next_page(request, row: FollowUpVisit) -> list:
    """Return where to go once it was logged: where the parties want confirmation, to the link to what is still to be
    recorded of it; else to the other visits."""
    fresh = FollowUpVisit.objects.with_rows().get(pk=row.pk)
    return ["phone_mediation_visits:one", row.pk] if _wishes(request, fresh) else ["phone_mediation_visits:list"]


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request, pk):
    """One visit: what it is about, and the form. Reading it is recorded."""
    row = FollowUpVisit.objects.handled_by(request.user).with_rows().filter(pk=pk).first()
    if row is None or grant_for(LOGS, row, request.user) is None:
        raise Http404
    name = request.POST.get("step", "log")
    if name not in STEPS:
        raise Http404
    step, main = steps_of(FollowUpVisit)[name], _main_step(row)
    form, status = form_for(VISIT, main)(obj=row, step=main, user=request.user), HTTPStatus.OK
    if request.method == "POST":
        sent = form_for(VISIT, step)(request.POST, obj=row, step=step, user=request.user)
        if sent.is_valid():
            try:
                act(row, name, actor=request.user, **sent.arguments())
                _reopening_tell(request, row)
                return redirect(*_next_page(request, row))
            except Conflict as error:
                return refused(request, error, reverse("phone_mediation_visits:list"))
            except Refused as error:
                blame(sent, error)
                status = status_of(error)
        if name != main.name:
            words = " ".join(str(text) for texts in sent.errors.values() for text in texts)
            back = reverse("phone_mediation_visits:one", args=[row.pk])
            return notice(request, _("This was not done"), words, HTTPStatus.BAD_REQUEST, back)
        form, status = sent, status if status != HTTPStatus.OK else HTTPStatus.BAD_REQUEST
    access_record(row.dispute, actor=request.user, what=f"{VISIT}:{row.pk}")
    context = {
        "visit": row, "tone": VISIT_TONES[row.state], "form": form, "question": question_of(row),
        "urged": urgings_of(row).first(), "open": row.state in OPEN_VISITS, "main": main,
        "corrected": may_correct(row), "wish_url": _wishes(request, row), "texts": phone_texts(),
        "others": [(name, steps_of(FollowUpVisit)[name].label) for name in ("miss", "refuse")],
        "offers": offerable(row.dispute).exists() and grant_for(HANDLES, row.dispute, request.user) is not None,
        "parties": row.dispute.parties.named().order_by("pk"), "replies": replies_of(row, request.user),
        "owed": row.agreement.obligations.select_related("debtor", "creditor").order_by("due_on", "pk"),
    }  # fmt: skip
    return render(request, "mediation/followup/phone/visit.html", context, status=status)
