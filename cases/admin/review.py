"""The review queue page: one key or press accepts a proposal; the next case is at hand at once."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from cases.admin.looks import ICONS, TONES, page_url, place_of, review_text
from cases.models import Case, DispatchProposal, Scene
from cases.overview.asked import where_asked
from cases.review.querysets import deciders, deciding_step, waiting_for, with_proposals
from cases.review.services import proposal_accept
from cases.scenes.querysets import in_scene
from governance.admin.base import REFRESH_HEADER
from governance.admin.paging import capped_count
from governance.admin.refusals import refusal_page
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.scoping import grants_of, roles_of

PAGE = "admin:cases_review"
SHOWN = 30
COUNTED = 1000
STATUS = {Conflict: 409, NotPermitted: 403, Invalid: 400}


class ReviewPage:
    """Gives the admin of cases its review queue."""

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("review/", page(self.review_view), name="cases_review"),
            path("review/<int:object_id>/<int:proposal_id>/", page(self.accept_view), name="cases_review_accept"),
            *super().get_urls(),
        ]

    def side_pages(self, request):
        page = {"title": _("Review queue"), "icon": "fact_check", "link": reverse(PAGE)}
        return [*([page] if may_review(request.user) else []), *super().side_pages(request)]

    @method_decorator(require_safe)
    def review_view(self, request):
        """Show the queue; ``?scene=`` (code) narrows it. A page that is open already gets only its rows."""
        if not may_review(request.user):
            raise PermissionDenied
        try:
            where = where_asked(request.GET, request.user)
        except Invalid as error:
            return refusal_page(self, request, error, back=reverse(PAGE))
        rows = waiting_for(request.user)
        rows = rows.under(where.area) if where.area else rows
        rows = in_scene(rows, where.scene) if where.scene else rows
        shown = [row_of(case) for case in with_proposals(rows)[:SHOWN]]
        count = len(shown) if len(shown) < SHOWN else capped_count(rows, COUNTED)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review queue"),
            "title_part": _("Review queue"),
            "opts": self.opts,
            "rows": shown,
            "count": f"{COUNTED}+" if count >= COUNTED else count,
            "more": count > len(shown),
            "scene": where.scene,
            "scenes": Scene.objects.visible_to(request.user).in_use().met_by(grants_of(request.user)),
        }
        template = "review_part" if REFRESH_HEADER in request.headers else "review"
        return TemplateResponse(request, f"cases/admin/{template}.html", context)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def accept_view(self, request, object_id, proposal_id):
        """Accept a proposal. The page's own script is answered in JSON, a plain form with the queue."""
        case = self.find(request, object_id)
        try:
            done = proposal_accept(_proposal(case, proposal_id), actor=request.user, version=_version(request.POST))
        except Refused as error:
            return self._refused(request, case, error)
        text = _("%(number)s → %(unit)s") % {"number": done.number, "unit": done.lead_unit}
        if _by_script(request):
            return JsonResponse({"done": True, "text": text, "number": done.number})
        return HttpResponseRedirect(reverse(PAGE))

    def _refused(self, request, case: Case, error: Refused):
        if not _by_script(request):
            return refusal_page(self, request, error, back=reverse(PAGE))
        fresh = self.page_rows(request).filter(pk=case.pk).first()
        told = {"done": False, "text": str(error.detail), "url": page_url(case), "now": now_of(fresh)}
        return JsonResponse(told, status=STATUS.get(type(error), 400))


def may_review(user) -> bool:
    """Tell whether a person dispatches anywhere."""
    return bool(roles_of(user) & deciders())


def row_of(case: Case) -> dict:
    """Return what a row of the queue shows; ``proposed`` is loaded."""
    return {
        "case": case,
        "url": page_url(case),
        "tone": TONES[case.state],
        "icon": ICONS[case.source],
        "place": place_of(case),
        "why": review_text(case),
        "proposals": case.proposed,
        "step": deciding_step(case),
    }


def now_of(case: Case | None) -> str:
    """Say where a case stands that somebody else has decided about in the meantime."""
    if case is None:
        return _("You no longer see it.")
    if case.lead_unit is None:
        return str(case.get_state_display())
    return f"{case.get_state_display()} → {case.lead_unit}"


def _proposal(case: Case, pk: int) -> DispatchProposal:
    """Return a proposal about the case; one that was replaced in the meantime is a Conflict."""
    rows = DispatchProposal.objects.filter(case=case).select_related("case", "unit")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Conflict(_("What was proposed has changed. Look at it again."), code="replaced")
    return found


def _version(posted: Mapping[str, str]) -> int:
    text = posted.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)


def _by_script(request) -> bool:
    return "application/json" in request.headers.get("Accept", "")
