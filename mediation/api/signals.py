"""REST doors of signals: brought in by staff or, with a key, by their source; read by the mediators of the place."""

import json

import django_filters as filters
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from cases.intake.receiving import LARGEST, storable
from governance.api.authentication import KeyAuthentication
from governance.api.fields import AreaCodeField, RowByCode
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.parsers import BoundedJSONParser
from governance.api.throttling import SharedThrottle
from governance.api.views import ApiView, ScopedViewSet
from governance.models import User
from mediation.api.hazard_serializers import HazardSerializer
from mediation.api.hazards import area_named
from mediation.api.kept import KeptRows
from mediation.api.numbers import NumberFilter
from mediation.api.signal_keys import KeysOfSource
from mediation.models import DisputeType, Hazard, Signal, SignalChannel, SignalSource
from mediation.prevention.keys import SignalCredential, signal_source_of
from mediation.prevention.reading import signal_read
from mediation.prevention.receiving import Outcome, Received, records_receive
from mediation.prevention.signals import signal_area_set, signal_report, signal_type_set

MAX_RECORDS = 500


class SignalAuthentication(KeyAuthentication):
    """``Authorization: Signals <key>``; the request's user is then a ``SignalCredential``."""

    scheme = "Signals"

    def recognised(self, secret):
        source = signal_source_of(secret)
        return source and SignalCredential(source)


