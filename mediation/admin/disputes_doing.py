"""What is done on the page of a dispute beside its transitions, each by a form of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.admin.base import refusal_page
from governance.admin.bookings import FormPageMixin
from governance.errors import Refused
from mediation.admin.agreements import agreement_links
from mediation.agreements.authorising import STRIKE_LEAD as STRIKE_PAPER_LEAD
from mediation.agreements.authorising import authorisation_record, authorisation_strike
from mediation.agreements.work_forms import AuthorisationForm, StrikeAuthorisationForm, with_agents
from mediation.disputes.acting import grant_or_refuse
from mediation.disputes.consents import consents_record
from mediation.disputes.parties import PartyDraft, party_add, party_amend, party_strike, party_unmask
from mediation.disputes.police import police_report
from mediation.disputes.querysets import HANDLES
from mediation.disputes.recusals import nobody_decides, recusal_ask
from mediation.disputes.routes import GROUNDS, dispute_tell_routes
from mediation.disputes.slips import CORRECTS_SLIPS, LEAD, party_slip_correct
from mediation.disputes.states import OPEN, DisputeState
from mediation.disputes.work_forms import (
    STRIKE_LEAD,
    ConsentForm,
    CorrectPartyForm,
    PartyForm,
    PoliceForm,
    RecusalForm,
    RoutesForm,
    SetAsideForm,
    SlipForm,
    StrikeForm,
    UnmaskForm,
)
from mediation.followup.counselling import counselling_offer
from mediation.followup.offer_forms import OFFER_LEAD, OfferInDisputeForm, offerable
from mediation.joint.setting_aside import suggestions_set_aside
from mediation.joint.suggestions import suggestions_for
from mediation.models import Dispute


def _open(dispute: Dispute) -> bool:
    return dispute.state in OPEN


@dataclass(frozen=True)
class Doing:
    """A form on the page of a dispute: what it is called, what it asks, and the service that carries it out.
    ``warning``: what to say of what was made, beside that it is done."""

    name: str
    title: str
    form: type
    carry_out: Callable
    possible: Callable[[Dispute], bool]
    lead: str = ""
    warning: Callable[[object], str] = lambda made: ""


def _all(name: str, title, form, carry_out, possible, lead="", **more) -> Doing:
    return Doing(name, title, form, carry_out, possible, lead, **more)


DOINGS = {
    doing.name: doing
    for doing in (
        _all("consent", gettext_lazy("Record what parties answered"), ConsentForm,
             lambda dispute, actor, **given: consents_record(actor=actor, **given), _open,
             gettext_lazy("One row for each party; the latest answer counts. A withdrawn consent ends the mediation, "
                          "and so does the refusal of a party who had agreed to it.")),
        _all("party", gettext_lazy("Add a party"), PartyForm,
             lambda dispute, actor, **given: party_add(dispute, PartyDraft(**given), actor=actor), _open,
             gettext_lazy("Phone and identity are stored sealed and shown masked.")),
        _all("recusal", gettext_lazy("Ask for recusal"), RecusalForm,
             lambda dispute, actor, **given: recusal_ask(dispute, actor=actor, **given),
             lambda dispute: _open(dispute) and dispute.mediator_id is not None,
             gettext_lazy("Somebody else of the unit decides; nothing begins before. Recorded by mistake, it is taken "
                          "back the same day."), warning=nobody_decides),
        _all("police", gettext_lazy("Record a report to the police"), PoliceForm,
             lambda dispute, actor, **given: police_report(dispute, actor=actor, **given), lambda dispute: True,
             gettext_lazy("Nobody's consent is needed.")),
        _all("authorisation", gettext_lazy("Record an agent's authorisation"), AuthorisationForm,
             lambda dispute, actor, party, **given: authorisation_record(party, actor=actor, **given),
             lambda dispute: dispute.state != DisputeState.ARCHIVED and with_agents(dispute).exists(),
             gettext_lazy("Before the agent signs an agreement, or applies to the court, for a party.")),
        _all("routes", gettext_lazy("Record that other routes were told"), RoutesForm,
             lambda dispute, actor, **given: dispute_tell_routes(dispute, actor=actor, at=timezone.now(), **given),
             lambda dispute: dispute.ended_ground in GROUNDS,
             gettext_lazy("Arbitration, the administrative and the court route; for those not told yet.")),
        _all("set_aside", gettext_lazy("Do not take the suggestion of a higher tier"), SetAsideForm,
             lambda dispute, actor, **given: suggestions_set_aside(dispute, actor=actor, **given),
             lambda dispute: bool(suggestions_for(dispute)),
             gettext_lazy("It is not suggested any more for the reasons that stand there now; who works on the dispute "
                          "sees why.")),
        _all("counselling", gettext_lazy("Offer counselling"), OfferInDisputeForm,
             lambda dispute, actor, **given: counselling_offer(dispute, actor=actor, **given),
             lambda dispute: offerable(dispute).exists(), OFFER_LEAD),
    )
}  # fmt: skip


class DoingMixin(FormPageMixin):
    """Gives the admin of disputes ``<pk>/do/<name>/``, and the pages of one party."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/do/<str:name>/", wrap(self.doing_view), name="mediation_dispute_do"),
            path("<int:object_id>/party/<int:party_id>/", wrap(self.party_view), name="mediation_dispute_party"),
            path("<int:object_id>/party/<int:party_id>/unmask/", wrap(self.unmask_view),
                 name="mediation_dispute_unmask"),
            path("<int:object_id>/authorisation/<int:authorisation_id>/strike/", wrap(self.strike_authorisation_view),
                 name="mediation_dispute_strike_authorisation"),
            path("<int:object_id>/party/<int:party_id>/strike/", wrap(self.strike_view),
                 name="mediation_dispute_strike"),
            path("<int:object_id>/party/<int:party_id>/slip/", wrap(self.slip_view), name="mediation_dispute_slip"),
            *super().get_urls(),
        ]  # fmt: skip

    def doings(self, dispute: Dispute) -> list[tuple[str, str]]:
        """Return title and address of what may be done now by who works on the dispute."""
        return [
            (str(doing.title), reverse("admin:mediation_dispute_do", args=[dispute.pk, name]))
            for name, doing in DOINGS.items()
            if doing.possible(dispute)
        ] + agreement_links(dispute)

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def doing_view(self, request, object_id, name):
        """GET shows the form, POST carries it out."""
        dispute, doing = self.find(request, object_id), DOINGS.get(name)
        if doing is None:
            raise Http404
        given = {} if doing.form is PartyForm else {"dispute": dispute}
        form = doing.form(request.POST if request.method == "POST" else None, **given)
        if isinstance(form, (ConsentForm, OfferInDisputeForm)):
            form.prefill(request.GET)

        def carry_out():
            if warning := doing.warning(doing.carry_out(dispute, request.user, **form.cleaned_data)):
                messages.warning(request, warning)

        return self._done(request, dispute, form, doing.title, doing.lead, carry_out)

    def _done(self, request, dispute, form, title, lead, service, rule=HANDLES):
        try:
            grant_or_refuse(rule, dispute, request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(dispute))

        def carry_out(form):
            service()
            messages.success(request, _("%(object)s: “%(label)s” done.") % {"object": dispute, "label": title})
            readable = Dispute.objects.visible_to(request.user).filter(pk=dispute.pk).exists()
            return self.page_url(dispute) if readable else reverse("admin:mediation_dispute_changelist")

        return self.form_page(request, form, title=title, lead=lead, button=title, carry_out=carry_out,
                              subtitle=dispute.number, back=self.page_url(dispute))  # fmt: skip

    def _party(self, dispute: Dispute, party_id: int):
        found = dispute.parties.filter(pk=party_id).first()
        if found is None:
            raise Http404
        return found

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def party_view(self, request, object_id, party_id):
        """Correct a party: what is left empty of the sealed numbers stays as it is."""
        dispute = self.find(request, object_id)
        party = self._party(dispute, party_id)
        form = CorrectPartyForm(request.POST if request.method == "POST" else None, party=party)
        lead = _("Only what you fill in is changed; to see what stands there, unmask it with a reason.")
        return self._done(request, dispute, form, _("Correct a party"), lead,
                          lambda: party_amend(party, actor=request.user, **form.changes()))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def unmask_view(self, request, object_id, party_id):
        """Ask why; then show the page with this party in the clear, once."""
        dispute = self.find(request, object_id)
        party = self._party(dispute, party_id)
        form = UnmaskForm(request.POST if request.method == "POST" else None)
        title = _("Show %(name)s in the clear") % {"name": party.label}
        if form.is_valid():
            try:
                request.unmasked = party_unmask(party, actor=request.user, reason=form.cleaned_data["reason"])
            except Refused as error:
                return refusal_page(self, request, error, back=self.page_url(dispute))
            return self.page(request, dispute)
        lead = _("It is written down that you looked, and why.")
        return self._done(request, dispute, form, title, lead, lambda: None)

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def strike_view(self, request, object_id, party_id):
        """Ask why a party was entered by mistake; then strike them."""
        dispute = self.find(request, object_id)
        party = self._party(dispute, party_id)
        form = StrikeForm(request.POST if request.method == "POST" else None)
        return self._done(request, dispute, form, _("Strike %(name)s") % {"name": party.label}, STRIKE_LEAD,
                          lambda: party_strike(party, actor=request.user, **form.cleaned_data))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def strike_authorisation_view(self, request, object_id, authorisation_id):
        """Ask why an agent's paper was recorded wrongly; then strike it."""
        dispute = self.find(request, object_id)
        row = dispute.authorisations.select_related("party__dispute").filter(pk=authorisation_id).first()
        if row is None:
            raise Http404
        form = StrikeAuthorisationForm(request.POST if request.method == "POST" else None)
        lead = f"{row.number} · {row.signed_on:%Y-%m-%d} · {row.get_scope_display()}. {STRIKE_PAPER_LEAD}"
        return self._done(request, dispute, form, _("Strike the authorisation"), lead,
                          lambda: authorisation_strike(row, actor=request.user, **form.cleaned_data))  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def slip_view(self, request, object_id, party_id):
        """Ask how the name of who has signed is spelt rightly, and why; then put it right."""
        dispute = self.find(request, object_id)
        party = self._party(dispute, party_id)
        form = SlipForm(request.POST if request.method == "POST" else None)
        title = _("Correct the spelling of %(name)s") % {"name": party.masked}
        return self._done(request, dispute, form, title, LEAD,
                          lambda: party_slip_correct(party, actor=request.user, **form.cleaned_data),
                          rule=CORRECTS_SLIPS)  # fmt: skip
