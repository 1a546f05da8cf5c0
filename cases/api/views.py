"""REST door of cases for staff and machines. Every list starts from ``visible_to``; every write is a service."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from cases.api import filters, serializers
from cases.api.inputs import CaseInput
from cases.api.review import ProposalsMixin
from cases.duplicates import likely_duplicates
from cases.models import Case, CaseCategory, FilingStandard
from cases.services import REPORTS, case_report
from cases.timeline import timeline_of
from governance.api.idempotency import idempotent
from governance.api.paging import OldestFirst
from governance.api.transitions import TransitionsMixin
from governance.api.views import ReferenceViewSet, ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Role
from governance.scoping import grant_for
from governance.transactions import atomically

# Everybody may report as a resident, through the public door; who runs an assembly opens cases from its items. This
# door is for people at work on cases, in their area.
ELSEWHERE = (Role.RESIDENT, Role.SYSTEM, Role.ORGANISER, Role.PARTY_SECRETARY)
AT_WORK = {role: relation for role, relation in REPORTS.items() if role not in ELSEWHERE}


@extend_schema(tags=["cases"])
class CaseViewSet(ProposalsMixin, TransitionsMixin, mixins.ListModelMixin, ScopedViewSet):
    """Cases the caller may see, newest first; anything else is 404."""

    queryset = Case.objects.with_rows().defer("area__boundary")
    serializer_class = serializers.CaseSerializer
    filterset_class = filters.CaseFilters
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z0-9-]{1,20}"
    free_actions = ("transition", "accept_proposal")

    def answer_with(self, case: Case) -> dict:
        """Return the JSON of a case the caller has just moved on, loaded anew; it may have left their sight by that."""
        return self.get_serializer(self.queryset.get(pk=case.pk)).data

    @extend_schema(request=CaseInput, responses={201: serializers.CaseSerializer})
    @idempotent
    def create(self, request):
        """Open a case in state `reported`. Who may state which source depends on the role; the place must lie in the
        caller's area.
        """
        given = CaseInput(data=request.data)
        given.is_valid(raise_exception=True)
        with atomically():
            case = case_report(actor=request.user, **given.validated_data)
            if grant_for(AT_WORK, case, request.user) is None:
                raise NotPermitted(_("You may not report cases in this area."))
        return Response(self.get_serializer(case).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=serializers.CaseDetailSerializer)
    def retrieve(self, request, number):
        """One case with its reporters (masked where the caller's work does not need them), photos and dispatches."""
        rows = self.filter_queryset(self.get_queryset()).select_related("parent", "merged_into")
        case = get_object_or_404(rows, number=number)
        return Response(serializers.CaseDetailSerializer(case, context={"request": request}).data)

    @extend_schema(responses=serializers.LikenessSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=None)
    def duplicates(self, request, number):
        """Open cases that this one likely repeats, the likeliest first; merge with the transition `merge`."""
        found = likely_duplicates(self.get_object(), request.user)
        return Response(serializers.LikenessSerializer(found, many=True).data)

    @extend_schema(responses=serializers.TimelineEntrySerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=None)
    def timeline(self, request, number):
        """Everything that happened to the case, oldest first."""
        return Response(timeline_of(self.get_object()))


@extend_schema(tags=["reference"])
class CategoryViewSet(ReferenceViewSet):
    """What can be reported: classes and sub-classes."""

    queryset = CaseCategory.objects.select_related("parent")
    serializer_class = serializers.CategorySerializer
    filterset_class = filters.CategoryFilters
    pagination_class = OldestFirst


@extend_schema(tags=["reference"])
class StandardViewSet(ReferenceViewSet):
    """Filing standards: who must do what about which condition, within which limit."""

    queryset = FilingStandard.objects.select_related("category").prefetch_related("units__unit")
    serializer_class = serializers.StandardSerializer
    filterset_class = filters.StandardFilters
    pagination_class = OldestFirst
