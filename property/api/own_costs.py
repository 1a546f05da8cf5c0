"""REST door of residents: the accounts of their homes, their receipts, what is published of their estate."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.paging import NewestFirst
from governance.api.views import ApiView
from property.api import costs_serializers as shapes
from property.costs.files import paper_response
from property.costs.own import own_accounts, own_disclosures, own_payments, own_periods
from property.costs.papers import receipt_paper, statement_paper
from property.costs.statements import shown_figures


class OwnView(ApiView):
    """Base: for anybody signed in; what is not theirs is 404."""

    permission_classes = [IsAuthenticated]

    def listed(self, request, rows):
        """Answer with a page of rows."""
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(self.serializer_class(page, many=True, context={"request": request}).data)

    def found(self, rows, pk):
        """Return the row of the caller. Raises NotFound."""
        row = rows.filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row


@extend_schema(tags=["own shared costs"])
class OwnChargesView(OwnView):
    @extend_schema(responses=shapes.OwnAccountSerializer(many=True))
    def get(self, request):
        """What the caller's homes were charged, what was paid, and what is open. Not paged: one for each account of a
        home, with its newest 40 payments."""
        return Response([shapes.own_account_json(own) for own in own_accounts(request.user)])


@extend_schema(tags=["own shared costs"])
class OwnReceiptView(OwnView):
    @extend_schema(responses={(200, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"):
                              OpenApiTypes.BINARY})  # fmt: skip
    def get(self, request, pk):
        """A receipt of the caller as a Word file."""
        return paper_response(receipt_paper(self.found(own_payments(request.user), pk)), "docx")


@extend_schema(tags=["own shared costs"])
class OwnStatementsView(OwnView):
    pagination_class = NewestFirst
    serializer_class = shapes.OwnPeriodSerializer

    @extend_schema(operation_id="own_statements_list", responses=shapes.OwnPeriodSerializer(many=True))
    def get(self, request):
        """Published cost periods of the estates of the caller's homes, newest first."""
        return self.listed(request, own_periods(request.user))


@extend_schema(tags=["own shared costs"])
class OwnStatementView(OwnView):
    @extend_schema(operation_id="own_statements_retrieve", responses=shapes.StatementSerializer)
    def get(self, request, pk):
        """The statement of a published cost period; no household in it."""
        period = self.found(own_periods(request.user), pk)
        return Response(shapes.StatementSerializer(shown_figures(period)).data)


@extend_schema(tags=["own shared costs"])
class OwnStatementFileView(OwnView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request, pk, kind):
        """The statement as a file: `xlsx` or `docx`."""
        return paper_response(statement_paper(self.found(own_periods(request.user), pk)), kind)


@extend_schema(tags=["own shared costs"])
class OwnDisclosuresView(OwnView):
    pagination_class = NewestFirst
    serializer_class = shapes.OwnDisclosureSerializer

    @extend_schema(operation_id="own_disclosures_list", responses=shapes.OwnDisclosureSerializer(many=True))
    def get(self, request):
        """What was published about the fund and public income of the estates of the caller's homes."""
        return self.listed(request, own_disclosures(request.user))
