"""The page behind the search box of every admin page."""

from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.search.finder import find


def search_page(site, request) -> TemplateResponse:
    """Show what ``?q=`` finds; ``?kind=`` narrows it to one kind."""
    query = request.GET.get("q", "").strip()
    sections, refusal = [], ""
    if query:
        try:
            sections = find(query, user=request.user, only=request.GET.getlist("kind"))
        except Invalid as error:
            refusal = error.detail
    context = {
        **site.each_context(request),
        "title": _("Search"),
        "query": query,
        "sections": sections,
        "refusal": refusal,
    }
    return TemplateResponse(request, "governance/admin/search.html", context, status=400 if refusal else 200)
