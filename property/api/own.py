"""REST door for residents: their own estates, the service list that holds, how it is kept, and their ratings."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.fields import PhotosField
from governance.api.idempotency import idempotent
from governance.api.registry.inputs import DwellingCodeField
from governance.api.registry.serializers import EvidenceFileSerializer, files_json
from governance.api.throttling import SharedThrottle
from governance.api.views import ApiView
from governance.models import Dwelling
from property.api.serving import ItemMonthSerializer, MonthField, month_told
from property.models import Parcel, ServiceItem, ServiceRating, ServiceRecord
from property.residents import dwellings_of, estates_of
from property.serving.photos import files_of
from property.serving.ratings import rating_give
from property.serving.repairs import repair_ask

RECORDS_SHOWN = 50


class OwnEstateSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class OwnMonthInput(serializers.Serializer):
    month = MonthField(required=False)


class OwnItemSerializer(ItemMonthSerializer):
    """``own_stars``: what the caller gave in this month."""

    own_stars = serializers.SerializerMethodField()

    def get_own_stars(self, row) -> int | None:
        return self.context["own"].get(row.item.pk)


class OwnMonthSerializer(serializers.Serializer):
    estate = serializers.CharField()
    month = serializers.CharField()
    share = serializers.FloatField(allow_null=True)
    items = OwnItemSerializer(many=True)


class OwnRecordSerializer(serializers.ModelSerializer):
    """An occurrence as residents see it, with its photos."""

    item = serializers.CharField(source="item.code")
    item_name = serializers.CharField(source="item.name")
    state_label = serializers.CharField(source="get_state_display")
    files = serializers.SerializerMethodField()

    class Meta:
        model = ServiceRecord
        fields = ["id", "item", "item_name", "date", "state", "state_label", "done_at", "files"]
        read_only_fields = fields

    def get_files(self, one) -> EvidenceFileSerializer(many=True):
        return files_json(self.context["files"].get(one.pk, ()))


class ServiceRatingInput(serializers.Serializer):
    stars = serializers.IntegerField(min_value=1, max_value=5)
    words = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class RatingSerializer(serializers.ModelSerializer):
    item = serializers.CharField(source="item.code")

    class Meta:
        model = ServiceRating
        fields = ["item", "month", "stars", "words"]
        read_only_fields = fields


class OwnView(ApiView):
    """Base: what belongs to an estate in which the caller lives or owns a dwelling; any other is 404."""

    permission_classes = [IsAuthenticated]

    def estate(self, code: str):
        """Return the estate, or raise NotFound."""
        found = estates_of(self.request.user).filter(code=code).first()
        if found is None:
            raise NotFound
        return found


@extend_schema(tags=["own"])
class OwnEstatesView(OwnView):
    """The estates in which the caller lives or owns a dwelling."""

    @extend_schema(responses=OwnEstateSerializer(many=True))
    def get(self, request):
        return Response(OwnEstateSerializer(estates_of(request.user), many=True).data)


@extend_schema(tags=["own"])
class OwnServicesView(OwnView):
    """The service list of an own estate, how it was kept in a month, and what the caller gave it."""

    @extend_schema(parameters=[OwnMonthInput], responses=OwnMonthSerializer)
    def get(self, request, code):
        given = OwnMonthInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        month = given.validated_data.get("month") or timezone.localdate().replace(day=1)
        told = month_told(self.estate(code), month)
        rows = ServiceRating.objects.filter(person=request.user, month=month)
        own = dict(rows.values_list("item_id", "stars"))
        return Response(OwnMonthSerializer(told, context={"own": own}).data)


@extend_schema(tags=["own"])
class OwnRecordsView(OwnView):
    """The last 50 occurrences of an own estate whose time has come, newest first, with photos."""

    @extend_schema(responses=OwnRecordSerializer(many=True))
    def get(self, request, code):
        rows = ServiceRecord.objects.visible_to(request.user).filter(
            estate=self.estate(code), ends_at__lte=timezone.now()
        )
        found = list(rows.with_rows().order_by("-ends_at", "-pk")[:RECORDS_SHOWN])
        return Response(OwnRecordSerializer(found, many=True, context={"files": files_of(found)}).data)


@extend_schema(tags=["own"])
class OwnRatingView(OwnView):
    """Rate an item of the list that holds: once a month; a second rating takes the place of the first."""

    @extend_schema(request=ServiceRatingInput, responses={201: RatingSerializer})
    @idempotent
    def post(self, request, item_id):
        given = ServiceRatingInput(data=request.data)
        given.is_valid(raise_exception=True)
        item = (
            ServiceItem.objects.visible_to(request.user)
            .filter(pk=item_id, service_list__estate__in=estates_of(request.user))
            .first()
        )
        if item is None:
            raise NotFound
        rating = rating_give(item, actor=request.user, **given.validated_data)
        return Response(RatingSerializer(rating).data, status=status.HTTP_201_CREATED)


class OwnParcelSerializer(serializers.ModelSerializer):
    """A parcel for where the caller lives, with the code that is said when collecting it."""

    dwelling = serializers.CharField(source="dwelling.code")
    state_label = serializers.CharField(source="get_state_display")

    class Meta:
        model = Parcel
        fields = ["id", "dwelling", "carrier", "tracking", "shelf", "code", "state", "state_label", "received_at"]
        read_only_fields = fields


@extend_schema(tags=["own"])
class OwnParcelsView(OwnView):
    """Parcels that wait for the caller's household, newest first."""

    @extend_schema(responses=OwnParcelSerializer(many=True))
    def get(self, request):
        rows = Parcel.objects.of_household(request.user).waiting()
        return Response(OwnParcelSerializer(rows.with_rows().order_by("-pk")[:RECORDS_SHOWN], many=True).data)


class RepairInput(serializers.Serializer):
    """Photos as multipart files."""

    dwelling = DwellingCodeField(rows=lambda user: Dwelling.objects.filter(dwellings_of(user)).with_address())
    description = serializers.CharField(max_length=2000)
    photos = PhotosField(images_only=True)


class RepairSerializer(serializers.Serializer):
    """``unit``: who has it, null while it waits. Followed under ``me/reports/``."""

    number = serializers.CharField()
    state = serializers.CharField()
    unit = serializers.CharField(source="lead_unit.name", default=None, allow_null=True)


@extend_schema(tags=["own"])
class OwnRepairsView(OwnView):
    """Ask for a repair at an own dwelling: a case for the company that looks after the estate."""

    throttle_scope = "registry-claim"

    def get_throttles(self):
        return [SharedThrottle()]

    @extend_schema(request=RepairInput, responses={201: RepairSerializer})
    @idempotent
    def post(self, request):
        given = RepairInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        case = repair_ask(actor=request.user, **given.validated_data)
        return Response(RepairSerializer(case).data, status=status.HTTP_201_CREATED)
