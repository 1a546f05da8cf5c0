"""``/m/assembly/<id>/``: run a session from a phone: sign-in, attendance, agenda; and do what was agreed."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import phone_page
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, TaskCard, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.scoping import grant_for, roles_of, visible_q
from governance.workflow import available
from property.assembly.attendance import quorum_of, sign_in_open
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.looks import FOLLOW_UP_TONES, INVITATION_TONES, SESSION_TONES, TOPIC_TONES
from property.assembly.offered import offered
from property.assembly.querysets import DOING_ROLES, OWNS, RUNNING_ROLES, RUNS
from property.assembly.record import people_of, topics_of
from property.assembly.session_workflow import SessionState
from property.assembly.sign_in import MINUTE, code_of, qr_svg
from property.models import AgendaItem, AssemblySession, FollowUpItem, Invitation

# Sessions of so many days to come stand on the first page [J].
DAYS_AHEAD = 7
# Steps that need more room than a phone has; they are done on the desktop pages.
AT_THE_DESK = ("plan", "reschedule", "write")
RUNNING = (SessionState.IN_SESSION, SessionState.MINUTING)


@phone_tasks
def sessions_to_run(user) -> list[TaskCard]:
    """Sessions of the next days that the person runs."""
    if not roles_of(user) & set(RUNNING_ROLES):
        return []
    until = timezone.now() + timedelta(days=DAYS_AHEAD)
    rows = AssemblySession.objects.filter(visible_q(RUNS, user), starts_at__lte=until).with_rows()
    rows = rows.filter(state__in=[SessionState.COLLECTING, SessionState.NOTICED, *RUNNING]).order_by("starts_at", "pk")
    return [
        TaskCard(
            group=_("Sessions of the assembly"),
            title=str(session),
            url=reverse("phone_assembly:session", args=[session.pk]),
            text=session.time_text,
            place=session.place_text,
            badge=session.get_state_display(),
            tone=SESSION_TONES[session.state],
            order=8,
        )
        for session in rows[:ASKED]
    ]


@phone_tasks
def items_to_do(user) -> list[TaskCard]:
    """Follow-up items that the person's unit, or the person, does."""
    if not roles_of(user) & set(DOING_ROLES):
        return []
    mine = visible_q(OWNS, user)
    open_ = [FollowUpState.ASSIGNED, FollowUpState.ACCEPTED, FollowUpState.IN_PROGRESS, FollowUpState.RETURNED]
    rows = FollowUpItem.objects.filter(mine, state__in=open_).with_rows().order_by("due_on", "pk")
    return [
        TaskCard(
            group=_("Agreed in the assembly"),
            title=item.title,
            url=reverse("phone_assembly:item", args=[item.pk]),
            text=_("until %(day)s") % {"day": f"{item.due_on:%Y-%m-%d}"},
            place=str(item.assembly),
            badge=_("overdue") if item.overdue else item.get_state_display(),
            tone="red" if item.overdue else FOLLOW_UP_TONES[item.state],
            order=14,
        )
        for item in rows[:ASKED]
    ]


def _found(rows, pk: int):
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _session_of(request, pk: int) -> AssemblySession:
    return _found(AssemblySession.objects.visible_to(request.user).with_rows(), pk)


@phone_page
@require_safe
def session(request, pk):
    """The session: who is there, the agenda with what to press, the next step."""
    found = _session_of(request, pk)
    user = request.user
    running = grant_for(RUNS, found, user) is not None
    people = [(row, INVITATION_TONES[row.state], offered(row, user)) for row in people_of(found)]
    topics = [(topic, TOPIC_TONES[topic.state], offered(topic, user)) for topic in topics_of(found)]
    context = {
        "session": found,
        "tone": SESSION_TONES[found.state],
        "quorum": quorum_of(found),
        "people": people,
        "topics": topics,
        "steps": [step for step in available(found, user) if step.name not in AT_THE_DESK],
        "running": running,
        "sign_in": running and sign_in_open(found, timezone.now()),
        "texts": phone_texts(),
    }
    return render(request, "property/assembly/phone/session.html", context)


@phone_page
@require_safe
def code(request, pk):
    """The code to sign in by, to be held up; a new one every minute."""
    found = _session_of(request, pk)
    if grant_for(RUNS, found, request.user) is None:
        raise Http404
    now = timezone.now()
    address = reverse("residents_assembly:sign-in", args=[code_of(found, now)])
    context = {
        "session": found,
        "open": sign_in_open(found, now),
        "code": qr_svg(request.build_absolute_uri(address)),
        "quorum": quorum_of(found),
        "seconds": MINUTE,
        "texts": phone_texts(),
    }
    return render(request, "property/assembly/phone/code.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def session_step(request, pk, name):
    """One transition of a session."""
    found = _session_of(request, int(pk))
    return step_page(request, found, name, reverse("phone_assembly:session", args=[found.pk]))


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def topic_step(request, pk, name):
    """One transition of a topic; leads back to its place on the agenda."""
    topic = _found(AgendaItem.objects.visible_to(request.user).select_related(*AgendaItem.LOCK_WITH), int(pk))
    back = reverse("phone:today")
    if topic.session_id:
        back = f"{reverse('phone_assembly:session', args=[topic.session_id])}#topic-{topic.pk}"
    return step_page(request, topic, name, back)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_step(request, pk, name):
    """One transition of an invitation; leads back to the person's line."""
    row = _found(Invitation.objects.visible_to(request.user).with_rows(), int(pk))
    back = f"{reverse('phone_assembly:session', args=[row.session_id])}#seat-{row.pk}"
    return step_page(request, row, name, back)


def _item_of(request, pk: int) -> FollowUpItem:
    return _found(FollowUpItem.objects.visible_to(request.user).with_rows().select_related("submitted_by"), pk)


@phone_page
@require_safe
def item(request, pk):
    """A follow-up item with what may be done about it."""
    found = _item_of(request, pk)
    context = {
        "item": found,
        "tone": "red" if found.overdue else FOLLOW_UP_TONES[found.state],
        "steps": available(found, request.user),
        "texts": phone_texts(),
    }
    return render(request, "property/assembly/phone/item.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def item_step(request, pk, name):
    """One transition of a follow-up item."""
    found = _item_of(request, int(pk))
    return step_page(request, found, name, reverse("phone_assembly:item", args=[found.pk]))
