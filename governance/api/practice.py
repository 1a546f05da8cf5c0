"""REST door of practice packages, for administrators of the whole city."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.fields import MomentField
from governance.api.idempotency import idempotent
from governance.api.views import ApiView, IsStaff
from governance.practice import package as practice


class PackageSerializer(serializers.Serializer):
    """A package: ``parts`` holds lists of rows, each with ``key``, ``fields`` and ``children``."""

    jiceng_practice = serializers.IntegerField()
    title = serializers.CharField(required=False, allow_blank=True, default="")
    exported_at = MomentField(required=False)
    parts = serializers.DictField(child=serializers.ListField(child=serializers.JSONField()))


class DifferenceSerializer(serializers.Serializer):
    """What a row means here; ``differing``: name, value here, value in the package."""

    part = serializers.CharField()
    key = serializers.ListField(child=serializers.JSONField())
    title = serializers.CharField()
    action = serializers.ChoiceField(["add", "change", "same"])
    differing = serializers.ListField(source="fields", child=serializers.ListField(child=serializers.CharField()))


@extend_schema(tags=["practice"])
class PracticeView(ApiView):
    """The package of this place."""

    permission_classes = [IsAuthenticated, IsStaff]

    @extend_schema(
        parameters=[OpenApiParameter("part", str, many=True, description="Only these parts.")],
        responses=PackageSerializer,
    )
    def get(self, request):
        """What is configured here, without any personal data."""
        return Response(practice.written(actor=request.user, only=request.query_params.getlist("part")))


class GivenPackageView(ApiView):
    """Base of what takes a package."""

    permission_classes = [IsAuthenticated, IsStaff]

    def package(self, request) -> dict:
        """Return the checked body. Raises Invalid."""
        practice.check_administrator(request.user)
        return practice.checked(request.data)


@extend_schema(tags=["practice"])
class PracticeCheckView(GivenPackageView):
    @extend_schema(request=PackageSerializer, responses=DifferenceSerializer(many=True))
    def post(self, request):
        """What the package would change here; nothing changes."""
        found = practice.differences(self.package(request), actor=request.user)
        return Response(DifferenceSerializer(found, many=True).data)


@extend_schema(tags=["practice"])
class PracticeImportView(GivenPackageView):
    @extend_schema(request=PackageSerializer, responses=DifferenceSerializer(many=True))
    @idempotent
    def post(self, request):
        """Let the package hold here, whole or not at all; answers with what was done."""
        found = practice.apply(self.package(request), actor=request.user)
        return Response(DifferenceSerializer(found, many=True).data)
