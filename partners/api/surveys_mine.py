"""REST door of questionnaires for residents. Every write is a service."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.paging import NewestFirst
from governance.api.views import ApiView
from governance.errors import TooMany
from governance.models import Dwelling
from partners.api.surveys_serializers import (
    OwnAnswersInput,
    OwnSurveyLineSerializer,
    OwnSurveySerializer,
    SurveyResultsSerializer,
    TakenSerializer,
)
from partners.models import Survey, SurveyMode, SurveyState
from partners.surveys.answering import form_token, sheet_submit
from partners.surveys.limits import seconds_to_wait
from partners.surveys.public import results_told, survey_line, survey_told


class OfHome(ApiView):
    """Base: for anybody signed in; what is shown is for the place of their home."""

    permission_classes = [IsAuthenticated]

    def found(self, request, code: str) -> Survey:
        """Return a questionnaire of the own place. Raises Http404."""
        rows = Survey.objects.of_residents(request.user).with_rows()
        survey = rows.filter(code=code).first() if "\0" not in code else None
        if survey is None:
            raise Http404
        return survey


@extend_schema(tags=["me"])
class OwnSurveysView(OfHome):
    pagination_class = NewestFirst
    serializer_class = OwnSurveyLineSerializer

    @extend_schema(responses=OwnSurveyLineSerializer(many=True))
    def get(self, request):
        """Questionnaires of the own place, newest first: open, closed, and with published results."""
        paginator = NewestFirst()
        rows = Survey.objects.of_residents(request.user).with_rows()
        page = paginator.paginate_queryset(rows, request, view=self)
        lines = OwnSurveyLineSerializer([survey_line(row) for row in page], many=True)
        return paginator.get_paginated_response(lines.data)


@extend_schema(tags=["me"])
class OwnSurveyView(OfHome):
    @extend_schema(responses=OwnSurveySerializer)
    def get(self, request, code):
        """One questionnaire with its questions and their branching, to be filled in."""
        survey = self.found(request, code)
        told = survey_told(survey, request.user) | {"form": form_token(survey)}
        return Response(OwnSurveySerializer(told).data)


@extend_schema(tags=["me"])
class OwnAnswersView(OfHome):
    @extend_schema(request=OwnAnswersInput, responses={201: TakenSerializer})
    def post(self, request, code):
        """Answer. Not by `Idempotency-Key`, which would keep a trace of who answered: `form` is taken once."""
        survey = self.found(request, code)
        given = OwnAnswersInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        if survey.mode == SurveyMode.ANONYMOUS and (seconds := seconds_to_wait(request)):
            raise TooMany("", seconds=seconds)
        if data["dwelling"] is not None:
            data["dwelling"] = _dwelling(data["dwelling"])
        sheet_submit(survey, actor=request.user, **data)
        return Response(TakenSerializer({"taken": True}).data, status=status.HTTP_201_CREATED)


def _dwelling(code: str) -> Dwelling:
    found = Dwelling.objects.open_to_everybody().filter(code=code).first() if "\0" not in code else None
    if found is None:
        raise Http404
    return found


@extend_schema(tags=["me"])
class OwnResultsView(OfHome):
    @extend_schema(responses=SurveyResultsSerializer)
    def get(self, request, code):
        """The published figures; those of fewer than five people are null."""
        survey = self.found(request, code)
        if survey.state != SurveyState.PUBLISHED:
            raise Http404
        return Response(SurveyResultsSerializer(results_told(survey)).data)
