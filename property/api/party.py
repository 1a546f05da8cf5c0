"""REST door of party organisations: the four levels, their members, who sits in which body, what is missing."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, YesNoFilter
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode, OldestFirst
from governance.api.registry.serializers import EvidenceFileSerializer, files_json
from governance.api.views import ScopedViewSet
from governance.attachments import attachments_of
from governance.configuration import configuration_save
from governance.models import Estate, OrgUnit
from property.api import party_inputs as inputs
from property.models import (
    CrossAppointment,
    CrossDirection,
    HouseholdCare,
    PartyLevel,
    PartyMembership,
    PartyOrganisation,
    PartyPost,
)
from property.party.gaps import gaps_of
from property.party.services import cross_appointment_save, household_care_set
from property.party.tree import Tree, estates_of, tree_of


class OrganisationSerializer(serializers.ModelSerializer):
    """``building`` as ``GZY/3``: estate and number. ``secretaries``: names of who is in force."""

    level_label = serializers.CharField(source="get_level_display")
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)
    area = serializers.CharField(source="area.code")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    building = serializers.SerializerMethodField()
    dwelling = serializers.CharField(source="dwelling.code", default=None, allow_null=True)
    secretaries = serializers.SerializerMethodField()
    members = serializers.IntegerField(source="members_count")

    class Meta:
        model = PartyOrganisation
        fields = ["code", "name", "level", "level_label", "parent", "area", "estate", "building", "dwelling",
                  "secretaries", "members", "is_active"]  # fmt: skip
        read_only_fields = fields

    def get_building(self, one) -> str | None:
        return f"{one.building.estate.code}/{one.building.number}" if one.building_id else None

    def get_secretaries(self, one) -> list[str]:
        return [str(row.person) for row in one.secretaries]


class OfficerSerializer(serializers.Serializer):
    """Somebody who holds a post today."""

    name = serializers.CharField(source="person.get_full_name")
    post = serializers.ChoiceField(PartyPost.choices)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class StaffedSerializer(serializers.Serializer):
    """An organisation with its posts; ``secretary_vacant`` says that nobody leads it."""

    code = serializers.CharField(source="organisation.code")
    name = serializers.CharField(source="organisation.name")
    officers = OfficerSerializer(many=True)
    full_members = serializers.IntegerField(source="full")
    on_probation = serializers.IntegerField(source="probation")
    secretary_vacant = serializers.SerializerMethodField()

    def get_secretary_vacant(self, one) -> bool:
        return one.secretary is None


class HouseholdSerializer(serializers.Serializer):
    code = serializers.CharField(source="staffed.organisation.code")
    name = serializers.CharField(source="staffed.organisation.name")
    dwellings = serializers.ListField(child=serializers.CharField(), source="codes")


class TreeBuildingSerializer(serializers.Serializer):
    """``uncovered``: codes of dwellings without a centre household."""

    number = serializers.CharField(source="building.number")
    group = StaffedSerializer(allow_null=True)
    households = HouseholdSerializer(many=True)
    dwellings = serializers.IntegerField()
    uncovered = serializers.SerializerMethodField()

    def get_uncovered(self, row) -> list[str]:
        return [dwelling.code for dwelling in row.uncovered]


class TreeEstateSerializer(serializers.Serializer):
    estate = serializers.CharField(source="estate.code")
    name = serializers.CharField(source="estate.name")
    branch = StaffedSerializer(allow_null=True)
    buildings = serializers.IntegerField()
    groups = serializers.IntegerField()
    households = serializers.IntegerField()


class TreeSerializer(serializers.Serializer):
    """The tree of a committee; ``buildings`` are those of ``estate``."""

    committee = StaffedSerializer()
    estates = TreeEstateSerializer(many=True)
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    buildings = TreeBuildingSerializer(many=True, source="rows")


class GapSerializer(serializers.Serializer):
    """One thing that is missing."""

    kind = serializers.ChoiceField(["vacant", "too_small", "no_committee", "seat_missing", "runs_out"])
    text = serializers.CharField()


class TreeInput(serializers.Serializer):
    estate = serializers.CharField(
        required=False, max_length=30, help_text=_("Code of the estate whose dwellings are shown.")
    )


class OrganisationFilters(CodedFilterSet):
    area = AreaFilter()
    level = filters.ChoiceFilter(choices=PartyLevel.choices)
    parent = CodeFilter("parent__code", model=PartyOrganisation, label=_("Code of the parent organisation."))
    active = YesNoFilter("is_active", label=_("In use."))

    class Meta(CodedFilterSet.Meta):
        model = PartyOrganisation


class KeptRows:
    """Entering and changing rows of a viewset as the admin does it: one service, the same refusals.

    The viewset says how a row is saved in ``save_row(row, changed, given)``.
    """

    def save_row(self, row, changed: list[str], given: dict) -> None:
        """Save a row whose fields ``changed`` were set."""
        configuration_save(row, actor=self.request.user, changed=changed)

    def _checked(self, input_class) -> dict:
        given = input_class(data=self.request.data, context={"request": self.request})
        given.is_valid(raise_exception=True)
        return given.validated_data

    def enter(self, input_class) -> Response:
        """Enter a new row and answer with it."""
        return self._saved(self.queryset.model(), self._checked(input_class), status.HTTP_201_CREATED)

    def amend(self, input_class) -> Response:
        """Change a row the caller sees, and answer with it as it is then."""
        return self._saved(self.get_object(), self._checked(input_class), status.HTTP_200_OK)

    def _saved(self, row, given: dict, code: int) -> Response:
        values = {name: value for name, value in given.items() if name != "documents"}
        for name, value in values.items():
            setattr(row, name, value)
        self.save_row(row, sorted(values), given)
        return Response(self.get_serializer(self.answered_of(self.queryset).get(pk=row.pk)).data, status=code)

    def answered_of(self, rows):
        """Return rows with what an answer tells of each; for each request, where it is of today."""
        return rows


class CareSerializer(serializers.Serializer):
    """Codes of the dwellings a centre household looks after, beside its own."""

    dwellings = serializers.ListField(child=serializers.CharField())


@extend_schema(tags=["party"])
class OrganisationViewSet(KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Party organisations of the areas the caller works in, by code. Taken out of use with `is_active`."""

    queryset = PartyOrganisation.objects.with_place()
    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[^/\x00]{1,30}"

    def get_queryset(self):
        return self.answered_of(super().get_queryset())

    def answered_of(self, rows):
        return rows.with_figures()

    def _committee(self) -> PartyOrganisation:
        found = self.get_object()
        if found.level != PartyLevel.COMMITTEE:
            raise ValidationError({"code": [_("Only a committee has a tree of its own.")]}, "wrong_level")
        return found

    @extend_schema(request=inputs.OrganisationInput, responses={201: OrganisationSerializer})
    @idempotent
    def create(self, request):
        """Enter an organisation with the place of its level, exactly one level below its parent."""
        return self.enter(inputs.OrganisationInput)

    @extend_schema(request=inputs.OrganisationChangeInput, responses=OrganisationSerializer)
    def partial_update(self, request, code):
        """Change an organisation, or take it out of use."""
        return self.amend(inputs.OrganisationChangeInput)

    @extend_schema(responses=CareSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def dwellings(self, request, code):
        """The dwellings a centre household looks after."""
        rows = HouseholdCare.objects.filter(household=self.get_object())
        return Response({"dwellings": sorted(rows.values_list("dwelling__code", flat=True))})

    @extend_schema(request=inputs.CareInput, responses=CareSerializer)
    @dwellings.mapping.put
    def set_dwellings(self, request, code):
        """Say which dwellings a centre household looks after: all of them; what is left out is given up."""
        household_care_set(self.get_object(), actor=request.user, **self._checked(inputs.CareInput))
        return self.dwellings(request, code)

    @extend_schema(parameters=[TreeInput], responses=TreeSerializer)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def tree(self, request, code):
        """The four levels below a committee, with the buildings and households of one estate."""
        committee, given = self._committee(), TreeInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        estate = _estate_of(given.validated_data.get("estate"), committee, request.user)
        return Response(TreeSerializer(_with_codes(tree_of(committee, user=request.user, estate=estate))).data)

    @extend_schema(responses=GapSerializer(many=True))
    @action(detail=True, filterset_class=None, pagination_class=None)
    def gaps(self, request, code):
        """What is missing below a committee: vacant posts, terms that end soon, seats nobody has taken."""
        return Response(GapSerializer(gaps_of(self._committee(), user=request.user), many=True).data)


def _estate_of(code: str | None, committee: PartyOrganisation, user) -> Estate | None:
    if not code:
        return None
    found = estates_of(committee, user).filter(code=code).first()
    if found is None:
        raise ValidationError({"estate": [_("There is no such estate in your area.")]}, "does_not_exist")
    return found


def _with_codes(tree: Tree) -> Tree:
    for row in tree.rows:
        for household in row.households:
            household.codes = [dwelling.code for dwelling in household.dwellings]
    return tree


class TermFilters(CodedFilterSet):
    in_force = YesNoFilter(method="that_hold", label=_("Hold today."))

    def that_hold(self, queryset, name, value):
        today = queryset.model.objects.in_force().values("pk")
        return queryset.filter(pk__in=today) if value else queryset.exclude(pk__in=today)


class MembershipFilters(TermFilters):
    area = AreaFilter("organisation__area__path")
    organisation = CodeFilter("organisation__code", model=PartyOrganisation, label=_("Code of an organisation."))
    post = filters.ChoiceFilter(choices=PartyPost.choices)

    class Meta(CodedFilterSet.Meta):
        model = PartyMembership


class MembershipSerializer(serializers.ModelSerializer):
    organisation = serializers.CharField(source="organisation.code")
    person = serializers.CharField(source="person.get_full_name")
    post_label = serializers.CharField(source="get_post_display")

    class Meta:
        model = PartyMembership
        fields = ["id", "organisation", "person", "post", "post_label", "is_full", "valid_from", "valid_to"]
        read_only_fields = fields


@extend_schema(tags=["party"])
class MembershipViewSet(KeptRows, mixins.ListModelMixin, ScopedViewSet):
    """Members and posts, for those who look after the organisations. A term is ended by its last day."""

    queryset = PartyMembership.objects.with_rows()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilters
    pagination_class = OldestFirst
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=inputs.MembershipInput, responses={201: MembershipSerializer})
    @idempotent
    def create(self, request):
        """Enter somebody's place in an organisation."""
        return self.enter(inputs.MembershipInput)

    @extend_schema(request=inputs.MembershipChangeInput, responses=MembershipSerializer)
    def partial_update(self, request, pk):
        """End a term by its last day, or note a full member."""
        return self.amend(inputs.MembershipChangeInput)


