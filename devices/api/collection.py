"""REST door of bins: when each will be full, what is emptied today on what way, ticked on the way."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from devices.api.filters import DeviceFilters
from devices.bins.days import current_q
from devices.bins.forecast import Bin, bins_of
from devices.bins.rounds import run_plan, stop_empty, stop_untick, stops_told
from devices.models import CollectionRound, CollectionRun, CollectionStop, Device, StopReason
from governance.api.idempotency import idempotent
from governance.api.venue_inputs import CodedField
from governance.api.views import ScopedViewSet
from governance.errors import Invalid

MOST_BINS = 1000
MOST_ROUNDS = 20


class BinSerializer(serializers.Serializer):
    """A bin. ``level`` is a share (null: nothing good heard for two days; ``bad``: the newest reading cannot be,
    it is that of the newest good one); ``full_at`` and ``overflow_at`` are forecasts (null:
    not within 14 days, or not ``known``: with less than 72 ``hours`` watched there is none).
    """

    device = serializers.CharField(source="device.code")
    name = serializers.CharField(source="device.name")
    area = serializers.CharField(source="device.area.code")
    unit = serializers.CharField(source="device.unit.code")
    level = serializers.FloatField(allow_null=True)
    level_at = serializers.DateTimeField(allow_null=True)
    bad = serializers.BooleanField()
    limit = serializers.FloatField()
    overflow = serializers.FloatField()
    known = serializers.BooleanField()
    hours = serializers.FloatField()
    per_day = serializers.FloatField()
    full_at = serializers.DateTimeField(allow_null=True)
    overflow_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(many=False)
class BinsSerializer(serializers.Serializer):
    """``total`` bins, the first 1,000 of which are in ``results``: full ones first, then as they will be."""

    total = serializers.IntegerField()
    results = BinSerializer(many=True)


@extend_schema(tags=["devices"])
class BinViewSet(ScopedViewSet):
    """Bins the caller may see, with when each will be full."""

    queryset = Device.objects.all()
    serializer_class = BinsSerializer
    filterset_class = DeviceFilters
    pagination_class = None

    @extend_schema(responses=BinsSerializer)
    def list(self, request):
        """Bins in service; devices that do not report how full they are are left out."""
        found: list[Bin] = bins_of(self.filter_queryset(self.get_queryset()))
        return Response(BinsSerializer({"total": len(found), "results": found[:MOST_BINS]}).data)


class RouteInput(serializers.Serializer):
    """Which rounds: of ``day`` (default: those of today, and those of last night that are under way still), of one
    ``round``."""

    day = serializers.DateField(required=False)
    round = serializers.CharField(required=False, max_length=30, help_text=_("Code of a collection round."))


class CollectionPlanInput(serializers.Serializer):
    """Which round."""

    round = CodedField(queryset=CollectionRound.objects.select_related("area", "unit"))


class CollectionStopSerializer(serializers.Serializer):
    """A bin on the way. ``state``: ``open``, ``ticked`` (no reading since), ``proved`` or ``doubtful`` by its next
    readings, the lowest of which is ``proof``; ``level`` and ``full_at`` are what was known when it was planned.
    """

    id = serializers.IntegerField(source="stop.pk")
    position = serializers.IntegerField(source="stop.position")
    trip = serializers.IntegerField(source="stop.trip")
    device = serializers.CharField(source="stop.device.code")
    name = serializers.CharField(source="stop.device.name")
    address = serializers.CharField(source="stop.device.address")
    longitude = serializers.FloatField(source="stop.device.longitude")
    latitude = serializers.FloatField(source="stop.device.latitude")
    reason = serializers.ChoiceField(StopReason.choices, source="stop.reason")
    level = serializers.FloatField(source="stop.level")
    full_at = serializers.DateTimeField(source="stop.full_at", allow_null=True)
    state = serializers.ChoiceField(["open", "ticked", "proved", "doubtful"])
    emptied_at = serializers.DateTimeField(source="stop.emptied_at", allow_null=True)
    proof = serializers.FloatField(allow_null=True)
    now = serializers.FloatField(allow_null=True)


class CollectionRouteSerializer(serializers.Serializer):
    """A round as planned for a day; ``metres`` are straight lines times ``detour``, all trips with unloading.
    ``left_out``: how many bins were due beyond what a round holds.
    """

    round = serializers.CharField(source="run.round.code")
    name = serializers.CharField(source="run.round.name")
    unit = serializers.CharField(source="run.round.unit.code")
    day = serializers.DateField(source="run.day")
    planned_at = serializers.DateTimeField(source="run.planned_at")
    depot = serializers.CharField(source="run.round.depot")
    longitude = serializers.FloatField(source="run.round.longitude")
    latitude = serializers.FloatField(source="run.round.latitude")
    capacity = serializers.IntegerField(source="run.round.capacity")
    detour = serializers.FloatField(source="run.round.detour")
    metres = serializers.IntegerField(source="run.metres")
    trips = serializers.IntegerField(source="run.trips")
    left_out = serializers.IntegerField(source="run.left_out")
    stops = CollectionStopSerializer(many=True)


@extend_schema_serializer(many=False)
class CollectionRoutesSerializer(serializers.Serializer):
    results = CollectionRouteSerializer(many=True)


@extend_schema(tags=["devices"])
class CollectionRouteViewSet(ScopedViewSet):
    """What is emptied on a day, in the order of the way."""

    queryset = CollectionRun.objects.all()
    serializer_class = CollectionRoutesSerializer
    pagination_class = None
    filter_backends = []
    free_actions = ("plan",)

    @extend_schema(parameters=[RouteInput], responses=CollectionRoutesSerializer)
    def list(self, request):
        """Rounds of a day that the caller may see, at most 20, each with its bins."""
        given = RouteInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        day = asked.get("day")
        rows = self.get_queryset().filter(Q(day=day) if day else current_q(timezone.now())).with_rows()
        if code := asked.get("round"):
            if not CollectionRound.objects.visible_to(request.user).filter(code=code).exists():
                raise Invalid(_("There is no such collection round."), field="round", code="does_not_exist")
            rows = rows.filter(round__code=code)
        runs = list(rows.order_by("day", "round__code")[:MOST_ROUNDS])
        told = zip(runs, stops_told(runs), strict=True)
        body = {"results": [{"run": run, "stops": stops} for run, stops in told]}
        return Response(CollectionRoutesSerializer(body).data)

    @extend_schema(request=CollectionPlanInput, responses=CollectionRouteSerializer)
    @action(detail=False, methods=["post"])
    @idempotent
    def plan(self, request):
        """Plan the round of today (after midnight that of last night, while it is under way), or plan it anew.

        What was ticked stays, the rest of the way is looked for again.
        """
        given = CollectionPlanInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        made = run_plan(given.validated_data["round"], actor=request.user)
        run = CollectionRun.objects.with_rows().get(pk=made.pk)
        return Response(CollectionRouteSerializer({"run": run, "stops": stops_told([run])[0]}).data)


@extend_schema(tags=["devices"])
class CollectionStopViewSet(ScopedViewSet):
    """Bins on the rounds that the caller may see."""

    queryset = CollectionStop.objects.all()
    serializer_class = CollectionStopSerializer
    lookup_value_regex = r"[0-9]{1,18}"
    free_actions = ("empty", "untick")

    @extend_schema(request=None, responses=CollectionStopSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def empty(self, request, pk):
        """Say that a bin was emptied; its next readings prove it.

        Ticked already is a conflict (409), and so is a round that is over: its day, and 12 hours since its start.
        """
        return self._told(stop_empty(self.get_object(), actor=request.user))

    @extend_schema(request=None, responses=CollectionStopSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def untick(self, request, pk):
        """Say that a bin was ticked by mistake. Not ticked is a conflict (409)."""
        return self._told(stop_untick(self.get_object(), actor=request.user))

    def _told(self, stop: CollectionStop) -> Response:
        (told,) = stops_told([stop.run])
        return Response(CollectionStopSerializer(next(one for one in told if one.stop.pk == stop.pk)).data)
