"""REST door of shared costs for people who work here: books, periods, payments, income, funds, disclosures."""

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from governance.api.filters import CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import NewestFirst, OldestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.models import Estate
from property.api import costs_serializers as shapes
from property.costs.books import books_open
from property.costs.looks import arrears_of, knows_households
from property.costs.statements import shown_figures
from property.models import (
    Charge,
    CostPeriod,
    Disclosure,
    DisclosureKind,
    EstateBooks,
    FundEntry,
    IncomeEntry,
    MaintenanceFund,
    Payment,
)

NUMBER = "[0-9]{1,18}"


class MadeMixin(TransitionsMixin):
    """Answers a transition with the object as it is now, and with the key of the row it made (``made``)."""

    lookup_value_regex = NUMBER

    def answer_with(self, obj) -> dict:
        fresh = self.get_queryset().get(pk=obj.pk)
        fresh.made = getattr(obj, "made", None)
        return self.get_serializer(fresh).data

    def retrieve(self, request, pk):
        """One of them."""
        return Response(self.get_serializer(self.get_object()).data)


class EstateFilters(CodedFilterSet):
    estate = CodeFilter("books__estate__code", model=Estate, label=_("Code of an estate."))


class BooksFilters(CodedFilterSet):
    estate = CodeFilter("estate__code", model=Estate, label=_("Code of an estate."))

    class Meta(CodedFilterSet.Meta):
        model = EstateBooks


@extend_schema(tags=["shared costs"])
class EstateBooksViewSet(MadeMixin, mixins.ListModelMixin, ScopedViewSet):
    """Books of estates; entries are transitions of them (`pay`, `earn`, `open_period` ...)."""

    queryset = EstateBooks.objects.with_rows().with_balances()
    serializer_class = shapes.BooksSerializer
    filterset_class = BooksFilters
    pagination_class = OldestFirst

    @extend_schema(request=shapes.BooksInput, responses={201: shapes.BooksSerializer})
    @idempotent
    def create(self, request):
        """Open the books of an estate."""
        given = shapes.BooksInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        books = books_open(actor=request.user, **given.validated_data)
        return Response(self.answer_with(books), status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.ArrearsSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def arrears(self, request, pk):
        """Households that have not paid in time, the largest debts first; for who collects only."""
        books = self.get_object()
        if not knows_households(books, request.user):
            raise PermissionDenied
        return Response(shapes.ArrearsSerializer(arrears_of(books, timezone.localdate()), many=True).data)


@extend_schema(tags=["shared costs"])
class MaintenanceFundViewSet(MadeMixin, mixins.ListModelMixin, ScopedViewSet):
    """Maintenance funds; an estate without one has none here."""

    queryset = MaintenanceFund.objects.with_rows().with_balance()
    serializer_class = shapes.FundSerializer
    filterset_class = EstateFilters
    pagination_class = OldestFirst


class FundLineFilters(CodedFilterSet):
    estate = CodeFilter("fund__books__estate__code", model=Estate, label=_("Code of an estate."))


@extend_schema(tags=["shared costs"])
class FundEntryViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Lines of maintenance funds, newest first."""

    queryset = FundEntry.objects.select_related("fund__books__estate")
    serializer_class = shapes.FundEntrySerializer
    filterset_class = FundLineFilters
    pagination_class = NewestFirst


class PeriodFilters(EstateFilters):
    state = filters.ChoiceFilter(choices=CostPeriod._meta.get_field("state").choices)

    class Meta(CodedFilterSet.Meta):
        model = CostPeriod


@extend_schema(tags=["shared costs"])
class CostPeriodViewSet(MadeMixin, mixins.ListModelMixin, ScopedViewSet):
    """Cost periods; a new one is made by the transition `open_period` of the books."""

    queryset = CostPeriod.objects.with_rows().prefetch_related("lines", "shares", "parts")
    serializer_class = shapes.CostPeriodSerializer
    filterset_class = PeriodFilters
    pagination_class = NewestFirst

    @extend_schema(responses=shapes.StatementSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def statement(self, request, pk):
        """The statement: as disclosed, or as it stands now."""
        period = self.get_object()
        return Response(shapes.StatementSerializer(shown_figures(period)).data)


class PaymentFilters(EstateFilters):
    dwelling = filters.CharFilter("dwelling__code", max_length=60, label=_("Code of a dwelling."))

    class Meta(CodedFilterSet.Meta):
        model = Payment


@extend_schema(tags=["shared costs"])
class PaymentViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Payments of households, refunds and reversals, newest first."""

    queryset = Payment.objects.select_related(
        "books__estate", "dwelling", "account__dwelling", "reverses__books__estate"
    )
    serializer_class = shapes.PaymentSerializer
    filterset_class = PaymentFilters
    pagination_class = NewestFirst


class ChargeFilters(CodedFilterSet):
    estate = CodeFilter("period__books__estate__code", model=Estate, label=_("Code of an estate."))
    dwelling = filters.CharFilter("dwelling__code", max_length=60, label=_("Code of a dwelling."))

    class Meta(CodedFilterSet.Meta):
        model = Charge


@extend_schema(tags=["shared costs"])
class ChargeViewSet(mixins.ListModelMixin, ScopedViewSet):
    """What dwellings are charged for cost periods, corrections as rows of their own."""

    queryset = Charge.objects.select_related("period__books__estate", "dwelling")
    serializer_class = shapes.ChargeSerializer
    filterset_class = ChargeFilters
    pagination_class = OldestFirst


@extend_schema(tags=["shared costs"])
class IncomeViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Lines of public income, newest first."""

    queryset = IncomeEntry.objects.select_related("books__estate")
    serializer_class = shapes.IncomeSerializer
    filterset_class = EstateFilters
    pagination_class = NewestFirst


class DisclosureFilters(EstateFilters):
    kind = filters.ChoiceFilter(choices=DisclosureKind.choices)
    overdue = YesNoFilter(method="late", label=_("Should hang out already."))

    class Meta(CodedFilterSet.Meta):
        model = Disclosure

    def late(self, queryset, name, value):
        late = queryset.overdue(timezone.localdate())
        return late if value else queryset.exclude(pk__in=late.values("pk"))


@extend_schema(tags=["shared costs"])
class DisclosureViewSet(MadeMixin, mixins.ListModelMixin, ScopedViewSet):
    """What must be published about funds and public income, newest first."""

    queryset = Disclosure.objects.with_rows().select_related("books__fund")
    serializer_class = shapes.DisclosureSerializer
    filterset_class = DisclosureFilters
    pagination_class = NewestFirst
