"""``/r/gatherings/``: neighbours' events for residents: what there is, signing up, helping, photos, how it was."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from governance.attachments import served
from governance.errors import Refused
from property.gatherings.attendance import event_check_in
from property.gatherings.feedback import feedback_give
from property.gatherings.looks import EVENT_TONES, SIGN_UP_TONES
from property.gatherings.offered import offered
from property.gatherings.pages.carrying import carried_out, done_or_refused, filled_in, status_of
from property.gatherings.photos import file_of, photo_for
from property.gatherings.public import event_line, event_told
from property.gatherings.resident_forms import FeedbackForm, SignUpForm
from property.gatherings.signing import MOST_CHILDREN, sign_up
from property.gatherings.volunteers import volunteer
from property.models import NeighbourEvent, PhotoConsent, SignUp, Volunteering, VolunteerTask
from property.residents import estates_of

SHOWN = 30
STARS = (5, 4, 3, 2, 1)
CONSENT_STEPS = ("agree", "refuse")
SIGN_UP_STEPS = ("take", "change", "cancel")


@resident_links
def gatherings_link(user) -> list[ResidentLink]:
    """The way to neighbours' events and skill exchange, for people with a confirmed home."""
    if not estates_of(user).exists():
        return []
    return [
        ResidentLink(gettext("Neighbours' events"), reverse("residents_gatherings:home")),
        ResidentLink(gettext("Skill exchange"), reverse("residents_gatherings:skills")),
    ]


def _events(user):
    return NeighbourEvent.objects.of_residents(user).with_rows()


def paged(request, rows) -> tuple[list, int | None]:
    """Return a page of ``rows``, newest first, behind the one that ``before`` names; and what the next is asked by."""
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    return found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None


@of_residents
@require_safe
def home(request):
    """What is to come, the own sign-ups, what is over."""
    user, now = request.user, timezone.now()
    coming = list(_events(user).filter(ends_at__gte=now).exclude(state="cancelled").order_by("starts_at")[:SHOWN])
    mine = SignUp.objects.filter(person=user).exclude(state__in=["cancelled", "lapsed"]).with_rows()
    mine = mine.filter(event__ends_at__gte=now).order_by("event__starts_at")
    past, older = paged(request, _events(user).filter(ends_at__lt=now).order_by("-id"))
    context = {
        "coming": [event_line(row) | {"tone": EVENT_TONES[row.state]} for row in coming],
        "mine": [(row, SIGN_UP_TONES[row.state]) for row in mine[:SHOWN]],
        "past": [event_line(row) for row in past],
        "older": older,
        "asked": PhotoConsent.objects.of_person(user).filter(state="asked").count(),
    }
    return render(request, "property/gatherings/residents/home.html", context)


def _event_of(request, pk: int) -> NeighbourEvent:
    found = _events(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def event(request, pk):
    """One event with everything a resident does about it."""
    return event_page(request, _event_of(request, pk))


def event_page(request, found: NeighbourEvent, *, refusal: tuple[str, int] | None = None):
    """Answer with the page of an event; ``refusal`` says why what was asked was not done."""
    mine = SignUp.objects.filter(event=found, person=request.user).select_related("event", "area", "person").first()
    context = {
        "event": found,
        "told": event_told(found, request.user),
        "tone": EVENT_TONES[found.state],
        "mine": mine,
        "steps": {step.name: step for step in offered(mine, request.user)} if mine else {},
        "stars": STARS,
        "most_children": MOST_CHILDREN,
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "property/gatherings/residents/event.html", context, status=status)


def _answer(request, found: NeighbourEvent, refusal):
    if refusal is None:
        return redirect("residents_gatherings:event", found.pk)
    return event_page(request, _event_of(request, found.pk), refusal=refusal)


@of_residents
@require_POST
def join(request, pk):
    """Sign up, with who comes along."""
    found = _event_of(request, pk)
    done = filled_in(SignUpForm(request.POST), lambda **given: sign_up(found, actor=request.user, **given))
    return _answer(request, found, done)


@of_residents
@require_POST
def sign_up_step(request, pk, name):
    """Take an offered place, change who comes along, cancel."""
    mine = SignUp.objects.visible_to(request.user).filter(person=request.user, pk=pk).first()
    if mine is None or name not in SIGN_UP_STEPS:
        raise Http404
    return _answer(request, mine.event, carried_out(request, mine, name))


@of_residents
@require_POST
def help_with(request, pk):
    """Sign up to a task for volunteers."""
    task = VolunteerTask.objects.filter(pk=pk, event__in=NeighbourEvent.objects.of_residents(request.user)).first()
    if task is None:
        raise Http404
    return _answer(request, task.event, done_or_refused(lambda: volunteer(task, actor=request.user)))


@of_residents
@require_POST
def helping_step(request, pk, name):
    """Take the offer of help back."""
    mine = Volunteering.objects.visible_to(request.user).filter(person=request.user, pk=pk).first()
    if mine is None or name != "cancel":
        raise Http404
    return _answer(request, mine.event, carried_out(request, mine, name))


@of_residents
@require_POST
def feedback(request, pk):
    """Say how it was."""
    found = _event_of(request, pk)
    done = filled_in(FeedbackForm(request.POST), lambda **given: feedback_give(found, actor=request.user, **given))
    return _answer(request, found, done)


@of_residents
@require_safe
def consents(request):
    """The photos somebody is asked about."""
    return consents_page(request)


def consents_page(request, *, refusal: tuple[str, int] | None = None):
    """Answer with the photos and what was said to them."""
    found, older = paged(request, PhotoConsent.objects.of_person(request.user).with_rows().order_by("-id"))
    context = {
        "rows": [(row, offered(row, request.user)) for row in found], "older": older,
        "refusal": refusal[0] if refusal else "",
    }  # fmt: skip
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "property/gatherings/residents/consents.html", context, status=status)


@of_residents
@require_POST
def consent_step(request, pk, name):
    """Agree to a photo, or not; either may be said again at any time."""
    row = PhotoConsent.objects.of_person(request.user).with_rows().filter(pk=pk).first()
    if row is None or name not in CONSENT_STEPS:
        raise Http404
    refusal = carried_out(request, row, name)
    if refusal is None:
        return redirect("residents_gatherings:consents")
    return consents_page(request, refusal=refusal)


@of_residents
@require_safe
def photo(request, pk):
    """The file of a photo that may be looked at now. Never kept by the browser: a refusal hides it at once."""
    found = photo_for(request.user, pk)
    file = file_of(found) if found is not None else None
    if file is None:
        raise Http404
    response = served(file)
    response["Cache-Control"] = "private, no-store"
    return response


@residents_page
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request, code):
    """Check in by the code shown there: one press, after having signed in to the product."""
    context = {"code": code}
    status = HTTPStatus.OK
    if not request.user.is_authenticated:
        request.session["after_sign_in"] = request.path
    elif request.method == "POST":
        try:
            context["done"] = event_check_in(actor=request.user, code=code)
        except Refused as error:
            context["refusal"], status = error.detail, status_of(error)
    return render(request, "property/gatherings/residents/check_in.html", context, status=status)
