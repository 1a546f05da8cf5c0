"""Admin of respected locals and of their invitations."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from mediation.admin.joint_base import JointAdmin
from mediation.admin.joint_links import ask_link
from mediation.admin.taken import TakenRows
from mediation.disputes.consents import answers_of
from mediation.disputes.states import ConsentTo
from mediation.joint.figures import helper_figures
from mediation.joint.invitations import invitation_propose
from mediation.joint.making_forms import InvitationForm, RegisterHelperForm
from mediation.joint.respected_helpers import helper_register
from mediation.models import HelperInvitation, RespectedHelper


@admin.register(RespectedHelper)
class HelperAdmin(JointAdmin):
    """The register of respected locals, with how mediations ended in which they helped."""

    making_form = RegisterHelperForm
    making_title = gettext_lazy("Register a respected local")
    making_lead = gettext_lazy("Fields, languages and standing help to choose; interests of their own say where not.")
    making_button = gettext_lazy("Register them")
    list_display = ["user", "area", "standing", "fields_told", "languages_told", "state_badge", "invitations_told"]
    list_display_links = ["user"]
    list_filter = ["state", "standing", "fields"]
    search_fields = ["user__name", "about"]
    texts = ("about", "interests")
    facts = ("user", "area", "standing", "fields", "languages", "registered_by", "registered_at", "left_on")

    def get_queryset(self, request):
        return super().get_queryset(request).with_invitations()

    def make(self, request, form):
        return helper_register(actor=request.user, **form.values())

    def get_urls(self):
        view = self.admin_site.admin_view(self.figures_view)
        return [path("figures/", view, name="mediation_respectedhelper_figures"), *super().get_urls()]

    def side_pages(self, request):
        link = reverse("admin:mediation_respectedhelper_figures")
        return [{"title": _("Figures by type"), "icon": "bar_chart", "link": link}]

    def figures_view(self, request):
        """How disputes ended in which respected locals helped; small cells are left out."""
        context = {
            **self.admin_site.each_context(request), "title": _("Respected locals: figures by type"),
            "opts": self.opts, "rows": helper_figures(request.user),
        }  # fmt: skip
        return TemplateResponse(request, "mediation/joint/figures.html", context)

    @display(description=gettext_lazy("types they help with"))
    def fields_told(self, obj):
        return "、".join(str(row) for row in obj.fields.all())

    @display(description=gettext_lazy("languages and dialects"))
    def languages_told(self, obj):
        return "、".join(obj.languages)

    @display(description=gettext_lazy("took part in disputes"))
    def invitations_told(self, obj):
        return obj.invitations


@admin.register(HelperInvitation)
class InvitationAdmin(TakenRows, JointAdmin):
    """Invitations of respected locals to disputes, with the answers of the parties."""

    making_form = InvitationForm
    making_title = gettext_lazy("Propose a respected local")
    making_lead = gettext_lazy("They are told nothing before every party agreed; what they read ends on the last day.")
    making_button = gettext_lazy("Propose to the parties")
    list_display = ["dispute_told", "type_told", "helper", "until", "state_badge", "hours", "proposed_at"]
    list_display_links = ["dispute_told"]
    list_filter = ["state"]
    texts = ("summary", "thanks")
    facts = ("helper", "until", "proposed_by", "proposed_at", "invited_at", "no_conflict_at", "hours", "ended_at")

    def make(self, request, form):
        given = form.values()
        return invitation_propose(given.pop("dispute"), actor=request.user, **given)

    def page_context(self, request, obj):
        answers = answers_of(obj.dispute, ConsentTo.HELPER, obj.helper.user) if obj.state == "proposed" else {}
        waiting = [] if obj.state != "proposed" else [
            (party.label, answers[party.pk].get_answer_display() if party.pk in answers else _("Not asked yet"))
            for party in obj.dispute.parties.order_by("pk")
        ]  # fmt: skip
        asked = obj.helper.user if obj.state in ("proposed", "invited", "accepted") else None
        link = ask_link(request, obj.dispute, ConsentTo.HELPER, asked)
        return super().page_context(request, obj) | {"waiting": waiting, "ask_url": link}