class CrossFilters(TermFilters):
    area = AreaFilter("organisation__area__path")
    direction = filters.ChoiceFilter(choices=CrossDirection.choices)
    unit = CodeFilter("unit__code", model=OrgUnit, label=_("Code of the body."))

    class Meta(CodedFilterSet.Meta):
        model = CrossAppointment


class CrossAppointmentSerializer(serializers.ModelSerializer):
    organisation = serializers.CharField(source="organisation.code")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    person = serializers.CharField(source="person.get_full_name")
    procedure_label = serializers.CharField(source="get_procedure_display")

    class Meta:
        model = CrossAppointment
        fields = ["id", "direction", "organisation", "unit", "unit_name", "person", "seat", "held_post", "procedure",
                  "procedure_label", "decided_on", "document_number", "valid_from", "valid_to"]  # fmt: skip
        read_only_fields = fields


class CrossAppointmentDetailSerializer(CrossAppointmentSerializer):
    documents = serializers.SerializerMethodField()

    class Meta(CrossAppointmentSerializer.Meta):
        fields = [*CrossAppointmentSerializer.Meta.fields, "documents"]
        read_only_fields = fields

    def get_documents(self, row) -> EvidenceFileSerializer(many=True):
        return files_json(attachments_of(row))


@extend_schema(tags=["party"])
class CrossAppointmentViewSet(KeptRows, mixins.ListModelMixin, ScopedViewSet):
    """Who sits in whose body, by which procedure and document, for which term."""

    queryset = CrossAppointment.objects.with_rows()
    serializer_class = CrossAppointmentSerializer
    filterset_class = CrossFilters
    pagination_class = OldestFirst
    lookup_value_regex = "[0-9]{1,18}"

    def save_row(self, row, changed, given):
        cross_appointment_save(row, actor=self.request.user, changed=changed, documents=given.get("documents", ()))

    @extend_schema(request=inputs.CrossAppointmentInput, responses={201: CrossAppointmentSerializer})
    @idempotent
    def create(self, request):
        """Enter a cross-appointment with its document (multipart)."""
        return self.enter(inputs.CrossAppointmentInput)

    @extend_schema(request=inputs.CrossAppointmentEndInput, responses=CrossAppointmentSerializer)
    def partial_update(self, request, pk):
        """End a cross-appointment earlier."""
        return self.amend(inputs.CrossAppointmentEndInput)

    @extend_schema(responses=CrossAppointmentDetailSerializer)
    def retrieve(self, request, pk):
        """One cross-appointment with its documents."""
        return Response(CrossAppointmentDetailSerializer(self.get_object()).data)
