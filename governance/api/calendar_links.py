"""REST door of a person's own calendar links."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.venue_inputs import FeedInput
from governance.api.views import ScopedViewSet
from governance.booking_workflow import FeedState
from governance.calendar_feeds import feed_make
from governance.models import CalendarFeed
from governance.models.venue import FeedKind
from governance.workflow import act


class FeedSerializer(serializers.ModelSerializer):
    """A link without its token, which is not kept."""

    kind = serializers.ChoiceField(FeedKind.choices)
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    state = serializers.ChoiceField(FeedState.choices)

    class Meta:
        model = CalendarFeed
        fields = ["id", "kind", "venue", "unit", "state", "made_at"]
        read_only_fields = fields


class NewFeedSerializer(FeedSerializer):
    """``link`` is told here and never again."""

    link = serializers.URLField()

    class Meta(FeedSerializer.Meta):
        fields = [*FeedSerializer.Meta.fields, "link"]


@extend_schema(tags=["venues"])
class FeedViewSet(mixins.ListModelMixin, ScopedViewSet):
    """The caller's calendar links, newest first."""

    permission_classes = [IsAuthenticated]
    queryset = CalendarFeed.objects.select_related("venue", "unit")
    serializer_class = FeedSerializer
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=FeedInput, responses={201: NewFeedSerializer})
    def create(self, request):
        """Make a link; the answer tells it once. Without Idempotency-Key: its answer would be kept, link and all."""
        given = FeedInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        feed, token = feed_make(actor=request.user, **given.validated_data)
        feed.link = request.build_absolute_uri(reverse("calendar", args=[token]))
        headers = {"Cache-Control": "no-store"}
        return Response(NewFeedSerializer(feed).data, status=status.HTTP_201_CREATED, headers=headers)

    @extend_schema(request=None, responses=FeedSerializer)
    @action(detail=True, methods=["post"], pagination_class=None)
    def revoke(self, request, pk):
        """Stop a link: whoever has it sees nothing from now on."""
        return Response(FeedSerializer(act(self.get_object(), "revoke", actor=request.user)).data)
