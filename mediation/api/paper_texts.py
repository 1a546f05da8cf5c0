"""REST door of the wording of papers by place; a version is saved as in the administration, none is changed here."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.fields import AreaCodeField
from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.views import ScopedViewSet
from mediation.agreements.documents.wording import in_force
from mediation.agreements.sentences import USUAL
from mediation.agreements.states import PaperSentence
from mediation.api.kept import IN_FORCE, KeptRows, asked_in_force
from mediation.models import PaperText


class PaperTextSerializer(serializers.ModelSerializer):
    """A sentence of a paper in the words of a place, from a day on."""

    area = serializers.CharField(source="area.code")
    sentence = serializers.ChoiceField(PaperSentence.choices)
    sentence_label = serializers.CharField(source="get_sentence_display")

    class Meta:
        model = PaperText
        fields = ["id", "area", "sentence", "sentence_label", "valid_from", "text"]
        read_only_fields = fields


class PaperTextInput(serializers.Serializer):
    """A new version. The articles that the usual text names must stand in it; it may be empty where nothing usually
    stands."""

    area = AreaCodeField()
    sentence = serializers.ChoiceField(PaperSentence.choices)
    valid_from = serializers.DateField()
    text = serializers.CharField(max_length=1000, allow_blank=True)


class WordingSerializer(serializers.Serializer):
    """What a sentence says in an area on a day. `version`: the id of its version, null for the usual text."""

    sentence = serializers.ChoiceField(PaperSentence.choices)
    label = serializers.CharField()
    paper = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    usual = serializers.CharField(allow_blank=True)
    articles = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True)


class PaperTextFilters(CodedFilterSet):
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = PaperText


@extend_schema(tags=["mediation"])
class PaperTextViewSet(KeptRows, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Sentences of papers in the words of places: all versions, the newest first."""

    queryset = PaperText.objects.select_related("area").defer("area__boundary")
    serializer_class = PaperTextSerializer
    filterset_class = PaperTextFilters
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=PaperTextInput, responses={201: PaperTextSerializer})
    @idempotent
    def create(self, request):
        """Enter a new version for an area, from a day on (administrators, in their area)."""
        return self.enter(PaperTextInput)

    @extend_schema(parameters=IN_FORCE, responses=WordingSerializer(many=True))
    @action(detail=False, url_path="in-force", filterset_class=None, pagination_class=None)
    def in_force(self, request):
        """What every sentence says in an area on a day (default: today), beside the usual text."""
        rows = [
            {"sentence": sentence, "label": sentence.label, "paper": USUAL[sentence].paper, "text": text,
             "usual": USUAL[sentence].text, "articles": USUAL[sentence].articles, "version": row and row.pk}
            for sentence, text, row in in_force(*asked_in_force(request))
        ]  # fmt: skip
        return Response(WordingSerializer(rows, many=True).data)
