"""``GET /api/v1/search/``: cases, places and people by a few words, within what the caller may see."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.throttling import SharedThrottle
from governance.api.views import ApiView, IsStaff
from governance.search.finder import EACH, find


class FoundSerializer(serializers.Serializer):
    """One thing found; ``url`` is its page in the admin."""

    kind = serializers.CharField()
    key = serializers.CharField(help_text="Number, code or id, by which the kind's own list finds it.")
    title = serializers.CharField()
    detail = serializers.CharField()
    place = serializers.CharField()
    badge = serializers.CharField()
    url = serializers.CharField()


class SectionSerializer(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()
    results = FoundSerializer(many=True)
    more = serializers.BooleanField(help_text="There are more; narrow the words or use the kind's own list.")


@extend_schema(tags=["search"])
class SearchView(ApiView):
    """What was found, by kind, the newest first; kinds without results are left out."""

    permission_classes = [IsAuthenticated, IsStaff]
    throttle_classes = [SharedThrottle]
    throttle_scope = "search"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q", str, required=True, description="Words, each at least part of the text; 2-60 characters."
            ),
            OpenApiParameter("kind", str, many=True, description=f"Only these kinds. Up to {EACH} results of each."),
        ],
        responses=SectionSerializer(many=True),
    )
    def get(self, request):
        sections = find(request.query_params.get("q", ""), user=request.user, only=request.query_params.getlist("kind"))
        return Response(SectionSerializer(sections, many=True).data)
