"""REST door of needs for residents: raising one, and what became of the own ones. Every write is a service."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst
from governance.api.serializers import ErrorsSerializer
from governance.api.views import ApiView
from partners.api.needs_serializers import OwnNeedInput, OwnNeedSerializer
from partners.models import Need
from partners.needs.public import need_told
from partners.needs.registering import resident_raise


@extend_schema(tags=["me"])
class OwnNeedsView(ApiView):
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    serializer_class = OwnNeedSerializer

    @extend_schema(responses=OwnNeedSerializer(many=True))
    def get(self, request):
        """The own needs, newest first."""
        paginator = NewestFirst()
        rows = Need.objects.raised_by(request.user).with_rows()
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(
            OwnNeedSerializer([need_told(row, request.user) for row in page], many=True).data
        )

    @extend_schema(request=OwnNeedInput, responses={201: OwnNeedSerializer, 403: ErrorsSerializer})
    @idempotent
    def post(self, request):
        """Raise a need; `anonymous`: nobody at work reads who it was."""
        given = OwnNeedInput(data=request.data)
        given.is_valid(raise_exception=True)
        need = resident_raise(actor=request.user, **given.validated_data)
        row = Need.objects.with_rows().get(pk=need.pk)
        return Response(OwnNeedSerializer(need_told(row, request.user)).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["me"])
class OwnNeedView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=OwnNeedSerializer)
    def get(self, request, pk):
        """One own need and what became of it."""
        need = Need.objects.raised_by(request.user).with_rows().filter(pk=pk).first()
        if need is None:
            raise Http404
        return Response(OwnNeedSerializer(need_told(need, request.user)).data)
