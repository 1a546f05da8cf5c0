"""Keys of machines on the pages of what they belong to: made and revoked by POST, shown once."""

from collections.abc import Callable
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from governance.access_keys import LONGEST_OVERLAP, OVERLAP
from governance.admin.refusals import refusal_page
from governance.errors import Refused
from governance.models.access_key import AccessKey

HOUR = timedelta(hours=1)


class KeyForm(forms.Form):
    """How long older keys stay valid."""

    overlap = forms.IntegerField(
        label=gettext_lazy("Older keys stay valid for (hours)"),
        min_value=0,
        max_value=LONGEST_OVERLAP // HOUR,
        initial=OVERLAP // HOUR,
        help_text=gettext_lazy("Time to change the machine over to the new key. 0: they end now."),
    )


class KeyedAdmin:
    """Mixin for the admin of what has ``keys`` (rows of an ``AccessKey``).

    ``key_issue(owner, *, actor, overlap)`` and ``key_revoke(key, *, actor)`` are the app's services; ``key_scheme`` is
    the word before the key in the header ``Authorization``.
    """

    key_scheme: str
    key_issue: Callable
    key_revoke: Callable

    def get_urls(self):
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:object_id>/key/", wrap(self.key_view), name=f"{name}_key"),
            path("<int:object_id>/key/<int:key_id>/revoke/", wrap(self.revoke_view), name=f"{name}_revoke"),
            *super().get_urls(),
        ]

    def _owner(self, request, object_id):
        if not self.has_view_permission(request):
            raise PermissionDenied
        owner = self.get_queryset(request).filter(pk=object_id).first()
        if owner is None:
            raise Http404
        if not self.has_change_permission(request, owner):
            raise PermissionDenied
        return owner

    def _page(self, owner) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[owner.pk])

    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def key_view(self, request, object_id):
        """GET asks for the overlap; POST makes a key and shows it, this once."""
        owner = self._owner(request, object_id)
        form, secret = KeyForm(request.POST if request.method == "POST" else None), None
        if request.method == "POST" and form.is_valid():
            try:
                _key, secret = self.key_issue(owner, actor=request.user, overlap=form.cleaned_data["overlap"] * HOUR)
            except Refused as error:
                return refusal_page(self, request, error, back=self._page(owner))
        context = {
            **self.admin_site.each_context(request),
            "title": _("New key"),
            "subtitle": str(owner),
            "opts": self.opts,
            "form": form,
            "secret": secret,
            "scheme": self.key_scheme,
            "back": self._page(owner),
        }
        return TemplateResponse(request, "governance/admin/key_form.html", context, status=400 if form.errors else 200)

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["POST"]))
    def revoke_view(self, request, object_id, key_id):
        """Make one key worthless at once."""
        owner = self._owner(request, object_id)
        key = owner.keys.visible_to(request.user).filter(pk=key_id).first()
        if key is None:
            raise Http404
        try:
            self.key_revoke(key, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self._page(owner))
        messages.success(request, _("The key %(prefix)s… was revoked.") % {"prefix": key.prefix})
        return HttpResponseRedirect(self._page(owner))

    def keys_of(self, request, owner) -> list[AccessKey]:
        """Return the newest keys, for who may manage them."""
        if not self.has_change_permission(request, owner):
            return []
        return list(owner.keys.order_by("-id")[:10])
