"""Admin of how long raw readings are kept."""

from django.contrib import admin

from devices.models import ReadingRetention
from governance.admin.base import KernelAdmin


@admin.register(ReadingRetention)
class ReadingRetentionAdmin(KernelAdmin):
    """Days that raw readings are kept, from a day on; what was dropped stands in the history of the rule."""

    list_display = ["starts_on", "raw_days"]
    fields = ["starts_on", "raw_days"]
