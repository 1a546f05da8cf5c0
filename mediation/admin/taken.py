"""What goes out of a list of disputes, or of what belongs to them, is written down row by row, and so is reading what
happened to one."""

from collections.abc import Iterator
from itertools import islice

from governance.scoping import grant_for
from mediation.access import access_record, exports_record
from mediation.models import Dispute

AT_ONCE = 1_000  # rows written down in one statement


class TakenRows:
    """Gives a list an export that writes down each row before it goes out, and a page of what happened to a row that is
    written down as read."""

    def history_view(self, request, object_id, extra_context=None):
        response = super().history_view(request, object_id, extra_context)
        row = response.context_data["object"]
        dispute = row if isinstance(row, Dispute) else row.dispute
        grant = grant_for(type(row).objects.none().VISIBLE, row, request.user)
        what = f"{self.opts.label_lower}:{row.pk}:history"
        access_record(dispute, actor=request.user, what=what, role=grant.role if grant else "")
        return response

    def export_rows(self, request, rows: Iterator, kind: str) -> Iterator:
        rows = super().export_rows(request, rows, kind)
        while part := list(islice(rows, AT_ONCE)):
            exports_record(part, actor=request.user, kind=kind)
            yield from part
