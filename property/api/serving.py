"""REST door of service lists for people at work: the lists, what was done by them, the month in figures."""

from datetime import date

import django_filters as filters
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.fields import empty
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter
from governance.api.idempotency import idempotent
from governance.api.registry.serializers import EvidenceFileSerializer, files_json
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.attachments import attachments_of
from governance.models import Estate, OrgUnit, UnitKind
from governance.workflow import available
from property.models import (
    ListState,
    PartyOrganisation,
    RecordState,
    ServiceItem,
    ServiceList,
    ServiceRecord,
)
from property.serving.fulfilment import all_together, fulfilment_of
from property.serving.lists import service_list_draft
from property.serving.querysets import PUBLIC


class CodedRowField(serializers.CharField):
    """The code of a row among ``rows(user)``, cleaned to the row."""

    default_error_messages = {"does_not_exist": _("There is no such row in your area.")}

    def __init__(self, rows, **options):
        self.rows = rows
        super().__init__(max_length=30, **options)

    def run_validation(self, data=empty):
        code = super().run_validation(data)
        found = self.rows(self.context["request"].user).filter(code=code).first()
        if found is None:
            self.fail("does_not_exist")
        return found


class MonthField(serializers.RegexField):
    """A month such as 2026-11, cleaned to its first day."""

    def __init__(self, **options):
        super().__init__(r"^20[0-9]{2}-(0[1-9]|1[0-2])$", **options)

    def run_validation(self, data=empty):
        month = super().run_validation(data)
        return date.fromisoformat(f"{month}-01")


class ServiceItemSerializer(serializers.ModelSerializer):
    """An item; ``rule_text`` says how often in words."""

    group_label = serializers.CharField(source="get_group_display")
    field_label = serializers.CharField(source="get_field_display")
    rule_text = serializers.CharField()

    class Meta:
        model = ServiceItem
        fields = ["id", "code", "name", "group", "group_label", "field", "field_label", "standard", "rule", "rule_text",
                  "starts", "ends", "performer", "check_method", "needs_photo"]  # fmt: skip
        read_only_fields = fields


class ServiceListSerializer(serializers.ModelSerializer):
    state_label = serializers.CharField(source="get_state_display")
    estate = serializers.CharField(source="estate.code")
    estate_name = serializers.CharField(source="estate.name")
    company = serializers.CharField(source="company.code")
    company_name = serializers.CharField(source="company.name")
    organisation = serializers.CharField(source="organisation.code")
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = ServiceList
        fields = ["id", "estate", "estate_name", "edition", "state", "state_label", "company", "company_name",
                  "organisation", "party_agreed_at", "company_agreed_at", "published_on", "replaced_on", "version",
                  "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, one) -> list[str]:
        return [step.name for step in available(one, self.context["request"].user)]


class ServiceListDetailSerializer(ServiceListSerializer):
    items = ServiceItemSerializer(many=True)

    class Meta(ServiceListSerializer.Meta):
        fields = [*ServiceListSerializer.Meta.fields, "items"]
        read_only_fields = fields


class DraftInput(serializers.Serializer):
    """For which estate, agreed with whom; all by code."""

    estate = CodedRowField(lambda user: Estate.objects.visible_to(user))
    organisation = CodedRowField(lambda user: PartyOrganisation.objects.visible_to(user))
    company = CodedRowField(lambda user: OrgUnit.objects.visible_to(user).filter(kind=UnitKind.PROPERTY_COMPANY))


class ItemMonthSerializer(serializers.Serializer):
    """``share``: kept ÷ (kept + missed) in percent, cut to one digit; null where nothing was due yet."""

    item = ServiceItemSerializer()
    kept = serializers.IntegerField()
    checked = serializers.IntegerField()
    missed = serializers.IntegerField()
    excused = serializers.IntegerField()
    planned = serializers.IntegerField()
    cases = serializers.IntegerField()
    share = serializers.SerializerMethodField()
    ratings = serializers.IntegerField()
    stars = serializers.FloatField(allow_null=True)

    def get_share(self, row) -> float | None:
        return percent(row.share)


def percent(share) -> float | None:
    """Return a share in percent, cut to one digit."""
    return None if share is None else share.numerator * 1000 // share.denominator / 10


class MonthSerializer(serializers.Serializer):
    """How an estate's list was kept in a month."""

    estate = serializers.CharField()
    month = serializers.CharField()
    share = serializers.FloatField(allow_null=True)
    items = ItemMonthSerializer(many=True)


class MonthInput(serializers.Serializer):
    estate = CodedRowField(lambda user: Estate.objects.visible_to(user))
    month = MonthField()


def month_told(estate: Estate, month: date) -> dict:
    """Return the body of an answer about a month."""
    rows = fulfilment_of(estate, month)
    return {"estate": estate.code, "month": f"{month:%Y-%m}", "share": percent(all_together(rows)), "items": rows}


class ListFilters(CodedFilterSet):
    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    state = filters.MultipleChoiceFilter(choices=ListState.choices)

    class Meta(CodedFilterSet.Meta):
        model = ServiceList


@extend_schema(tags=["services"])
class ServiceListViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Service lists of the caller's estates, newest first."""

    queryset = ServiceList.objects.with_rows().prefetch_related(
        Prefetch("items", ServiceItem.objects.order_by("group", "position", "pk"))
    )
    serializer_class = ServiceListSerializer
    filterset_class = ListFilters
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, one: ServiceList) -> dict:
        """Return the JSON of a list the caller has just moved on, loaded anew."""
        return ServiceListDetailSerializer(self.queryset.get(pk=one.pk), context={"request": self.request}).data

    @extend_schema(responses=ServiceListDetailSerializer)
    def retrieve(self, request, pk):
        """One list with its items."""
        return Response(ServiceListDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=DraftInput, responses={201: ServiceListDetailSerializer})
    @idempotent
    def create(self, request):
        """Begin the next edition for an estate, with the items of the list that holds."""
        given = DraftInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        made = service_list_draft(actor=request.user, **given.validated_data)
        return Response(self.answer_with(made), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[MonthInput], responses=MonthSerializer)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def month(self, request):
        """How an estate's list was kept in a month, item by item."""
        given = MonthInput(data=request.query_params, context={"request": request})
        given.is_valid(raise_exception=True)
        estate = given.validated_data["estate"]
        lists = ServiceList.objects.visible_to(request.user).filter(estate=estate, state__in=PUBLIC)
        if not lists.exists():
            raise serializers.ValidationError({"estate": [_("No list of this estate is yours to see.")]}, "not_visible")
        return Response(MonthSerializer(month_told(estate, given.validated_data["month"])).data)


