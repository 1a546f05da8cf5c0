"""Admin of reminders of terms."""

from django.contrib import admin

from governance.admin.base import KernelAdmin
from property.models import TermReminder


@admin.register(TermReminder)
class TermReminderAdmin(KernelAdmin):
    """How many days before a contract or a term ends the community and the party secretary are told."""

    list_display = ["code", "kind", "days", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["code"]
    fields = ["code", "kind", "days", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []
