"""Paging of long lists without counting millions of rows."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

# Nobody pages further by hand; beyond it the list asks for a filter.
CAP = 5_000


class CappedPaginator(Paginator):
    """Counts at most ``CAP`` rows; ``capped`` tells that there are more."""

    template_name = "governance/admin/pagination.html"

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by().values("pk")[: CAP + 1].count()

    @cached_property
    def count(self):
        return min(self._counted, CAP)

    @property
    def capped(self) -> bool:
        return self._counted > CAP


def capped_count(rows, cap: int) -> int:
    """Count at most ``cap`` rows of a queryset; one bounded statement."""
    return rows.order_by().values("pk")[:cap].count()
