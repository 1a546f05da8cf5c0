"""JSON of figures, formulas, periods, lines and appeals."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import ScoreAppeal, ScoreFormula, ScoreLine, ScorePeriod, ScoreWeight
from cases.scoring import dimensions
from cases.scoring.drill import PARTS
from cases.scoring.indicators import ALL, GROUPS
from governance.api.fields import RowByCode
from governance.models import Area
from governance.workflow import available


class ScoreFigureSerializer(serializers.Serializer):
    """One indicator. A share has a numerator and a value from 0 to 1; a duration no numerator, its value is seconds."""

    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)


class FiguresField(serializers.DictField):
    """Figures by indicator."""

    child = ScoreFigureSerializer()


class IndicatorSerializer(serializers.Serializer):
    """What an indicator counts, in words."""

    key = serializers.ChoiceField([one.key for one in ALL])
    label = serializers.CharField()
    group = serializers.ChoiceField(list(GROUPS))
    is_share = serializers.BooleanField()
    high_is_good = serializers.BooleanField(source="high")
    numerator = serializers.CharField(source="counts")
    denominator = serializers.CharField(source="out_of")


class WeightSerializer(serializers.ModelSerializer):
    class Meta:
        model = ScoreWeight
        fields = ["indicator", "weight", "inverse"]
        read_only_fields = fields


class FormulaSerializer(serializers.ModelSerializer):
    """A formula with its weights; ``excluded`` are sources and codes of categories that it leaves out."""

    weights = WeightSerializer(many=True)
    excluded = serializers.SerializerMethodField()

    class Meta:
        model = ScoreFormula
        fields = ["id", "key", "version", "name", "scale", "minimum_sample", "valid_from", "is_active", "source",
                  "weights", "excluded"]  # fmt: skip
        read_only_fields = fields

    def get_excluded(self, formula) -> list[str]:
        return [row.source or row.category.code for row in formula.exclusions.all()]


class RowSerializer(serializers.Serializer):
    """Figures of one unit, area or scene. ``key`` is null for what has none; ``left_out``: turns by reason."""

    key = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    rank = serializers.IntegerField(allow_null=True)
    score = serializers.DecimalField(8, 2, allow_null=True)
    figures = FiguresField()
    left_out = serializers.DictField(child=serializers.IntegerField())


class LiveSerializer(serializers.Serializer):
    """Figures as they stand. Deadlines count that had come by ``as_of``; null: nothing was counted yet."""

    as_of = serializers.DateTimeField(allow_null=True)
    by = serializers.ChoiceField(dimensions.choices())
    first = serializers.DateField()
    last = serializers.DateField()
    area = serializers.CharField(allow_null=True)
    formula = serializers.CharField(allow_null=True)
    totals = FiguresField()
    rows = RowSerializer(many=True)


class PeriodSerializer(serializers.ModelSerializer):
    """A period; ``transitions`` are what the caller may do now."""

    area = serializers.CharField(source="area.code")
    by = serializers.CharField(source="dimension")
    formula = serializers.SerializerMethodField()
    totals = FiguresField(read_only=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = ScorePeriod
        fields = ["id", "first", "last", "area", "by", "formula", "state", "as_of", "published_at", "totals",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_formula(self, period) -> str:
        return f"{period.formula.key}/{period.formula.version}"

    def get_transitions(self, period) -> list[str]:
        return [step.name for step in available(period, self.context["request"].user)]


class PeriodInput(serializers.Serializer):
    """A new period. ``formula`` is its id; ``area`` a code."""

    first = serializers.DateField()
    last = serializers.DateField()
    area = RowByCode(queryset=Area.objects.filter(is_active=True))
    by = serializers.ChoiceField(dimensions.choices(), source="dimension", default="unit")
    formula = serializers.PrimaryKeyRelatedField(queryset=ScoreFormula.objects.filter(is_active=True))


class LineSerializer(serializers.ModelSerializer):
    """A line of a period. ``corrects`` is the line it took the place of, ``corrected_by`` the one that took its."""

    key = serializers.IntegerField(source="subject", allow_null=True)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    figures = FiguresField()
    left_out = serializers.DictField(child=serializers.IntegerField())
    corrected_by = serializers.SerializerMethodField()

    class Meta:
        model = ScoreLine
        fields = ["id", "period", "key", "unit", "name", "rank", "score", "figures", "left_out", "corrects",
                  "corrected_by", "made_at"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_corrected_by(self, line):
        correction = getattr(line, "correction", None)
        return correction.pk if correction else None


class AppealSerializer(serializers.ModelSerializer):
    """An appeal against a line; ``cases`` are the numbers of those that should not count."""

    unit = serializers.CharField(source="unit.code")
    period = serializers.IntegerField(source="line.period_id")
    cases = serializers.SerializerMethodField()
    correction = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = ScoreAppeal
        fields = ["id", "line", "period", "unit", "state", "opinion", "cases", "filed_at", "settled_at", "correction",
                  "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_cases(self, appeal) -> list[str]:
        return sorted(row.case.number for row in appeal.disputed.all())

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_correction(self, appeal):
        correction = getattr(appeal.line, "correction", None)
        return correction.pk if correction else None

    def get_transitions(self, appeal) -> list[str]:
        return [step.name for step in available(appeal, self.context["request"].user)]


class AppealInput(serializers.Serializer):
    """A new appeal: against which line, about which cases (numbers), in words."""

    line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    cases = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=2000)


class SpotInput(serializers.Serializer):
    """Which figure's cases are asked for."""

    indicator = serializers.CharField(max_length=30)
    part = serializers.ChoiceField(PARTS)
    key = serializers.CharField(max_length=18, default="", allow_blank=True)
