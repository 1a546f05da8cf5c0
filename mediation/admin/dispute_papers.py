"""Papers on the page of a dispute: the application, the notice of rights, the record; with or without an agreement."""

from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from governance.admin.base import refusal_page
from governance.errors import Refused
from governance.scoping import grant_for
from mediation.agreements.documents.answers import paper_answer
from mediation.agreements.documents.papers import Paper, papers_of
from mediation.disputes.querysets import WORKS
from mediation.models import Dispute


class PapersMixin:
    """Gives the admin of disputes ``<pk>/paper/<code>/``."""

    def get_urls(self):
        wrapped = self.admin_site.admin_view(self.paper_view)
        return [path("<int:object_id>/paper/<slug:code>/", wrapped, name="mediation_dispute_paper"),
                *super().get_urls()]  # fmt: skip

    def papers_for(self, request, dispute: Dispute) -> list[Paper]:
        """Return the papers that the person may take now."""
        return papers_of(dispute) if grant_for(WORKS, dispute, request.user) is not None else []

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def paper_view(self, request, object_id, code):
        """A paper of the file as a Word document, or ``file``: all of them. Who took it is recorded."""
        dispute = self.find(request, object_id)
        try:
            return paper_answer(dispute, code, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(dispute))
