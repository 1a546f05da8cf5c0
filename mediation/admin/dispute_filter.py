"""A list of what belongs to disputes, of one dispute by its number."""

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter

from mediation.joint.making_forms import number_of


class DisputeFilter(TextFilter):
    """Rows of one dispute; a number that is none finds nothing."""

    title = _("number of the dispute")
    parameter_name = "dispute"

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        number = number_of(self.value())
        return queryset.none() if number is None else queryset.filter(dispute_id=number)
