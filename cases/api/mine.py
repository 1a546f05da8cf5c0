"""REST door of signed-in residents: the own reports."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated

from cases.api.public import ProgressSerializer
from cases.models import Case
from cases.timeline import progress_of
from governance.api.paging import NewestFirst
from governance.api.views import ApiView


class OwnReportSerializer(ProgressSerializer):
    """Where an own report stands; ``token`` opens its page and answers (``public/reports/{token}/``)."""

    token = serializers.CharField()
    tracking_url = serializers.URLField()


@extend_schema(tags=["me"])
class OwnReportsView(ApiView):
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    serializer_class = OwnReportSerializer

    @extend_schema(responses=OwnReportSerializer(many=True))
    def get(self, request):
        """The own reports in plain words, newest first."""
        paginator = NewestFirst()
        rows = Case.objects.reported_by(request.user).followed()
        cases = paginator.paginate_queryset(rows, request, view=self)
        shown = [
            progress
            | {
                "token": case.token,
                "tracking_url": request.build_absolute_uri(reverse("cases_pages:follow", args=[case.token])),
            }
            for case, progress in zip(cases, progress_of(cases), strict=True)
        ]
        return paginator.get_paginated_response(shown)
