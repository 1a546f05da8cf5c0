"""REST door of device profiles: what devices report, and what of it is an alarm; drafted, tried, published."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response

from cases.models import Scene
from devices.api.profile_inputs import (
    ProfileChangeInput,
    ProfileInput,
    ProfilePublishInput,
    ProfileTrialSerializer,
    ProfileTryInput,
)
from devices.models import DeviceProfile, ProfileCommand, ProfileMetric, ProfileState, ProfileStatus
from devices.profile_changes import profile_add, profile_change
from devices.profiles import newest_trial, profile_discard, profile_draft, profile_publish, profile_try
from governance.api.filters import CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.paging import OldestFirst
from governance.api.views import IsStaff, ScopedViewSet


class ProfileStatusSerializer(serializers.ModelSerializer):
    """An alarm type. Delays and the reopen window are seconds; ``standard`` is ``<category>/<condition code>``.

    ``over_after``: a single event, over by itself so many seconds after the last of them; null: until ``normal``.
    ``maintain_while_handled``: while its case is handled all alarms of the device are held back, a day at most.
    """

    standard = serializers.SerializerMethodField()

    class Meta:
        model = ProfileStatus
        fields = [
            "code", "label", "severity", "standard", "opens_case", "on_delay", "off_delay", "samples_needed",
            "samples_of", "latched", "reopen_window", "over_after", "maintain_while_handled", "storm_count",
            "storm_window", "storm_pause",
        ]  # fmt: skip
        read_only_fields = fields

    def get_standard(self, status) -> str | None:
        return f"{status.standard.category.code}/{status.standard.condition_code}" if status.standard else None


class ProfileMetricSerializer(serializers.ModelSerializer):
    """A figure with its unit and limits; ``alarm`` is the status word it raises. Below ``valid_min`` or above
    ``valid_max`` it cannot be: such readings are kept as bad.
    """

    class Meta:
        model = ProfileMetric
        fields = [
            "metric", "label", "unit", "high", "low", "clear", "critical", "critical_severity", "alarm", "valid_min",
            "valid_max", "relative_to_baseline",
        ]  # fmt: skip
        read_only_fields = fields


class ProfileCommandSerializer(serializers.ModelSerializer):
    """A command its devices understand; ``parameters`` is the JSON Schema of what goes with it."""

    parameters = serializers.DictField()

    class Meta:
        model = ProfileCommand
        fields = ["name", "label", "parameters"]
        read_only_fields = fields


class DeviceProfileSerializer(serializers.ModelSerializer):
    """A version of a type of device; categories and ``scene`` are codes, ``reporting_interval`` and ``chatter_window``
    seconds, ``chatter_shelf`` minutes. Without ``most_per_minute``: five times the usual, at least 60.
    """

    state_label = serializers.CharField(source="get_state_display")
    category = serializers.CharField(source="category.code")
    scene = serializers.CharField(source="scene.code", default=None, allow_null=True)
    chatter_category = serializers.CharField(source="chatter_category.code", default=None, allow_null=True)
    statuses = ProfileStatusSerializer(many=True)
    metrics = ProfileMetricSerializer(many=True)
    commands = ProfileCommandSerializer(many=True)

    class Meta:
        model = DeviceProfile
        fields = [
            "code", "version", "state", "state_label", "published_at", "name", "category", "scene", "case_source",
            "reporting_interval", "claim_distance", "most_per_minute", "chatter_count",
            "chatter_window", "chatter_shelf", "chatter_category", "statuses", "metrics", "commands",
        ]  # fmt: skip
        read_only_fields = fields


class ProfileFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=ProfileState.choices, label=_("Without it: the versions in force."))
    scene = CodeFilter("scene__code", model=Scene, label=_("Code of a scene."))

    class Meta(CodedFilterSet.Meta):
        model = DeviceProfile

    def filter_queryset(self, queryset):
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.in_force()


VERSION = [OpenApiParameter("version", int, description=_("Another version than that in force."))]


@extend_schema(tags=["devices"])
class DeviceProfileViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Types of devices: the versions in force, or those of ``state``; in the order they were made."""

    queryset = DeviceProfile.objects.with_rules()
    serializer_class = DeviceProfileSerializer
    filterset_class = ProfileFilters
    pagination_class = OldestFirst
    permission_classes = [*ScopedViewSet.permission_classes, IsStaff]
    lookup_field = "code"
    lookup_value_regex = "[a-z][a-z0-9_]{0,39}"

    @extend_schema(parameters=VERSION, filters=False)
    def retrieve(self, request, *args, **kwargs):
        """One profile: the version in force, or the one asked for."""
        return super().retrieve(request, *args, **kwargs)

    def get_object(self):
        rows, version = self.get_queryset().filter(code=self.kwargs["code"]), self.request.query_params.get("version")
        if version is None:
            rows = rows.in_force()
        elif version.isdecimal() and len(version) < 5:
            rows = rows.filter(version=version)
        else:
            raise ValidationError({"version": [_("A whole number is needed.")]}, "invalid")
        found = rows.first()
        if found is None:
            raise NotFound
        self.check_object_permissions(self.request, found)
        return found

    @extend_schema(request=ProfileInput, responses={201: DeviceProfileSerializer})
    @idempotent
    def create(self, request):
        """Enter a new type of devices: a draft until it is published."""
        given = self._given(ProfileInput)
        values, parts = given.split()
        made = profile_add(actor=request.user, parts=parts, **values)
        return Response(self._told(made), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=VERSION, request=ProfileChangeInput, responses=DeviceProfileSerializer, filters=False)
    @idempotent
    def partial_update(self, request, code):
        """Change a draft (`version`), or of the version in force what does not judge: name, category, scene, distance.

        Anything else of a version that is no draft is a conflict (409): begin a draft.
        """
        profile, given = self.get_object(), self._given(ProfileChangeInput)
        values, parts = given.split()
        return Response(self._told(profile_change(profile, actor=request.user, parts=parts, **values)))

    @extend_schema(responses=DeviceProfileSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def versions(self, request, code):
        """All versions of a profile, the newest last."""
        rows = self.paginate_queryset(self.get_queryset().filter(code=code))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(request=None, responses={201: DeviceProfileSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def draft(self, request, code):
        """Begin a draft: a copy of the version in force, which goes on as it is. One in work already is a 409."""
        made = profile_draft(self.get_object(), actor=request.user)
        return Response(self._told(made), status=status.HTTP_201_CREATED)

    @extend_schema(request=ProfileTryInput, responses={201: ProfileTrialSerializer})
    @action(detail=True, methods=["post"], url_path="draft/try")
    @idempotent
    def try_out(self, request, code):
        """Run the draft over past readings of its devices. No alarm is touched."""
        given = self._given(ProfileTryInput)
        trial = profile_try(self._draft(), actor=request.user, **given.validated_data)
        return Response(self._trial(trial), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=VERSION, responses=ProfileTrialSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def trial(self, request, code):
        """The newest trial of a version (`version`); without one it is not there (404)."""
        trial = newest_trial(self.get_object())
        if trial is None:
            raise NotFound
        return Response(self._trial(trial))

    @extend_schema(request=ProfilePublishInput, responses=DeviceProfileSerializer)
    @action(detail=True, methods=["post"], url_path="draft/publish")
    @idempotent
    def publish(self, request, code):
        """Put the draft in force: the version before it retires, its devices follow the new one."""
        given = self._given(ProfilePublishInput)
        return Response(self._told(profile_publish(self._draft(), actor=request.user, **given.validated_data)))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="draft/discard")
    @idempotent
    def discard(self, request, code):
        """Throw the draft away with its trials."""
        profile_discard(self._draft(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _draft(self) -> DeviceProfile:
        """Return the draft of the profile; 404 where none is in work."""
        found = self.get_queryset().filter(code=self.kwargs["code"], state=ProfileState.DRAFT).first()
        if found is None:
            raise NotFound
        return found

    def _given(self, input_class):
        given = input_class(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return given

    def _told(self, profile: DeviceProfile) -> dict:
        return self.get_serializer(DeviceProfile.objects.with_rules().get(pk=profile.pk)).data

    def _trial(self, trial) -> dict:
        return ProfileTrialSerializer(trial, context=self.get_serializer_context()).data