class RecordSerializer(serializers.ModelSerializer):
    """An occurrence; ``case`` is the number of the case opened when it was missed."""

    state_label = serializers.CharField(source="get_state_display")
    estate = serializers.CharField(source="estate.code")
    item = serializers.CharField(source="item.code")
    item_name = serializers.CharField(source="item.name")
    company = serializers.CharField(source="company.code")
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = ServiceRecord
        fields = ["id", "estate", "item", "item_name", "date", "starts_at", "ends_at", "state", "state_label",
                  "company", "done_at", "case", "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, one) -> list[str]:
        return [step.name for step in available(one, self.context["request"].user)]


class RecordDetailSerializer(RecordSerializer):
    files = serializers.SerializerMethodField()

    class Meta(RecordSerializer.Meta):
        fields = [*RecordSerializer.Meta.fields, "files"]
        read_only_fields = fields

    def get_files(self, one) -> EvidenceFileSerializer(many=True):
        return files_json(attachments_of(one))


class RecordFilters(CodedFilterSet):
    """``day_from`` and ``day_to`` are both included."""

    area = AreaFilter()
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))
    company = CodeFilter("company__code", model=OrgUnit, label=_("Code of the property company."))
    state = filters.MultipleChoiceFilter(choices=RecordState.choices)
    day_from = filters.DateFilter("date", "gte")
    day_to = filters.DateFilter("date", "lte")

    class Meta(CodedFilterSet.Meta):
        model = ServiceRecord


@extend_schema(tags=["services"])
class ServiceRecordViewSet(TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """What was to be done on which day, newest first. ``complete`` takes photos (multipart)."""

    queryset = ServiceRecord.objects.with_rows().select_related("item__service_list")
    serializer_class = RecordSerializer
    filterset_class = RecordFilters
    lookup_value_regex = "[0-9]{1,18}"

    def answer_with(self, one: ServiceRecord) -> dict:
        """Return the JSON of an occurrence the caller has just moved on, loaded anew."""
        return RecordDetailSerializer(self.queryset.get(pk=one.pk), context={"request": self.request}).data

    @extend_schema(responses=RecordDetailSerializer)
    def retrieve(self, request, pk):
        """One occurrence with its photos."""
        return Response(RecordDetailSerializer(self.get_object(), context={"request": request}).data)
