"""The own page of a party: a link and its QR code, shown once to be scanned with the party's phone."""

from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from governance.admin.base import refusal_page
from governance.admin.bookings import FormPageMixin
from governance.admin.returning import after
from governance.errors import Refused
from governance.room_codes import qr_svg
from mediation.disputes.acting import grant_or_refuse
from mediation.disputes.querysets import HANDLES
from mediation.models import PartyLink
from mediation.papers.forms import LinkForm
from mediation.papers.links import link_make, link_revoke


class PartyLinkMixin(FormPageMixin):
    """Gives the admin of disputes ``<pk>/party/<id>/link/`` and ``<pk>/link/<id>/revoke/``."""

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/party/<int:party_id>/link/", wrap(self.link_view), name="mediation_dispute_link"),
            path("<int:object_id>/link/<int:link_id>/revoke/", wrap(self.revoke_view),
                 name="mediation_dispute_link_revoke"),
            *super().get_urls(),
        ]  # fmt: skip

    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def link_view(self, request, object_id, party_id):
        """GET tells what links there are and asks how long; POST makes one and shows it, this once."""
        dispute = self.find(request, object_id)
        party = dispute.parties.filter(pk=party_id).first()
        if party is None:
            raise Http404
        sent = request.POST if request.method == "POST" else None
        form, address, again = LinkForm(sent, violent=dispute.domestic_violence), "", ""
        try:
            grant_or_refuse(HANDLES, dispute, request.user)
            if form.is_valid():
                _link, token = link_make(party, actor=request.user, **form.cleaned_data)
                address = request.build_absolute_uri(reverse("party_page:one", args=[token]))
        except Refused as error:
            if error.code != "made":
                return refusal_page(self, request, error, back=self.page_url(dispute))
            again = str(error.detail)
        if address or again:  # what is pressed now is another form
            form = LinkForm(violent=dispute.domestic_violence, initial={"days": form.cleaned_data["days"]})
        context = {
            **self.admin_site.each_context(request), "title": _("Own page of a party"), "opts": self.opts,
            "title_part": _("Own page of a party"), "dispute": dispute, "party": party, "form": form,
            "address": address, "again": again, "code": qr_svg(address) if address else "",
            "back": after(request, self.page_url(dispute)),
            "links": [(row, row.holds()) for row in party.links.select_related("made_by")[:10]],
        }  # fmt: skip
        status = 409 if again else 400 if sent is not None and not address else 200
        return TemplateResponse(request, "mediation/papers/admin_link.html", context, status=status)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def revoke_view(self, request, object_id, link_id):
        """Make a link worthless at once."""
        dispute = self.find(request, object_id)
        link = PartyLink.objects.filter(dispute=dispute, pk=link_id).first()
        if link is None:
            raise Http404
        try:
            link_revoke(link, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(dispute))
        return self.back_to_link(dispute, link.party_id)

    def back_to_link(self, dispute, party_id: int):
        """Lead back to the page of the party's links."""
        from_here = reverse("admin:mediation_dispute_link", args=[dispute.pk, party_id])
        return HttpResponseRedirect(from_here)
