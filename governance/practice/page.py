"""The admin's page of practice packages: write one, look at what another place's would change, let it hold here."""

import json

from django import forms
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.errors import NotPermitted, Refused
from governance.practice import package as practice
from governance.practice.registry import parts

SHOWN = 200  # differences on the page


class PackageForm(forms.Form):
    """A package as a file, or, to confirm what was shown, its text."""

    file = forms.FileField(
        label=gettext_lazy("Practice package"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json", "class": "jc-plain-file"}),
    )
    package = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def content(self) -> bytes:
        """Return the package's bytes; empty when nothing was sent."""
        file = self.cleaned_data.get("file")
        return file.read() if file else self.cleaned_data.get("package", "").encode()


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def practice_page(request, site):
    """``?export=1`` writes a package; a POST shows the differences, with ``confirm`` it makes them."""
    try:
        practice.check_administrator(request.user)
        if "export" in request.GET:
            return _download(request)
        return _page(request, site, **_posted(request) if request.method == "POST" else {})
    except NotPermitted as error:
        return _page(request, site, refusal=error.detail, status=403, forbidden=True)
    except Refused as error:
        return _page(request, site, refusal=error.detail, status=400)


def _posted(request) -> dict:
    form = PackageForm(request.POST, request.FILES)
    form.is_valid()
    content = form.content()
    package = practice.read(content)
    if "confirm" in request.POST:
        return {"found": practice.apply(package, actor=request.user), "done": True}
    return {"found": practice.differences(package, actor=request.user), "package": content.decode()}


def _download(request) -> HttpResponse:
    package = practice.written(actor=request.user, only=request.GET.getlist("part"))
    name = f"practice-{timezone.localdate():%Y%m%d}.json"
    answer = HttpResponse(json.dumps(package, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(request, site, *, status=200, found=(), **more) -> TemplateResponse:
    differing = [one for one in found if one.action != "same"]
    context = {
        **site.each_context(request),
        "title": _("Practice packages"),
        "parts": [{"key": part.key, "label": part.label} for part in parts()],
        "form": PackageForm(),
        "differing": differing[:SHOWN],
        "hidden": max(0, len(differing) - SHOWN),
        "counts": {action: sum(one.action == action for one in found) for action in ("add", "change", "same")},
        "looked": bool(found),
        "labels": {part.key: part.label for part in parts()},
        **more,
    }
    return TemplateResponse(request, "governance/admin/practice.html", context, status=status)
