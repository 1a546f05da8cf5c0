"""REST door for residents: report without signing in, follow, rate and reopen with the tracking token."""

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from cases.api.inputs import PublicReportInput, RatingInput, ReopenInput
from cases.feedback import case_rate
from cases.models import Case, CaseSource, CaseState
from cases.services import case_report
from cases.timeline import public_photos, public_progress
from governance.api.idempotency import idempotent
from governance.api.throttling import SharedThrottle
from governance.api.views import ApiView
from governance.attachments import served
from governance.models import User
from governance.workflow import act


class ReceiptSerializer(serializers.Serializer):
    """What the reporter keeps. Whoever has the token may follow the case."""

    number = serializers.CharField()
    token = serializers.CharField()
    tracking_url = serializers.URLField()


class StepSerializer(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.DateTimeField()
    plain = serializers.CharField()


class ProgressSerializer(serializers.Serializer):
    """Where a report stands, in plain words. ``photos``: ids for ``photos/{id}/``."""

    number = serializers.CharField()
    state = serializers.ChoiceField(CaseState.choices)
    state_label = serializers.CharField()
    plain = serializers.CharField()
    promised_at = serializers.DateTimeField(allow_null=True)
    unit = serializers.CharField()
    overdue = serializers.BooleanField()
    reported_at = serializers.DateTimeField()
    text = serializers.CharField()
    address = serializers.CharField()
    steps = StepSerializer(many=True)
    photos = serializers.ListField(child=serializers.UUIDField())
    can_rate = serializers.BooleanField()
    can_reopen = serializers.BooleanField()
    rated = serializers.BooleanField()


class PublicView(ApiView):
    """Base of what needs no sign-in: limited by person or address."""

    permission_classes = [AllowAny]
    throttle_classes = [SharedThrottle]
    throttle_scope = "public-read"

    def case_of(self, token: str) -> Case:
        case = Case.objects.followed().filter(token=token).first()
        if case is None:
            raise NotFound
        return case


@extend_schema(tags=["public"])
class ReportsView(PublicView):
    throttle_scope = "public-report"

    @extend_schema(request=PublicReportInput, responses={201: ReceiptSerializer})
    @idempotent
    def post(self, request):
        """Report something. Signed-in residents report as themselves."""
        given = PublicReportInput(data=request.data)
        given.is_valid(raise_exception=True)
        place = {name: given.validated_data[name] for name in ("longitude", "latitude", "area", "address")}
        reporter = request.user if request.user.is_authenticated else None
        case = case_report(
            actor=reporter or User.objects.system("public"),
            source=CaseSource.RESIDENT,
            description=given.validated_data["text"],
            reporter=reporter,
            reporter_name=given.validated_data["name"],
            reporter_phone=given.validated_data["phone"],
            photos=given.validated_data["photos"],
            **place,
        )
        receipt = {
            "number": case.number,
            "token": case.token,
            "tracking_url": request.build_absolute_uri(reverse("cases_pages:follow", args=[case.token])),
        }
        return Response(receipt, status=status.HTTP_201_CREATED)


@extend_schema(tags=["public"])
class ReportView(PublicView):
    @extend_schema(responses=ProgressSerializer)
    def get(self, request, token):
        """Where the report stands."""
        return Response(public_progress(self.case_of(token)))


class AnswerView(PublicView):
    """Base of what the reporter answers after closing."""

    throttle_scope = "public-answer"

    def actor_for(self, case: Case):
        """The reporter where signed in as such, otherwise the holder of the token."""
        if case.reporter_id and case.reporter_id == self.request.user.pk:
            return self.request.user
        return User.objects.system("public")


@extend_schema(tags=["public"])
class RatingView(AnswerView):
    @extend_schema(request=RatingInput, responses={201: ProgressSerializer})
    @idempotent
    def post(self, request, token):
        """Rate a closed report, once per closing."""
        case = self.case_of(token)
        given = RatingInput(data=request.data)
        given.is_valid(raise_exception=True)
        case_rate(case, actor=self.actor_for(case), **given.validated_data)
        return Response(public_progress(self.case_of(token)), status=status.HTTP_201_CREATED)


@extend_schema(tags=["public"])
class ReopenView(AnswerView):
    @extend_schema(request=ReopenInput, responses=ProgressSerializer)
    @idempotent
    def post(self, request, token):
        """Say that a closed report is not solved; a dispatcher decides who goes on."""
        case = self.case_of(token)
        given = ReopenInput(data=request.data)
        given.is_valid(raise_exception=True)
        act(case, "reopen", actor=self.actor_for(case), **given.validated_data)
        return Response(public_progress(self.case_of(token)))


@extend_schema(tags=["public"])
class ReportPhotoView(PublicView):
    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request, token, photo_id):
        """A photo of the report, or one taken after the work."""
        photo = public_photos(self.case_of(token)).filter(pk=photo_id).first()
        if photo is None:
            raise NotFound
        return served(photo)
