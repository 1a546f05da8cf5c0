"""Admin of accounts elsewhere that sign residents in: looked at, never changed."""

from django.contrib import admin

from governance.admin.base import ReadOnlyAdmin
from governance.models import LinkedIdentity


@admin.register(LinkedIdentity)
class LinkedIdentityAdmin(ReadOnlyAdmin):
    """Who is linked to which provider since when; the provider's own name for a person is nobody's business here."""

    scope_fields = ()
    list_display = ["user", "provider", "created_at"]
    list_filter = ["provider"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__name"]
    fields = ["user", "provider", "created_at"]
    ordering = ["-id"]
