"""The page that says why something was not done."""

from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from governance.errors import Conflict, Invalid, NotPermitted, Refused, UnknownTransition

STATUS_OF = {NotPermitted: 403, UnknownTransition: 404, Conflict: 409, Invalid: 400}


def refusal_page(model_admin, request, error: Refused, *, back: str | None = None) -> TemplateResponse:
    """Answer a refused request with a page that says why; the status follows the kind of refusal."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("This was not done"),
        "opts": model_admin.opts,
        "detail": error.detail,
        "back": back,
    }
    status = next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), 400)
    return TemplateResponse(request, "governance/admin/refused.html", context, status=status)
