"""``/r/assembly/``: what residents see of their assembly, their topics, answers to invitations, and signing in."""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page, seconds_to_wait, wait_text
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from governance.forms import PhotosField, form_for
from governance.models import Attachment
from governance.workflow import act, available, steps_of
from property.assembly.attendance import session_sign_in
from property.assembly.minutes import answers_of
from property.assembly.public import session_told, topic_told, topics_told
from property.assembly.topics import topic_propose, topic_second
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem, Invitation, Minutes

SHOWN = 30
SESSION_STEPS, INVITATION_STEPS, ITEM_STEPS = ("approve", "object"), ("come", "decline"), ("accept", "start", "submit")


@resident_links
def assembly_link(user) -> list[ResidentLink]:
    """The way to the assembly, for people whose home lies in one's reach, and those who are asked to one."""
    near = Assembly.objects.of_residents(user).exists() or Invitation.objects.filter(person=user).exists()
    return [ResidentLink(gettext("Red assembly"), reverse("residents_assembly:home"))] if near else []


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)


class TopicForm(forms.Form):
    """What somebody wants to be talked about."""

    title = forms.CharField(label=_("What is it about?"), max_length=120)
    body = forms.CharField(
        label=_("More about it (optional)"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    photos = PhotosField(label=_("Photos (optional)"))


@of_residents
@require_safe
def home(request):
    """The sessions of the own place, its topics, and what waits for the person's answer."""
    return home_page(request)


def home_page(request, *, refusal: str = "", status: int = HTTPStatus.OK):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    user = request.user
    assemblies = Assembly.objects.of_residents(user).order_by("code")
    sessions = AssemblySession.objects.of_residents(user) | AssemblySession.objects.filter(
        pk__in=Invitation.objects.filter(person=user).values("session_id")
    )
    rows = AgendaItem.objects.of_residents(user).with_rows().order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    topics = list(rows[: SHOWN + 1])
    asked = Invitation.objects.visible_to(user).filter(person=user, state__in=["invited", "coming", "declined"])
    context = {
        "assemblies": assemblies,
        "sessions": sessions.distinct().select_related("assembly", "venue").order_by("-starts_at")[:12],
        "topics": topics_told(topics[:SHOWN], user),
        "older": topics[SHOWN - 1].pk if len(topics) > SHOWN else None,
        "asked": asked.filter(session__state="noticed").select_related("session__assembly", "session__venue"),
        "items": FollowUpItem.objects.visible_to(user).filter(owner=user).exclude(state="closed").with_rows(),
        "refusal": refusal,
    }
    return render(request, "property/assembly/residents/home.html", context, status=status)


def _session_of(request, pk: int) -> AssemblySession:
    own = Invitation.objects.filter(person=request.user).values("session_id")
    rows = AssemblySession.objects.of_residents(request.user) | AssemblySession.objects.filter(pk__in=own)
    found = rows.distinct().select_related("assembly__chair", "assembly__estate", "area", "venue").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def session(request, pk):
    """One session: its agenda, the own invitation, and once they are published its minutes."""
    return session_page(request, _session_of(request, pk))


def session_page(request, found: AssemblySession, *, refusal: str = "", status: int = HTTPStatus.OK):
    """Answer with the page of a session."""
    mine = found.invitations.filter(person=request.user).first()
    steps = {step.name: step for step in available(found, request.user) if step.name in SESSION_STEPS}
    may_answer = [step for step in available(mine, request.user) if step.name in INVITATION_STEPS] if mine else []
    context = {
        "session": found,
        "told": session_told(found),
        "mine": mine,
        "answers": [step for step in may_answer if found.state == "noticed"],
        "steps": steps,
        "draft": Minutes.objects.filter(session=found).first() if steps else None,
        "parties": answers_of(found) if steps else [],
        "refusal": refusal,
    }
    return render(request, "property/assembly/residents/session.html", context, status=status)


@of_residents
@require_POST
def session_step(request, pk, name):
    """Confirm the minutes, or object to them."""
    found = _session_of(request, pk)
    if name not in SESSION_STEPS:
        raise Http404
    refusal = _carried_out(request, found, name)
    if refusal is None:
        return redirect("residents_assembly:session", pk)
    return session_page(request, found, refusal=refusal[0], status=refusal[1])


@of_residents
@require_POST
def invitation_step(request, pk, name):
    """Say whether one comes."""
    mine = Invitation.objects.visible_to(request.user).filter(person=request.user, pk=pk).first()
    if mine is None or name not in INVITATION_STEPS:
        raise Http404
    refusal = _carried_out(request, mine, name)
    if refusal is None:
        return redirect("residents_assembly:session", mine.session_id)
    return session_page(request, _session_of(request, mine.session_id), refusal=refusal[0], status=refusal[1])


@of_residents
@require_POST
def item_step(request, pk, name):
    """Work on an item that is the person's own."""
    item = FollowUpItem.objects.visible_to(request.user).filter(owner=request.user, pk=pk).first()
    if item is None or name not in ITEM_STEPS:
        raise Http404
    refusal = _carried_out(request, item, name)
    if refusal is None:
        return redirect("residents_assembly:home")
    return home_page(request, refusal=refusal[0], status=refusal[1])


def _carried_out(request, obj, name: str) -> tuple[str, int] | None:
    """Carry a transition out with the posted form; return why not and the status, or None when it is done."""
    step = steps_of(type(obj))[name]
    form = form_for(obj._meta.label_lower, step)(request.POST, request.FILES, obj=obj, step=step, user=request.user)
    if not form.is_valid():
        return " ".join(text for texts in form.errors.values() for text in texts), HTTPStatus.BAD_REQUEST
    try:
        act(obj, name, actor=request.user, **form.arguments())
    except Refused as error:
        return str(error.detail), status_of(error)
    return None


def _topic_of(request, pk: int) -> AgendaItem:
    topic = AgendaItem.objects.of_residents(request.user).with_rows().filter(pk=pk).first()
    if topic is None:
        raise Http404
    return topic


@of_residents
@require_safe
def topic(request, pk):
    """One topic and what came of it."""
    return topic_page(request, _topic_of(request, pk))


def topic_page(request, found: AgendaItem, *, refusal: str = "", status: int = HTTPStatus.OK):
    """Answer with the page of a topic; photos are shown to whoever put it forward."""
    photos = Attachment.objects.filter(subject_type="property.agendaitem", subject_id=found.pk)
    context = {
        "topic": topic_told(found, request.user),
        "photos": photos if found.proposer_id == request.user.pk else [],
        "refusal": refusal,
    }
    return render(request, "property/assembly/residents/topic.html", context, status=status)


@of_residents
@require_POST
def second(request, pk):
    """Second a neighbour's topic."""
    found = _topic_of(request, pk)
    try:
        topic_second(found, actor=request.user)
    except Refused as error:
        return topic_page(request, found, refusal=error.detail, status=status_of(error))
    return redirect("residents_assembly:topic", pk)


@of_residents
@require_POST
def withdraw(request, pk):
    """Take an own topic back."""
    found = _topic_of(request, pk)
    try:
        act(found, "withdraw", actor=request.user)
    except Refused as error:
        return topic_page(request, found, refusal=error.detail, status=status_of(error))
    return redirect("residents_assembly:home")


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request, code):
    """Put a topic forward."""
    assembly = Assembly.objects.of_residents(request.user).filter(code=code).first()
    if assembly is None:
        raise Http404
    if request.method != "POST":
        return _propose_page(request, assembly, TopicForm())
    form = TopicForm(request.POST, request.FILES)
    if seconds := seconds_to_wait(request, "public-report"):
        form.add_error(None, wait_text(seconds))
        return _propose_page(request, assembly, form, HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _propose_page(request, assembly, form, HTTPStatus.BAD_REQUEST)
    try:
        made = topic_propose(actor=request.user, assembly=assembly, **form.cleaned_data)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return _propose_page(request, assembly, form, status_of(error))
    return redirect("residents_assembly:topic", made.pk)


def _propose_page(request, assembly: Assembly, form: TopicForm, status: int = HTTPStatus.OK):
    context = {"assembly": assembly, "form": form}
    return render(request, "property/assembly/residents/propose.html", context, status=status)


@residents_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request, code):
    """Sign in to a session by the code shown in the room: one press, after having signed in to the product."""
    context = {"code": code}
    if not request.user.is_authenticated:
        request.session["after_sign_in"] = request.path
        context["staff"] = f"{reverse('admin:login')}?next={request.path}"
    elif request.method == "POST":
        try:
            context["done"] = session_sign_in(actor=request.user, code=code)
        except Refused as error:
            context["refusal"] = error.detail
            return render(request, "property/assembly/residents/sign_in.html", context, status=status_of(error))
    return render(request, "property/assembly/residents/sign_in.html", context)