class SignalScheme(OpenApiAuthenticationExtension):
    target_class = SignalAuthentication
    name = "signalKey"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Signals <key>`; an administrator makes one on the page of the source, or at `keys/`.",
        }


class IsSignalSource(BasePermission):
    """The request came with the key of a source of signals."""

    def has_permission(self, request, view):
        return isinstance(request.user, SignalCredential)


class SignalErrorSerializer(serializers.Serializer):
    """What is wrong with a record; ``field`` is one of ours."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class RecordResultSerializer(serializers.Serializer):
    """What became of one record. ``new``: an event; ``duplicate``: stored, repeats an event of the last 30 days (a
    source is told of its own records only); ``repeated``: brought in before; ``rejected``: not stored."""

    status = serializers.ChoiceField(Outcome.choices)
    external_id = serializers.CharField()
    signal = serializers.CharField(allow_null=True)
    duplicate_of = serializers.CharField(allow_null=True)
    errors = SignalErrorSerializer(many=True)


class RecordsResultSerializer(serializers.Serializer):
    """What became of the records, in their order."""

    results = RecordResultSerializer(many=True)


def _told(one: Received) -> dict:
    return {
        "status": one.status, "external_id": one.external_id, "signal": one.signal and one.signal.number,
        "duplicate_of": one.event and one.event.number, "errors": list(one.errors),
    }  # fmt: skip


def _records(data) -> list:
    """Return the records of a body. Raises ValidationError."""
    if not isinstance(data, dict) or not isinstance(data.get("records"), list):
        raise ValidationError({"records": [_("An object with a list “records” is needed.")]}, "required")
    records = data["records"]
    if not 1 <= len(records) <= MAX_RECORDS:
        raise ValidationError({"records": [_("1 to 500 records in one request.")]}, "max_length")
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise ValidationError({f"records.{index}": [_("An object is needed.")]}, "not_an_object")
        if len(json.dumps(record, ensure_ascii=False).encode()) > LARGEST:
            raise ValidationError({f"records.{index}": [_("A message has at most 64 KB.")]}, "max_length")
    return storable(records)


@extend_schema(tags=["mediation"])
class SignalIntakeView(ApiView):
    authentication_classes = [SignalAuthentication]
    permission_classes = [IsSignalSource]
    parser_classes = [BoundedJSONParser]
    throttle_classes = [SharedThrottle]
    throttle_scope = "intake"

    @extend_schema(request=OpenApiTypes.OBJECT, responses={202: RecordsResultSerializer})
    def post(self, request, code):
        """Send `{"records": [...]}`, 1 to 500 objects.

        They are read by the saved mapping of the source; each is judged by itself.
        """
        source = request.user.source
        if source.code != code:
            raise PermissionDenied(_("This key belongs to another source."), "other_source")
        received = records_receive(_records(request.data), actor=User.objects.system("intake"), source=source)
        return Response({"results": [_told(one) for one in received]}, status=status.HTTP_202_ACCEPTED)


class DisputeSignalSerializer(serializers.ModelSerializer):
    """A signal. ``duplicate_of``: the number of the event it repeats; such a one is not counted."""

    number = serializers.CharField()
    channel = serializers.ChoiceField(SignalChannel.choices)
    channel_label = serializers.CharField(source="get_channel_display")
    source = serializers.CharField(source="source.code", default=None, allow_null=True)
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    type = serializers.CharField(source="type.code", default=None, allow_null=True)
    type_name = serializers.CharField(source="type.name", default=None, allow_null=True)
    duplicate_of = serializers.CharField(source="duplicate_of.number", default=None, allow_null=True)
    hazard = serializers.CharField(source="hazard.number", default=None, allow_null=True)
    batch = serializers.CharField(source="batch.number", default=None, allow_null=True)

    class Meta:
        model = Signal
        fields = ["id", "number", "channel", "channel_label", "source", "external_id", "area", "area_name", "place",
                  "longitude", "latitude", "type", "type_name", "type_guessed", "event_date", "received_at", "text",
                  "duplicate_of", "hazard", "batch", "imported_at"]  # fmt: skip
        read_only_fields = fields


class ListedSignalSerializer(DisputeSignalSerializer):
    """The masked row of a signal: in lists, which write no reading down, and for who does not work on the dispute it
    led to. `text`, `place`, the position and the number there are left out once it led to one."""

    def to_representation(self, signal) -> dict:
        told = super().to_representation(signal)
        if signal.disputed:
            told |= {"text": "", "place": "", "longitude": None, "latitude": None, "external_id": ""}
        return told


class SignalsInput(serializers.Serializer):
    """Records in our own fields (``channel`` in each), or those of a ``source`` by its saved mapping."""

    source = RowByCode(queryset=SignalSource.objects.filter(is_active=True), default=None, allow_null=True)
    records = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MAX_RECORDS)


class SignalReportInput(serializers.Serializer):
    """Where the hazard is (needed where the signal knows no community), and its words (default: the signal's)."""

    area = AreaCodeField(default=None)
    words = serializers.CharField(max_length=2000, default="", allow_blank=True)


class SignalTypeInput(serializers.Serializer):
    """The type put right; null: no dispute."""

    type = RowByCode(queryset=DisputeType.objects.filter(is_active=True), allow_null=True)


class SignalAreaInput(serializers.Serializer):
    """The area put right: the code of a community, a grid or a township."""

    area = AreaCodeField()


class SignalFilters(CodedFilterSet):
    """``counted``: true: events only, false: what repeats one. ``placed``: whether the community is known. ``day_from``
    and ``day_to`` are both included."""

    channel = filters.MultipleChoiceFilter(choices=SignalChannel.choices)
    type = CodeFilter("type__code", model=DisputeType, label=gettext_lazy("Code of a dispute type."))
    number = NumberFilter("mediation.signal")
    area = AreaFilter()
    day_from = filters.DateFilter("event_date", "gte")
    day_to = filters.DateFilter("event_date", "lte")
    counted = YesNoFilter("duplicate_of", "isnull")
    batch = filters.NumberFilter("batch_id", label=gettext_lazy("Id of what it was brought in with."))
    placed = YesNoFilter(method="of_place", label=gettext_lazy("Whether the community is known."))

    class Meta(CodedFilterSet.Meta):
        model = Signal

    def of_place(self, queryset, name, value):
        return queryset.placed(value)


@extend_schema(tags=["mediation"])
class SignalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Signals the caller may see, newest first.

    Lists show no words of one that led to a dispute; who works on the dispute reads them, which is recorded.
    """

    queryset = Signal.objects.with_rows()
    serializer_class = ListedSignalSerializer
    filterset_class = SignalFilters
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("report", "type", "area")

    @extend_schema(responses=DisputeSignalSerializer)
    def retrieve(self, request, pk):
        """One signal with its words.

        Where it led to a dispute, they are told to who works on that one, and recorded as read.
        """
        return Response(self._read(self.get_object()))

    def _read(self, signal: Signal) -> dict:
        whole = signal_read(signal, user=self.request.user)
        kind = DisputeSignalSerializer if whole else ListedSignalSerializer
        return kind(signal, context=self.get_serializer_context()).data

    @extend_schema(request=SignalsInput, responses={201: RecordsResultSerializer})
    @idempotent
    def create(self, request):
        """Bring in records, each judged by itself."""
        records = _records(request.data)
        given = SignalsInput(data=request.data)
        given.is_valid(raise_exception=True)
        source = given.validated_data["source"]
        if source is not None and not SignalSource.objects.is_visible(source, request.user):
            raise ValidationError({"source": [_("There is no such source in use.")]}, "does_not_exist")
        received = records_receive(records, actor=request.user, source=source)
        return Response({"results": [_told(one) for one in received]}, status=status.HTTP_201_CREATED)

    @extend_schema(request=SignalReportInput, responses={201: HazardSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def report(self, request, pk):
        """Report what a signal tells as a hazard."""
        signal = self.get_object()
        given = SignalReportInput(data=request.data)
        given.is_valid(raise_exception=True)
        area, words = area_named(given.validated_data["area"]), given.validated_data["words"]
        hazard = signal_report(signal, actor=request.user, area=area, words=words)
        fresh = Hazard.objects.with_rows().get(pk=hazard.pk)
        context = self.get_serializer_context()
        return Response(HazardSerializer(fresh, context=context).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SignalTypeInput, responses=DisputeSignalSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def type(self, request, pk):
        """Put the type of a signal right, and of what repeats it."""
        signal = self.get_object()
        given = SignalTypeInput(data=request.data)
        given.is_valid(raise_exception=True)
        fresh = signal_type_set(signal, actor=request.user, type=given.validated_data["type"])
        return Response(self._read(fresh))

    @extend_schema(request=SignalAreaInput, responses=DisputeSignalSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def area(self, request, pk):
        """Put the area of a signal right, and of what repeats it."""
        signal = self.get_object()
        given = SignalAreaInput(data=request.data)
        given.is_valid(raise_exception=True)
        fresh = signal_area_set(signal, actor=request.user, area=area_named(given.validated_data["area"]))
        return Response(self._read(fresh))


class SignalSourceSerializer(serializers.ModelSerializer):
    """Where signals come from; ``mapping``: what its columns or messages mean."""

    channel = serializers.ChoiceField(SignalChannel.choices)
    area = serializers.CharField(source="area.code")

    class Meta:
        model = SignalSource
        fields = ["code", "name", "channel", "area", "mapping", "is_active"]
        read_only_fields = fields


class SignalSourceInput(serializers.ModelSerializer):
    """A source of signals; ``mapping`` (an object): what its columns or messages mean."""

    area = AreaCodeField()
    mapping = serializers.DictField(required=False)

    class Meta:
        model = SignalSource
        fields = ["code", "name", "channel", "area", "mapping", "is_active"]

    def validate_mapping(self, value):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:  # half a character, which no text of the database holds
            raise ValidationError(_("This text holds a character that cannot be stored."), "invalid") from error
        return storable(value)


class SignalSourceAmendInput(SignalSourceInput):
    """What of a source is changed; its code stays."""

    class Meta(SignalSourceInput.Meta):
        fields = ["name", "channel", "area", "mapping", "is_active"]


@extend_schema(tags=["mediation"])
class SignalSourceViewSet(KeysOfSource, KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Sources of signals the caller may use, with their saved mappings, and their keys."""

    queryset = SignalSource.objects.select_related("area").defer("area__boundary")
    serializer_class = SignalSourceSerializer
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[a-z0-9][a-z0-9_-]{0,29}"
    free_actions = ("transition", "keys", "revoke_key")

    @extend_schema(request=SignalSourceInput, responses={201: SignalSourceSerializer})
    @idempotent
    def create(self, request):
        """Enter a source of signals (administrators, in their area)."""
        return self.enter(SignalSourceInput)

    @extend_schema(request=SignalSourceAmendInput, responses=SignalSourceSerializer)
    def partial_update(self, request, code):
        """Change a source, its mapping, or take it out of use; its code stays (administrators, in their area)."""
        return self.amend(SignalSourceAmendInput)
