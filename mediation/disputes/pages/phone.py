"""``/m/disputes/``: mediating on site from a phone: the own disputes, answers of the parties, the next step."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import F, Q, prefetch_related_objects
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import blame, notice, phone_page, status_of
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.admin.returning import returning, stored
from governance.errors import Refused
from governance.models import Role
from governance.scoping import grant_for, roles_of
from governance.workflow import available
from mediation.access import access_record
from mediation.agreements.authorising import strikable_of
from mediation.disputes.consents import answers_of, asked_about, consents_record
from mediation.disputes.looks import ANSWER_TONES, TIER_TONES, dispute_tone
from mediation.disputes.pages.begun import begun_of
from mediation.disputes.parties import (
    PartyDraft,
    party_add,
    party_amend,
    party_amendable,
    party_strike,
    party_unmask,
    strikable,
)
from mediation.disputes.querysets import HANDLES, REGISTERS
from mediation.disputes.reading import between
from mediation.disputes.states import OPEN, ConsentTo
from mediation.disputes.work_forms import (
    STRIKE_LEAD,
    ConsentForm,
    CorrectPartyForm,
    PartyForm,
    RegisterForm,
    StrikeForm,
    UnmaskForm,
)
from mediation.files.keeping import may_add
from mediation.files.reading import files_of
from mediation.followup.offer_forms import offerable
from mediation.joint.notes import WRITES_IN
from mediation.joint.suggestions import suggestions_for
from mediation.models import Dispute, DisputeState, Party

MOST_LISTED = 100
# Steps that need more room than a phone has, or are the unit's to decide; they are done on the desktop pages.
AT_THE_DESK = ("amend", "assign", "close", "archive", "refer", "decline", "reopen")
# What is done beside the steps by forms of the phone.
ON_THE_PHONE = ("consent", "party", "counselling")


# Ended ones that somebody still looks after: agreements are followed up, files completed; others for a while [J].
LOOKED_AFTER = (DisputeState.AGREED, DisputeState.TERMINATED, DisputeState.CLOSED)
TURNED_AWAY = (DisputeState.DECLINED, DisputeState.REFERRED)
TURNED_AWAY_FOR = timedelta(days=30)


def registers(user) -> bool:
    """Whether somebody registers disputes anywhere."""
    return bool(roles_of(user) & (set(REGISTERS) - {Role.SYSTEM}))


def _mine(user):
    rows = Dispute.objects.visible_to(user).handled_by(user).open().with_parties()
    return rows.order_by(F("term_until").asc(nulls_last=True), "pk")


def _ended(user):
    """Return the ended disputes that the person still looks after, the newest end first."""
    lately = Q(state__in=TURNED_AWAY, ended_at__gte=timezone.now() - TURNED_AWAY_FOR)
    rows = Dispute.objects.visible_to(user).handled_by(user).with_parties()
    return rows.filter(Q(state__in=LOOKED_AFTER) | lately).order_by(F("ended_at").desc(nulls_first=True), "-pk")


@phone_tasks
def disputes_to_mediate(user) -> list[TaskCard]:
    """Open disputes that the person carries on, the earliest end of a term first; no names, no words."""
    if not roles_of(user) & set(HANDLES):
        return []
    return [
        TaskCard(
            group=_("Disputes"), title=f"{row.number} {row.type}", url=reverse("phone_disputes:dispute", args=[row.pk]),
            text=between(row), place=str(row.area), badge=row.get_state_display(), tone=dispute_tone(row), order=12,
        )
        for row in _mine(user)[:ASKED]
    ]  # fmt: skip


@phone_buttons
def disputes_button(user) -> list[PhoneButton]:
    """The list of disputes, for who carries them on."""
    if not roles_of(user) & set(HANDLES):
        return []
    return [PhoneButton(_("Disputes"), reverse("phone_disputes:disputes"), order=63)]


@phone_page
@require_safe
def disputes(request):
    """The open disputes that the person carries on, and those that ended and are still looked after."""
    user = request.user
    handles = bool(roles_of(user) & set(HANDLES))
    context = {
        "rows": _listed(_mine(user)) if handles else [], "ended": _listed(_ended(user)) if handles else [],
        "registers": registers(user), "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "mediation/disputes/phone/disputes.html", context)


def _listed(rows) -> list[tuple]:
    return [(row, between(row), dispute_tone(row)) for row in rows[:MOST_LISTED]]


def dispute_of(request, pk: int) -> Dispute:
    """Return a dispute that the person carries on. Raises Http404."""
    found = Dispute.objects.visible_to(request.user).with_parties().filter(pk=pk).first()
    if found is None or grant_for(HANDLES, found, request.user) is None:
        raise Http404
    return found


@phone_page
@require_safe
def dispute(request, pk):
    """One dispute, masked; that it was read is written down."""
    return _page(request, dispute_of(request, pk))


def _page(request, found: Dispute, **more):
    access_record(found, actor=request.user)
    answers = answers_of(found, ConsentTo.MEDIATION)
    prefetch_related_objects(found.parties.all(), "authorisations")
    parties = [(party, answers.get(party.pk)) for party in found.parties.all()]
    steps = [step for step in available(found, request.user) if step.name not in AT_THE_DESK]
    context = {
        "dispute": found, "tone": dispute_tone(found), "tier_tone": TIER_TONES[found.tier],
        "parties": [(party, row, ANSWER_TONES[row.answer] if row else "") for party, row in parties],
        "desk": _at_the_desk(request, found), "here": reverse("phone_disputes:dispute", args=[found.pk]),
        "steps": [(step, _tone_of(step)) for step in steps], "leads_on": any(not _tone_of(step) for step in steps),
        "suggestions": suggestions_for(found), "begun": begun_of(request.user, found),
        "files": files_of(request.user, dispute=found), "may_add_file": may_add(found, request.user),
        "offers": offerable(found).exists(), "questions": _questions(found),
        "open": found.state in OPEN, "amendable": party_amendable(found), "strikable": strikable(found),
        "strikable_papers": strikable_of(found) if admin.site.has_permission(request) else (),
        "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "mediation/disputes/phone/dispute.html", context | more)


def _at_the_desk(request, found: Dispute) -> list[tuple[str, str]]:
    """Return title and address of what this person may do on the dispute and has no page of its own here: the forms of
    the administration."""
    if not admin.site.has_permission(request):
        return []
    steps = [
        (str(step.label), reverse("admin:mediation_dispute_transition", args=[found.pk, step.name]))
        for step in available(found, request.user) if step.name in AT_THE_DESK
    ]  # fmt: skip
    here = {reverse("admin:mediation_dispute_do", args=[found.pk, name]) for name in ON_THE_PHONE}
    others = admin.site.get_model_admin(Dispute).links_for(request, found)
    back = reverse("phone_disputes:dispute", args=[found.pk])
    links = [(title, returning(url, back)) for title, url in steps + list(others) if url not in here]
    if found.state in WRITES_IN:  # where a record is made a caucus note; a list takes no address to go back to
        notes = f"{reverse('admin:mediation_mediationnote_changelist')}?dispute={found.number}"
        links.append((_("Notes of this dispute"), notes))
    return links


def _tone_of(step) -> str:
    """Return how the button of a step looks: what ends the mediation or leads back is never the main one, nor is what
    changes no state."""
    if step.backward or step.name == "terminate":
        return "turn"
    return "quiet" if step.target is None else ""


def _questions(found: Dispute) -> list[tuple[str, str]]:
    """Return person and address of what the parties are asked about somebody: who would take over, a helper."""
    if found.state not in OPEN:
        return []
    page = reverse("phone_disputes:consent", args=[found.pk])
    return [
        (str(person), f"{page}?{urlencode({'what': what, 'about': person.username})}")
        for what, people in asked_about(found).items() for person in people
    ]  # fmt: skip


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk, name):
    """One transition of a dispute; those of the desk show its words, which the phone does not."""
    found = dispute_of(request, int(pk))
    if name in AT_THE_DESK:
        raise Http404
    return step_page(request, found, name, reverse("phone_disputes:dispute", args=[found.pk]))


def _form_page(request, form, *, title: str, back: str, carry_out, lead: str = ""):
    """GET shows a form, a valid POST calls ``carry_out`` and answers with what it gives."""
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                return stored(request, carry_out())
            except Refused as error:
                blame(form, error)
                status = status_of(error)
    context = {"form": form, "title": title, "lead": lead, "back": back, "texts": phone_texts()}
    return render(request, "mediation/disputes/phone/form.html", context, status=status)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request, pk):
    """What one or several parties answered."""
    found = dispute_of(request, pk)
    form = ConsentForm(request.POST if request.method == "POST" else None, dispute=found)
    form.prefill(request.GET)
    back = reverse("phone_disputes:dispute", args=[found.pk])

    def carry_out():
        consents_record(actor=request.user, **form.cleaned_data)
        return redirect(back)

    return _form_page(request, form, title=_("Record what parties answered"), back=back, carry_out=carry_out,
                      lead=found.number)  # fmt: skip


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def party(request, pk):
    """Add a party who came on the spot."""
    found = dispute_of(request, pk)
    form = PartyForm(request.POST if request.method == "POST" else None)
    back = reverse("phone_disputes:dispute", args=[found.pk])

    def carry_out():
        party_add(found, PartyDraft(**form.cleaned_data), actor=request.user)
        return redirect(back)

    return _form_page(request, form, title=_("Add a party"), back=back, carry_out=carry_out,
                      lead=_("Phone and identity are stored sealed and shown masked."))  # fmt: skip


def _party_of(request, pk: int, party_id: int) -> tuple[Dispute, Party]:
    found = dispute_of(request, pk)
    party = found.parties.filter(pk=party_id).first()
    if party is None:
        raise Http404
    return found, party


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, pk, party_id):
    """A new phone or address, told on the spot; also years after the agreement, at a visit."""
    found, party = _party_of(request, pk, party_id)
    form = CorrectPartyForm(request.POST if request.method == "POST" else None, party=party)
    back = reverse("phone_disputes:dispute", args=[found.pk])

    def carry_out():
        party_amend(party, actor=request.user, **form.changes())
        return redirect(back)

    title = _("Correct %(name)s") % {"name": party.masked}
    lead = _("Only what you fill in is changed; to see what stands there, unmask it with a reason.")
    return _form_page(request, form, title=title, back=back, carry_out=carry_out, lead=lead)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def unmask(request, pk, party_id):
    """One party in the clear, to call or to find them; why is written down."""
    found, party = _party_of(request, pk, party_id)
    form = UnmaskForm(request.POST if request.method == "POST" else None)

    def carry_out():
        shown = party_unmask(party, actor=request.user, reason=form.cleaned_data["reason"])
        return _page(request, found, unmasked=shown)

    title = _("Show %(name)s in the clear") % {"name": party.masked}
    back = reverse("phone_disputes:dispute", args=[found.pk])
    return _form_page(request, form, title=title, back=back, carry_out=carry_out,
                      lead=_("It is written down that you looked, and why."))  # fmt: skip


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def strike(request, pk, party_id):
    """Strike who was entered by mistake, or came later and does not take part; a reason is needed."""
    found, party = _party_of(request, pk, party_id)
    form = StrikeForm(request.POST if request.method == "POST" else None)
    back = reverse("phone_disputes:dispute", args=[found.pk])

    def carry_out():
        party_strike(party, actor=request.user, **form.cleaned_data)
        return redirect(back)

    title = _("Strike %(name)s") % {"name": party.masked}
    return _form_page(request, form, title=title, back=back, carry_out=carry_out, lead=STRIKE_LEAD)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def register(request):
    """Register a dispute on the spot."""
    if not registers(request.user):
        return notice(request, _("This was not done"), _("You may not register disputes here."), HTTPStatus.FORBIDDEN)
    form = RegisterForm(request.POST if request.method == "POST" else None, user=request.user)

    def carry_out():
        made = form.register(request.user)
        seen = Dispute.objects.visible_to(request.user).handled_by(request.user).filter(pk=made.pk).exists()
        return redirect(reverse("phone_disputes:dispute", args=[made.pk]) if seen else "phone_disputes:disputes")

    return _form_page(request, form, title=_("Register a dispute"), back=reverse("phone_disputes:disputes"),
                      carry_out=carry_out)  # fmt: skip
