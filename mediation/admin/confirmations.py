"""Admin of judicial confirmations: the term and its reasons for the mediator, the court's steps for its clerk."""

from django.contrib import admin
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from unfold.decorators import display

from governance.admin.base import refusal_page
from governance.errors import Refused
from governance.models import Event
from governance.scoping import grant_for
from mediation.admin.agreements import OfDisputeAdmin
from mediation.admin.joint_base import trail_of
from mediation.agreements.documents.answers import file_answer
from mediation.agreements.documents.papers import COURT_PAPERS, PAPERS, WORD, confirmation_paper_take
from mediation.agreements.looks import CONFIRMATION_TONES
from mediation.confirmation.court import admit_by
from mediation.confirmation.days import day_of_term
from mediation.confirmation.eligibility import last_day_of, reasons_of, wishes_of
from mediation.confirmation.querysets import COURT
from mediation.confirmation.states import NOT_APPLIED, ConfirmationState
from mediation.disputes.querysets import READS
from mediation.files.reading import files_of
from mediation.followup.wishes import visit_word_of
from mediation.models import JudicialConfirmation


def court_trail_of(obj: JudicialConfirmation) -> list[Event]:
    """Return what the clerk sees of what happened: from the last application on. What was before is between the
    parties and the mediator."""
    trail = trail_of(obj)
    first = next((place for place, event in enumerate(trail) if event.name == "confirmation.applied"), -1)
    return trail[: first + 1]


@admin.register(JudicialConfirmation)
class ConfirmationAdmin(OfDisputeAdmin):
    """Confirmations of the person's disputes; those applied for at the clerk's court."""

    page_template = "mediation/agreements/admin/confirmation.html"
    tones = CONFIRMATION_TONES
    list_display = ["number_told", "dispute_told", "state_badge", "last_day", "court", "applied_on", "decide_by",
                    "decided_on"]  # fmt: skip
    list_display_links = ["number_told"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number

    def get_urls(self):
        paper = self.admin_site.admin_view(self.paper_view)
        return [
            path("<int:object_id>/paper/<slug:code>/", paper, name="mediation_judicialconfirmation_paper"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        reads = grant_for(READS, obj.dispute, request.user) is not None
        open_now = obj.state in NOT_APPLIED
        at_court = grant_for(COURT, obj, request.user) is not None
        received = obj.state == ConfirmationState.RECEIVED
        return super().page_context(request, obj) | {
            "reads": reads, "day": day_of_term(obj.agreement.effective_on, timezone.localdate()),
            "certain": last_day_of(obj.agreement).certain,
            "reasons": reasons_of(obj) if reads and open_now else [],
            "wishes": wishes_of(obj).values() if reads else [], "at_visit": visit_word_of(obj) if reads else None,
            "admit_by": admit_by(obj) if received else None,
            "papers": [PAPERS[code] for code in COURT_PAPERS] if at_court else [],
            "files": files_of(request.user, dispute=obj.dispute, for_court=True),
        } | ({} if reads else {"trail": court_trail_of(obj)})  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def paper_view(self, request, object_id, code):
        """A paper of the confirmation, for the clerk; who took it is recorded."""
        obj = self.find(request, object_id)
        try:
            return file_answer(*confirmation_paper_take(obj, code, actor=request.user), WORD, code)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(obj))
