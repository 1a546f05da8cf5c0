"""``/m/gatherings/``: today's events from a phone: check-in by code and by name, volunteers, photos."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import phone_page
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.room_codes import MINUTE, qr_svg
from governance.scoping import grant_for, roles_of, visible_q
from property.gatherings.attendance import check_in_open
from property.gatherings.check_in import code_of
from property.gatherings.looks import EVENT_TONES, HAND_TONES, SIGN_UP_TONES
from property.gatherings.offered import offered
from property.gatherings.querysets import RUN_BY, RUNS
from property.gatherings.sign_up_workflow import GONE, HOLDING
from property.models import EventPhoto, NeighbourEvent, SignUp, Volunteering

MOST_LISTED = 100
# Events of so many days to come stand on the list [J].
DAYS_AHEAD = 7
ON_THE_FIRST_PAGE = timedelta(days=1)
LIVING = ("published", "closed", "under_way")
# Steps that need more room than a phone has; they are done on the desktop pages.
AT_THE_DESK = ("plan", "publish", "reschedule", "settle", "correct_cost", "drop_item", "resize", "reopen")


def _to_run(user, within: timedelta):
    rows = NeighbourEvent.objects.filter(visible_q(RUNS, user), state__in=LIVING)
    return rows.filter(starts_at__lte=timezone.now() + within).with_rows().order_by("starts_at", "pk")


@phone_tasks
def events_to_run(user) -> list[TaskCard]:
    """Events of today and tomorrow that the person runs."""
    if not roles_of(user) & set(RUN_BY):
        return []
    return [
        TaskCard(
            group=_("Neighbours' events"),
            title=event.title,
            url=reverse("phone_gatherings:event", args=[event.pk]),
            text=event.time_text,
            place=event.place_text,
            badge=event.get_state_display(),
            tone=EVENT_TONES[event.state],
            order=9,
        )
        for event in _to_run(user, ON_THE_FIRST_PAGE)[:ASKED]
    ]


@phone_buttons
def events_button(user) -> list[PhoneButton]:
    """The list of events, for who runs them."""
    if not roles_of(user) & set(RUN_BY):
        return []
    return [PhoneButton(_("Neighbours' events"), reverse("phone_gatherings:events"), order=64)]


@phone_page
@require_safe
def events(request):
    """Events of the next days, and those under way."""
    user = request.user
    mine = visible_q(RUNS, user)
    rows = _to_run(user, timedelta(days=DAYS_AHEAD))[:MOST_LISTED] if mine is not None else []
    context = {"events": [(row, EVENT_TONES[row.state]) for row in rows], "texts": phone_texts()}
    return render(request, "property/gatherings/phone/events.html", context)


def _event_of(request, pk: int) -> NeighbourEvent:
    found = NeighbourEvent.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if found is None or grant_for(RUNS, found, request.user) is None:
        raise Http404
    return found


@phone_page
@require_safe
def event(request, pk):
    """One event: who is there and who is not, helpers, the next step; ``q`` looks for a name."""
    found = _event_of(request, pk)
    user, asked = request.user, request.GET.get("q", "").strip()[:30]
    rows = SignUp.objects.filter(event=found).exclude(state__in=GONE).with_rows().order_by("turn")
    people = [row for row in rows if asked.casefold() in row.who.casefold()]
    hands = Volunteering.objects.filter(event=found).exclude(state="cancelled").with_rows().order_by("task", "id")
    context = {
        "event": found,
        "tone": EVENT_TONES[found.state],
        "asked": asked,
        "there": sum(row.heads for row in rows if row.state == "checked_in"),
        "expected": sum(row.heads for row in rows if row.state in HOLDING),
        "people": [(row, SIGN_UP_TONES[row.state], offered(row, user)) for row in people],
        "hands": [(row, HAND_TONES[row.state], offered(row, user)) for row in hands],
        "photos": EventPhoto.objects.visible_to(user).filter(event=found, state="kept").count(),
        "steps": [step for step in offered(found, user) if step.name not in AT_THE_DESK],
        "check_in": check_in_open(found, timezone.now()),
        "texts": phone_texts(),
    }
    return render(request, "property/gatherings/phone/event.html", context)


@phone_page
@require_safe
def code(request, pk):
    """The code to check in by, to be held up; a new one every minute."""
    found = _event_of(request, pk)
    now = timezone.now()
    address = reverse("residents_gatherings:check-in", args=[code_of(found, now)])
    context = {
        "event": found,
        "open": check_in_open(found, now),
        "code": qr_svg(request.build_absolute_uri(address)),
        "there": SignUp.objects.filter(event=found, state="checked_in").count(),
        "seconds": MINUTE,
        "texts": phone_texts(),
    }
    return render(request, "property/gatherings/phone/code.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def event_step(request, pk, name):
    """One transition of an event."""
    found = _event_of(request, int(pk))
    return step_page(request, found, name, reverse("phone_gatherings:event", args=[found.pk]))


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_step(request, pk, name):
    """One transition of a sign-up; leads back to the person's line."""
    return _part_step(request, SignUp, int(pk), name, "person")


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def helping_step(request, pk, name):
    """One transition of a volunteer's work."""
    return _part_step(request, Volunteering, int(pk), name, "hand")


def _part_step(request, model, pk: int, name: str, anchor: str):
    row = model.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if row is None:
        raise Http404
    back = f"{reverse('phone_gatherings:event', args=[row.event_id])}#{anchor}-{row.pk}"
    return step_page(request, row, name, back)
