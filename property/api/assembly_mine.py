"""REST door of the assembly for residents: sessions of the own place, topics, published minutes, signing in."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.paging import ByCode, NewestFirst
from governance.api.views import ApiView
from property.api.assembly_serializers import SignInCodeInput, TopicInput
from property.assembly.attendance import session_sign_in
from property.assembly.public import session_told, topic_told, topics_told
from property.assembly.topics import topic_propose, topic_second
from property.models import AgendaItem, AgendaState, Assembly, AssemblySession, SeatRole, SessionState, TopicSource


class OwnAssemblySerializer(serializers.ModelSerializer):
    """An assembly of the own place."""

    rule_text = serializers.CharField()

    class Meta:
        model = Assembly
        fields = ["code", "name", "rule_text"]
        read_only_fields = fields


class ToldItemSerializer(serializers.Serializer):
    """A follow-up item as residents read it."""

    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    unit = serializers.CharField()
    due_on = serializers.DateField()
    overdue = serializers.BooleanField()
    case = serializers.CharField(allow_null=True)
    case_state_label = serializers.CharField()


class AgendaLineSerializer(serializers.Serializer):
    """A line of an agenda; ``outcome``, ``resolution`` and ``items`` once the minutes are published."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    source = serializers.ChoiceField(TopicSource.choices)
    source_label = serializers.CharField()
    on_notice = serializers.BooleanField()
    outcome = serializers.CharField()
    resolution = serializers.CharField()
    items = ToldItemSerializer(many=True)


class OwnSessionSerializer(serializers.Serializer):
    """A session as residents read it: the agenda from the notice on, the minutes once they are published."""

    id = serializers.IntegerField()
    assembly = serializers.CharField()
    assembly_name = serializers.CharField()
    month = serializers.CharField()
    state = serializers.ChoiceField(SessionState.choices)
    state_label = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    agenda = AgendaLineSerializer(many=True)
    minutes = serializers.CharField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)


class SessionLineSerializer(serializers.ModelSerializer):
    """A session as the list shows it."""

    assembly = serializers.CharField(source="assembly.code")
    assembly_name = serializers.CharField(source="assembly.name")
    state = serializers.ChoiceField(SessionState.choices)
    state_label = serializers.CharField(source="get_state_display")
    place = serializers.CharField(source="place_text")

    class Meta:
        model = AssemblySession
        fields = ["id", "assembly", "assembly_name", "month", "state", "state_label", "starts_at", "ends_at", "place"]
        read_only_fields = fields


class OwnTopicSerializer(serializers.Serializer):
    """A topic as residents read it; ``own``: put forward by the caller, who alone reads ``answer``."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    state = serializers.ChoiceField(AgendaState.choices)
    state_label = serializers.CharField()
    source = serializers.ChoiceField(TopicSource.choices)
    source_label = serializers.CharField()
    assembly = serializers.CharField()
    assembly_name = serializers.CharField()
    own = serializers.BooleanField()
    seconds = serializers.IntegerField()
    seconded = serializers.BooleanField()
    may_second = serializers.BooleanField()
    may_withdraw = serializers.BooleanField()
    answer = serializers.CharField()
    session = serializers.IntegerField(allow_null=True)
    session_label = serializers.CharField()
    outcome = serializers.CharField()
    resolution = serializers.CharField()
    items = ToldItemSerializer(many=True)
    proposed_at = serializers.DateTimeField()


class SignedInThereSerializer(serializers.Serializer):
    """As whom the caller sits in which session."""

    session = serializers.IntegerField()
    role = serializers.ChoiceField(SeatRole.choices)
    signed_in_at = serializers.DateTimeField()


class OfResidents(ApiView):
    """Base: for anybody signed in; what is shown is what their home lies in."""

    permission_classes = [IsAuthenticated]


@extend_schema(tags=["me"])
class OwnAssembliesView(OfResidents):
    pagination_class = ByCode
    serializer_class = OwnAssemblySerializer

    @extend_schema(responses=OwnAssemblySerializer(many=True))
    def get(self, request):
        """The assemblies of the places in which the caller lives or owns, by code."""
        paginator = ByCode()
        rows = paginator.paginate_queryset(Assembly.objects.of_residents(request.user), request, view=self)
        return paginator.get_paginated_response(OwnAssemblySerializer(rows, many=True).data)


@extend_schema(tags=["me"])
class OwnSessionsView(OfResidents):
    pagination_class = NewestFirst
    serializer_class = SessionLineSerializer

    @extend_schema(responses=SessionLineSerializer(many=True))
    def get(self, request):
        """Sessions of the own place, newest first; drafts are left out."""
        paginator = NewestFirst()
        rows = AssemblySession.objects.of_residents(request.user).select_related("assembly", "venue")
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(SessionLineSerializer(page, many=True).data)


@extend_schema(tags=["me"])
class OwnSessionView(OfResidents):
    @extend_schema(responses=OwnSessionSerializer)
    def get(self, request, pk):
        """One session of the own place."""
        rows = AssemblySession.objects.of_residents(request.user).select_related("assembly", "venue")
        session = rows.filter(pk=pk).first()
        if session is None:
            raise Http404
        return Response(OwnSessionSerializer(session_told(session)).data)


@extend_schema(tags=["me"])
class OwnTopicsView(OfResidents):
    pagination_class = NewestFirst
    serializer_class = OwnTopicSerializer

    @extend_schema(responses=OwnTopicSerializer(many=True))
    def get(self, request):
        """The own topics and those of the place, newest first."""
        paginator = NewestFirst()
        rows = AgendaItem.objects.of_residents(request.user).with_rows()
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(OwnTopicSerializer(topics_told(page, request.user), many=True).data)

    @extend_schema(request=TopicInput, responses={201: OwnTopicSerializer})
    @idempotent
    def post(self, request):
        """Put a topic forward."""
        given = TopicInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        assembly = Assembly.objects.of_residents(request.user).filter(code=data.pop("assembly")).first()
        if assembly is None:
            raise Http404
        made = topic_propose(actor=request.user, assembly=assembly, **data)
        return Response(_topic(made.pk, request.user), status=status.HTTP_201_CREATED)


def _topic(pk: int, user) -> dict:
    topic = AgendaItem.objects.of_residents(user).with_rows().get(pk=pk)
    return OwnTopicSerializer(topic_told(topic, user)).data


@extend_schema(tags=["me"])
class SecondView(OfResidents):
    @extend_schema(request=None, responses=OwnTopicSerializer)
    def post(self, request, pk):
        """Second a neighbour's topic; again changes nothing."""
        topic = AgendaItem.objects.of_residents(request.user).filter(pk=pk).first()
        if topic is None:
            raise Http404
        topic_second(topic, actor=request.user)
        return Response(_topic(pk, request.user))


@extend_schema(tags=["me"])
class SignInView(OfResidents):
    @extend_schema(request=SignInCodeInput, responses=SignedInThereSerializer)
    def post(self, request):
        """Sign in to a session by the code shown in the room."""
        given = SignInCodeInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = session_sign_in(actor=request.user, **given.validated_data)
        told = {"session": row.session_id, "role": row.role, "signed_in_at": row.signed_in_at}
        return Response(SignedInThereSerializer(told).data)
