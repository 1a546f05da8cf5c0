"""``/m/hazards/``: report a hazard within half a minute, follow the own reports, assess and decide on the spot."""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Patrol
from cases.pages.mobile.access import blame, notice, phone_page, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.once import opened_once
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.texts import phone_texts
from cases.patrol_querysets import WALKERS
from governance.attachments import attachments_of
from governance.errors import Refused
from governance.repeats import made_once
from governance.scoping import grant_for
from governance.workflow import available
from mediation.models import Dispute, Hazard, HazardState
from mediation.prevention.looks import hazard_tone
from mediation.prevention.pages.cards import may_report
from mediation.prevention.querysets import READS
from mediation.prevention.reading import hazard_read, photos_elsewhere
from mediation.prevention.report_forms import HazardPhoneForm
from mediation.prevention.reporting import hazard_report
from mediation.prevention.trail import trail_of

MOST = 30


def speech_texts() -> dict[str, str]:
    """Return the sentences of the page's script."""
    return phone_texts() | {
        "listening": _("Listening… tap to end"),
        "nothingHeard": _("Nothing was heard. Tap and speak again."),
        "noSpeech": _("This browser does not write down what is spoken: use the microphone of the keyboard."),
    }


@phone_page
@require_safe
def hazards(request):
    """The own reports, newest first, each with its outcome; the open ones the person keeps."""
    user = request.user
    kept = Hazard.objects.kept_by(user).open().with_rows().order_by("-id")[:MOST]
    context = {
        "kept": [(row, hazard_tone(row)) for row in kept],
        "mine": Hazard.objects.reported_by(user).with_rows().order_by("-id")[:MOST],
        "may_report": may_report(user),
        "texts": phone_texts(),
    }
    return render(request, "mediation/prevention/phone/hazards.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def hazard_new(request, patrol_id=None):
    """The form; what is sent well leads on to the own reports, or back to the round."""
    patrol = None if patrol_id is None else _round(request, patrol_id)
    if patrol is None and not may_report(request.user):
        return notice(request, _("This was not done"), _("You do not report hazards here."), HTTPStatus.FORBIDDEN)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = HazardPhoneForm(*sent, user=request.user, patrol=patrol), HTTPStatus.OK
    if sent:
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                opened_once(request, form, lambda: _reported(request.user, form))
            except Refused as error:
                blame(form, error)
                status = status_of(error)
            else:
                back = reverse("phone:patrol", args=[patrol.pk]) if patrol else reverse("phone_hazards:hazards")
                return redirect(f"{back}#stored")  # the page's script forgets its draft
    context = {
        "form": form, "patrol": patrol, "photos_lost": bool(request.FILES), "max_photos": most_photos(),
        "tiles": settings.MAP_TILES, "texts": speech_texts(),
    }  # fmt: skip
    return render(request, "mediation/prevention/phone/new.html", context, status=status)


def _reported(user, form: HazardPhoneForm) -> Hazard:
    """Report what the form says; who said the same a moment ago is asked first."""
    given = form.values()
    said = [given["words"], given["place"], given["area"], given.get("point")]
    return made_once(form, user=user, what="hazard", said=said, number=lambda made: made.number,
                     make=lambda: hazard_report(actor=user, **given))  # fmt: skip


def _round(request, pk: int) -> Patrol:
    rows = Patrol.objects.visible_to(request.user).select_related("route", "area", "unit", "worker")
    found = rows.filter(pk=pk).first()
    if found is None or grant_for(WALKERS, found, request.user) is None:
        raise Http404
    return found


def _hazard_of(request, pk: int) -> Hazard:
    found = Hazard.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _dispute_of(found: Hazard, user) -> Dispute | None:
    """Return the dispute it became, for who carries that one on."""
    if found.dispute_id is None:
        return None
    return Dispute.objects.visible_to(user).handled_by(user).filter(pk=found.dispute_id).first()


# What most likely comes next, and is the main button of the page.
MAIN_STEP = {HazardState.REPORTED: "assess", HazardState.ASSESSED: "convert", HazardState.WATCHED: "look"}


@phone_page
@require_safe
def hazard(request, pk):
    """The hazard; who only reported it reads the own words and the outcome, and puts those right until somebody has
    assessed it."""
    found = _hazard_of(request, pk)
    keeps = grant_for(READS, found, request.user) is not None
    hazard_read(found, user=request.user)
    context = {
        "hazard": found,
        "tone": hazard_tone(found) if keeps else "grey",
        "keeps": keeps,
        "steps": available(found, request.user),
        "main": MAIN_STEP.get(found.state, ""),
        "trail": trail_of(found) if keeps else [],
        "photos": attachments_of(found) if keeps else [],
        "elsewhere": photos_elsewhere(found) if keeps else 0,
        "dispute": _dispute_of(found, request.user),
        "texts": phone_texts(),
    }
    return render(request, "mediation/prevention/phone/hazard.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def hazard_step(request, pk, name):
    """One transition of a hazard."""
    found = _hazard_of(request, pk)
    return step_page(request, found, name, reverse("phone_hazards:hazard", args=[found.pk]))
