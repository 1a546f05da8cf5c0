"""REST door of venues and bookings. Every list starts from ``visible_to``; every write is a service."""

import django_filters as filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, MomentFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.transitions import TransitionsMixin
from governance.api.venue_inputs import BookingInput, EndSeriesInput, SeriesInput, SpanInput
from governance.api.views import ScopedViewSet
from governance.booking_workflow import BookingState
from governance.bookings import Timetable, booking_make, series_cancel, series_make
from governance.bookings.hours import booking_span, local_day, merged
from governance.models import Booking, BookingSeries, OrgUnit, Venue
from governance.models.venue import SeriesKind
from governance.workflow import available


class HoursSerializer(serializers.Serializer):
    """``weekday`` 0 is Monday; ``closes`` 00:00 is midnight. Local time."""

    weekday = serializers.IntegerField()
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M")


class ClosureSerializer(serializers.Serializer):
    """Days without opening, both included."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    reason = serializers.CharField()


class VenueSerializer(serializers.ModelSerializer):
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    hours = HoursSerializer(many=True)
    closures = ClosureSerializer(many=True)

    class Meta:
        model = Venue
        fields = [
            "code", "name", "area", "area_name", "unit", "unit_name", "address", "capacity", "open_on_holidays",
            "is_active", "hours", "closures",
        ]  # fmt: skip
        read_only_fields = fields


class SpanSerializer(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class FreeSerializer(serializers.Serializer):
    """When a venue can be booked and when it is taken; never by whom."""

    venue = serializers.CharField()
    free = SpanSerializer(many=True)
    busy = SpanSerializer(many=True)


class BookingSerializer(serializers.ModelSerializer):
    """``transitions``: what the caller may do now."""

    venue = serializers.CharField(source="venue.code")
    venue_name = serializers.CharField(source="venue.name")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    state = serializers.ChoiceField(BookingState.choices)
    state_label = serializers.CharField(source="get_state_display")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    unit_name = serializers.CharField(source="unit.name", default=None, allow_null=True)
    booked_by_name = serializers.CharField(source="booked_by.get_full_name")
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Booking
        fields = [
            "id", "venue", "venue_name", "starts_at", "ends_at", "title", "attendance", "state", "state_label", "unit",
            "unit_name", "booked_by_name", "series", "purpose_type", "purpose_id", "made_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, booking) -> list[str]:
        return [step.name for step in available(booking, self.context["request"].user)]


class SeriesSerializer(serializers.ModelSerializer):
    venue = serializers.CharField(source="venue.code")
    kind = serializers.ChoiceField(SeriesKind.choices)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    rule = serializers.CharField(source="rule_text")

    class Meta:
        model = BookingSeries
        fields = [
            "id", "venue", "title", "kind", "weekdays", "nth", "interval", "first_day", "until", "count", "starts",
            "ends", "skipped", "unit", "rule", "made_at",
        ]  # fmt: skip
        read_only_fields = fields


class ClashSerializer(serializers.Serializer):
    """A date that was left out, and why."""

    day = serializers.DateField()
    why = serializers.CharField()


class SeriesMadeSerializer(serializers.Serializer):
    series = SeriesSerializer()
    bookings = BookingSerializer(many=True)
    skipped = ClashSerializer(many=True)


class VenueFilters(CodedFilterSet):
    area = AreaFilter()
    unit = CodeFilter("unit__code", model=OrgUnit, label=gettext_lazy("Code of the unit that runs it."))
    active = YesNoFilter("is_active")
    text = filters.CharFilter(method="holding_text", label=gettext_lazy("Part of the name or code."))

    class Meta(CodedFilterSet.Meta):
        model = Venue

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(name__icontains=value) | Q(code__startswith=value))


class BookingFilters(CodedFilterSet):
    venue = CodeFilter("venue__code", model=Venue, label=gettext_lazy("Code of a venue."))
    area = AreaFilter()
    unit = CodeFilter("unit__code", model=OrgUnit, label=gettext_lazy("Code of the unit it is booked for."))
    state = filters.ChoiceFilter(choices=BookingState.choices)
    start = MomentFilter(method="ending_after", label=gettext_lazy("Those that end after this moment."))
    end = MomentFilter(method="starting_before", label=gettext_lazy("Those that begin before it."))
    mine = YesNoFilter(method="by_caller", label=gettext_lazy("Booked by the caller, or not."))

    class Meta(CodedFilterSet.Meta):
        model = Booking

    def ending_after(self, queryset, name, value):
        return queryset.filter(period__endswith__gt=value)

    def starting_before(self, queryset, name, value):
        return queryset.filter(period__startswith__lt=value)

    def by_caller(self, queryset, name, value):
        return queryset.filter(booked_by=self.request.user) if value else queryset.exclude(booked_by=self.request.user)


@extend_schema(tags=["venues"])
class VenueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Venues: staff see those that serve their area or that their unit runs, residents all that are in use."""

    permission_classes = [IsAuthenticated]
    queryset = Venue.objects.all()
    serializer_class = VenueSerializer
    filterset_class = VenueFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9_-]{1,30}"

    def get_queryset(self):
        return super().get_queryset().with_times()  # for each request: it knows which closures are to come

    @extend_schema(parameters=[SpanInput], responses=FreeSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def free(self, request, code):
        """When the venue can be booked, from `from` (default now) to `to` (default a week later, at most 62 days)."""
        venue = self.get_object()
        given = SpanInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        start, end = given.span()
        table = Timetable.of(venue, local_day(start), local_day(end))
        now = timezone.now()
        free = table.free_between(max(start, now), end) if end > now else []
        busy = merged(booking_span(row) for row in table.booked if row.starts_at < end and start < row.ends_at)
        return Response(
            FreeSerializer(
                {
                    "venue": venue.code,
                    "free": [{"start": begin, "end": stop} for begin, stop in free],
                    "busy": [{"start": begin, "end": stop} for begin, stop in busy],
                }
            ).data
        )


@extend_schema(tags=["venues"])
class BookingViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Bookings the caller may see, newest first; anything else is 404."""

    queryset = Booking.objects.with_rows()
    serializer_class = BookingSerializer
    filterset_class = BookingFilters
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, booking: Booking) -> dict:
        """Return the JSON of a booking just moved or cancelled, loaded anew."""
        return self.get_serializer(self.queryset.get(pk=booking.pk)).data

    @extend_schema(request=BookingInput, responses={201: BookingSerializer})
    @idempotent
    def create(self, request):
        """Book a venue. 409 `overlap` tells from when to when it is taken."""
        given = BookingInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        booking = booking_make(actor=request.user, **given.validated_data)
        return Response(self.answer_with(booking), status=status.HTTP_201_CREATED)


@extend_schema(tags=["venues"])
class SeriesViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Series of bookings the caller may see, newest first."""

    queryset = BookingSeries.objects.select_related("venue", "unit")
    serializer_class = SeriesSerializer
    free_actions = ("cancel",)
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=SeriesInput, responses={201: SeriesMadeSerializer})
    @idempotent
    def create(self, request):
        """Book by a rule. With `clashes` `refuse`, 409 `clashes` names every date that cannot be booked."""
        given = SeriesInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = series_make(actor=request.user, **given.arguments())
        rows = Booking.objects.with_rows().filter(series=made.series).order_by("period")
        body = {"series": made.series, "bookings": rows, "skipped": made.skipped}
        data = SeriesMadeSerializer(body, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EndSeriesInput, responses=BookingSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    @idempotent
    def cancel(self, request, pk):
        """Cancel the bookings from a day on; answers with them."""
        series = self.get_object()
        given = EndSeriesInput(data=request.data)
        given.is_valid(raise_exception=True)
        ended = series_cancel(series, actor=request.user, **given.validated_data)
        rows = Booking.objects.with_rows().filter(pk__in=[row.pk for row in ended]).order_by("period")
        return Response(BookingSerializer(rows, many=True, context=self.get_serializer_context()).data)
