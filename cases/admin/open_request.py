"""Admin of what came in through Open311: who sent it, as the client says."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.models import OpenRequest
from governance.admin.base import ReadOnlyAdmin


@admin.register(OpenRequest)
class OpenRequestAdmin(ReadOnlyAdmin):
    """Requests with what is needed to answer their reporter; looked at only."""

    list_display = ["case_link", "source", "email", "phone", "media"]
    list_display_links = None
    export_display = ("case", "source")
    list_select_related = ["case", "source"]
    search_fields = ["case__number"]
    search_help_text = _("Case number")
    ordering = ["-id"]
    fields = ["case_link", "source", "email", "phone", "device", "account", "media_url"]
    readonly_fields = fields

    @display(description=_("case"), ordering="case")
    def case_link(self, obj):
        url = reverse("admin:cases_case_change", args=[obj.case_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.case.number)

    @display(description=_("link to media"))
    def media(self, obj):
        return obj.media_url or "—"
