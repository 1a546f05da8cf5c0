"""The tree page: the four levels of a community, who sits in which body, and what is missing."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.models import Estate
from property.party.gaps import gaps_of, posts_running_out, runs_out, seats_of
from property.party.tree import committees_of, estates_of, tree_of

PAGE = "admin:property_party_tree"
GAPS_SHOWN = 30


class TreePage:
    """Gives the admin of party organisations its tree."""

    @staticmethod
    def address(**given) -> str:
        """Return the address of the page for a committee and an estate (codes)."""
        return f"{reverse(PAGE)}?{urlencode(given)}" if given else reverse(PAGE)

    def get_urls(self):
        return [path("tree/", self.admin_site.admin_view(self.tree_view), name="property_party_tree"),
                *super().get_urls()]  # fmt: skip

    def side_pages(self, request):
        return [{"title": _("Four levels"), "icon": "account_tree", "link": reverse(PAGE)},
                *super().side_pages(request)]  # fmt: skip

    @method_decorator(require_safe)
    def tree_view(self, request):
        """Show ``?committee=`` with the dwellings of ``?estate=`` (codes); by default the first of each."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        committees = committees_of(request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Four levels"),
            "title_part": _("Four levels"),
            "opts": self.opts,
            **_context(request, committees),
        }
        return TemplateResponse(request, "property/admin/party_tree.html", context)


def _context(request, committees) -> dict:
    asked = request.GET.get("committee", "")
    if not committees and not asked:
        return {"tree": None}
    committee = next((one for one in committees if one.code == asked), None if asked else committees[0])
    if committee is None:
        raise Http404
    estate = _estate(request, committee)
    gaps = gaps_of(committee, user=request.user)
    return {
        "tree": tree_of(committee, user=request.user, estate=estate),
        "choices": [(one, TreePage.address(committee=one.code)) for one in committees] if len(committees) > 1 else [],
        "gaps": gaps[:GAPS_SHOWN],
        "more_gaps": max(0, len(gaps) - GAPS_SHOWN),
        "seats": [
            (row, [(seat, runs_out(seat)) for seat in row.seats]) for row in seats_of(committee, user=request.user)
        ],
        "soon": set(posts_running_out(request.user).values_list("pk", flat=True)),
    }


def _estate(request, committee) -> Estate | None:
    code = request.GET.get("estate", "")
    if not code:
        return None
    found = estates_of(committee, request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found
