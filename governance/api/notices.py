"""REST door of the caller's own notices and choices about them."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance import events
from governance.api.paging import NewestFirst
from governance.api.views import ApiMixin, ApiView
from governance.models import Notice, NoticePreference
from governance.models.notice import LANGUAGES, Reach, Urgency
from governance.notices.preferences import group_of
from governance.notices.services import choosable, notice_read, notices_read, preference_of, preference_save


class NoticeSerializer(serializers.ModelSerializer):
    """A notice; ``event`` is the name of what happened, if something did."""

    event = serializers.CharField(source="event.name", default=None, allow_null=True)
    urgency = serializers.ChoiceField(Urgency.choices)

    class Meta:
        model = Notice
        fields = ["id", "title", "body", "url", "urgency", "event", "created_at", "read_at"]
        read_only_fields = fields


class ReadAllSerializer(serializers.Serializer):
    """How many notices were marked."""

    read = serializers.IntegerField()


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class ClockField(serializers.TimeField):
    """A time of day without a zone, ``HH:MM``."""

    def __init__(self, **options):
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)


class PreferenceSerializer(serializers.Serializer):
    """A person's choices. Quiet hours are local time (Asia/Shanghai), both or none."""

    language = serializers.ChoiceField(LANGUAGES)
    quiet_from = ClockField(allow_null=True, help_text=_("Quiet hours of the phone: from"))
    quiet_to = ClockField(allow_null=True, help_text=_("Quiet hours of the phone: until"))
    urgent_any_time = serializers.BooleanField()
    choices = serializers.DictField(
        child=serializers.ChoiceField(Reach.choices),
        help_text=_("By group of events (“case”) or rule (“rule:…”, stronger)."),
    )


class ChoosableSerializer(serializers.Serializer):
    """Something one may choose for, and how far it reaches without a choice."""

    name = serializers.CharField()
    label = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())


class PreferenceAnswer(PreferenceSerializer):
    choosable = ChoosableSerializer(many=True)


@extend_schema(
    tags=["notices"],
    responses=NoticeSerializer(many=True),
    parameters=[OpenApiParameter("unread", bool, description="true: only those not read, false: only those read")],
)
class NoticesView(ApiMixin, ListAPIView):
    """The caller's notices, newest first."""

    queryset = Notice.objects.select_related("event")
    serializer_class = NoticeSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = NewestFirst
    filter_backends = []

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        rows = rows.visible_to(self.request.user)
        asked = self.request.query_params.get("unread")
        if asked is None:
            return rows
        if asked not in ("true", "false"):
            raise serializers.ValidationError({"unread": [_("Write true or false.")]}, "invalid")
        return rows.filter(read_at__isnull=asked == "true")


@extend_schema(tags=["notices"], request=None, responses=NoticeSerializer)
class NoticeReadView(ApiView):
    """Mark one of the caller's notices as read."""

    permission_classes = [IsAuthenticated]

    def post(self, request, notice_id):
        notice = Notice.objects.visible_to(request.user).select_related("event").filter(pk=notice_id).first()
        if notice is None:
            raise NotFound
        return Response(NoticeSerializer(notice_read(notice, actor=request.user)).data)


@extend_schema(tags=["notices"], request=None, responses=ReadAllSerializer)
class NoticesReadView(ApiView):
    """Mark all of the caller's notices as read."""

    permission_classes = [IsAuthenticated]

    def post(self, request):
        return Response({"read": notices_read(actor=request.user)})


@extend_schema(tags=["notices"])
class NoticePreferencesView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(responses=PreferenceAnswer)
    def get(self, request):
        """The caller's choices, or what holds without, and what may be chosen for."""
        return Response(_preferences_json(preference_of(request.user), request.user))

    @extend_schema(request=PreferenceSerializer, responses=PreferenceAnswer)
    def put(self, request):
        """Store the caller's choices."""
        given = PreferenceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(_preferences_json(preference_save(actor=request.user, **given.validated_data), request.user))


def _preferences_json(preference: NoticePreference, user) -> dict:
    known = [
        {
            "name": name,
            "label": rules[0].name if name.startswith("rule:") else group_of(name),
            "events": sorted({str(events.label_of(rule.event)) for rule in rules}),
        }
        for name, rules in choosable(user).items()
    ]
    return PreferenceSerializer(preference).data | {"choosable": known}
