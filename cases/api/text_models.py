"""Versions of the text classifier with their figures, for administrators and the operations centre."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.response import Response

from cases.models import TextModel
from governance.api.paging import NewestFirst
from governance.api.views import ScopedViewSet


class TextModelSerializer(serializers.ModelSerializer):
    """One version. Shares and F1 are of texts the model had not seen (cross-validation)."""

    target_label = serializers.CharField(source="get_target_display")
    accuracy = serializers.FloatField(source="figures.accuracy")
    macro_f1 = serializers.FloatField(source="figures.macro_f1")
    auto_share_95 = serializers.FloatField(source="figures.auto_share_95")
    auto_share_98 = serializers.FloatField(source="figures.auto_share_98")

    class Meta:
        model = TextModel
        fields = [
            "id", "target", "target_label", "version", "trained_at", "source", "rows", "labels", "accuracy", "macro_f1",
            "auto_share_95", "auto_share_98", "precision", "threshold", "is_active", "acts_alone",
        ]  # fmt: skip
        read_only_fields = fields


class TextModelDetailSerializer(TextModelSerializer):
    """One version with the table per label, confusion, reliability and threshold curve."""

    class Meta(TextModelSerializer.Meta):
        fields = [*TextModelSerializer.Meta.fields, "figures", "thresholds"]
        read_only_fields = fields


@extend_schema(tags=["cases"])
class TextModelViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Versions of the text classifier, newest first."""

    queryset = TextModel.objects.light()
    serializer_class = TextModelSerializer
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(responses=TextModelDetailSerializer)
    def retrieve(self, request, pk):
        """One version with all its figures."""
        return Response(TextModelDetailSerializer(self.get_object()).data)
