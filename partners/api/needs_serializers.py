"""JSON of needs and visits. A key that names a row holds its code or id; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now.
"""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.api.fields import AreaCodeField, DegreesField, MomentField, PhotosField, RowByCode
from governance.models import Building, Dwelling, Estate
from governance.workflow import available
from partners.models import Need, NeedCategory, NeedGroup, NeedSource, NeedState, NeedUrgency, NeedVisit
from partners.needs.raisers import raisers_for
from partners.needs.visits import MOST_NEEDS


class NeedCategorySerializer(serializers.ModelSerializer):
    """A kind of need in use."""

    class Meta:
        model = NeedCategory
        fields = ["code", "name"]
        read_only_fields = fields


class NeedSerializer(serializers.ModelSerializer):
    """A need as lists show it: nobody's name."""

    number = serializers.CharField()
    state = serializers.ChoiceField(NeedState.choices)
    state_label = serializers.CharField(source="get_state_display")
    source = serializers.ChoiceField(NeedSource.choices)
    source_label = serializers.CharField(source="get_source_display")
    group = serializers.ChoiceField(NeedGroup.choices)
    urgency = serializers.ChoiceField(NeedUrgency.choices)
    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    place = serializers.CharField()
    merged_into = serializers.CharField(source="merged_into.number", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    overdue = serializers.BooleanField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Need
        fields = [
            "id", "number", "title", "description", "category", "category_name", "area", "area_name", "estate",
            "place", "source", "source_label", "origin_type", "origin_id", "group", "people", "urgency", "anonymous",
            "state", "state_label", "raised_at", "verify_by", "verified_at", "merged_into", "unit", "case", "answer",
            "result", "solved_at", "call_back_by", "called_at", "satisfied", "call_words", "overdue", "version",
            "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, need) -> list[str]:
        return [step.name for step in available(need, self.context["request"].user)]


class NeedRaiserSerializer(serializers.Serializer):
    """Who raised a need, or one merged into it (``need``); masked for whose work does not need it, nothing where it was
    raised anonymously."""

    need = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()
    dwelling = serializers.CharField()
    anonymous = serializers.BooleanField()
    masked = serializers.BooleanField()


class NeedDetailSerializer(NeedSerializer):
    """A need with who raised it and the numbers of those merged into it."""

    raisers = serializers.SerializerMethodField()
    merged = serializers.SerializerMethodField()

    class Meta(NeedSerializer.Meta):
        fields = [*NeedSerializer.Meta.fields, "raisers", "merged"]
        read_only_fields = fields

    def get_raisers(self, need) -> NeedRaiserSerializer(many=True):
        return NeedRaiserSerializer(raisers_for(need, self.context["request"].user), many=True).data

    def get_merged(self, need) -> list[str]:
        return [other.number for other in Need.objects.filter(merged_into=need).order_by("id")]


class NeedLikeSerializer(serializers.Serializer):
    """A similar need: how alike (0-1), and the words in common."""

    need = NeedSerializer()
    score = serializers.FloatField()
    words = serializers.ListField(child=serializers.CharField())


class NeedGroupSerializer(serializers.Serializer):
    """Needs that are alike. ``voices``: how many different people or dwellings raised them."""

    label = serializers.CharField()
    category = serializers.CharField(source="category.code")
    needs = NeedSerializer(many=True)
    words = serializers.ListField(child=serializers.CharField())
    voices = serializers.IntegerField()
    latest = serializers.DateTimeField()


class NeedCountSerializer(serializers.Serializer):
    """How many needs; ``key`` is the code of the state, source or category."""

    key = serializers.CharField()
    label = serializers.CharField()
    needs = serializers.IntegerField()


class VisitFiguresSerializer(serializers.Serializer):
    """Visits of the last ``days``."""

    days = serializers.IntegerField()
    visits = serializers.IntegerField()
    minutes = serializers.IntegerField()
    dwellings = serializers.IntegerField()
    visitors = serializers.IntegerField()
    needs = serializers.IntegerField()


class NeedFiguresSerializer(serializers.Serializer):
    """Figures of a community."""

    area = serializers.CharField()
    overdue = serializers.IntegerField()
    states = NeedCountSerializer(many=True)
    sources = NeedCountSerializer(many=True)
    categories = NeedCountSerializer(many=True)
    visits = VisitFiguresSerializer()


class NeedWordsInput(serializers.Serializer):
    """What is needed; without ``category`` it is guessed from the words."""

    title = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=2000, default="", allow_blank=True)
    category = RowByCode(
        queryset=NeedCategory.objects.filter(is_active=True), default=None, allow_null=True
    )  # fmt: skip
    group = serializers.ChoiceField(NeedGroup.choices, default=NeedGroup.EVERYBODY)
    people = serializers.IntegerField(min_value=1, max_value=100_000, default=None, allow_null=True)
    urgency = serializers.ChoiceField(NeedUrgency.choices, default=NeedUrgency.NORMAL)


class NeedInput(NeedWordsInput):
    """A need heard at work; ``building`` is the number of one in ``estate``."""

    area = AreaCodeField(default=None)
    estate = RowByCode(queryset=Estate.objects.filter(is_active=True), default=None, allow_null=True)
    building = serializers.CharField(max_length=20, default="", allow_blank=True)
    source = serializers.ChoiceField(NeedSource.choices)
    name = serializers.CharField(max_length=60, default="", allow_blank=True)
    phone = serializers.CharField(max_length=16, default="", allow_blank=True)
    anonymous = serializers.BooleanField(default=False)
    raised_at = MomentField(default=None, allow_null=True)
    photos = PhotosField()

    def validate(self, attrs):
        number = attrs.pop("building")
        attrs["building"] = None
        if number:
            rows = Building.objects.filter(estate=attrs["estate"]) if attrs["estate"] else Building.objects.none()
            attrs["building"] = rows.filter(number=number).select_related("estate__area", "area").first()
            if attrs["building"] is None:
                told = _("There is no “%(code)s”.") % {"code": number}
                raise serializers.ValidationError({"building": [told]}, "does_not_exist")
        return attrs


class OwnNeedInput(NeedWordsInput):
    """An own need; ``dwelling`` is the code of an own home (default: the first)."""

    dwelling = RowByCode(queryset=Dwelling.objects.filter(is_active=True), default=None, allow_null=True)
    anonymous = serializers.BooleanField(default=False)
    photos = PhotosField()


class OwnNeedSerializer(serializers.Serializer):
    """An own need; ``became`` says in a sentence what became of it, also of the one it was merged into."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    category_name = serializers.CharField()
    place = serializers.CharField()
    state = serializers.ChoiceField(NeedState.choices)
    state_label = serializers.CharField()
    raised_at = serializers.DateTimeField()
    anonymous = serializers.BooleanField()
    became = serializers.CharField()
    answer = serializers.CharField()
    result = serializers.CharField()
    solved_at = serializers.DateTimeField(allow_null=True)
    joined = serializers.BooleanField()
    joined_state = serializers.CharField()


class NeedVisitSerializer(serializers.ModelSerializer):
    """A visit on site; ``heard`` is how many needs came of it."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    dwelling = serializers.CharField(source="dwelling.code", default=None, allow_null=True)
    place_text = serializers.CharField()
    visitor = serializers.CharField(source="visitor.name")
    heard = serializers.IntegerField()

    class Meta:
        model = NeedVisit
        fields = ["id", "area", "area_name", "estate", "dwelling", "place", "place_text", "longitude", "latitude",
                  "visitor", "at", "minutes", "with_whom", "words", "heard", "logged_at"]  # fmt: skip
        read_only_fields = fields


class NeedVisitInput(serializers.Serializer):
    """A visit with the needs heard there, all or nothing. ``name`` and ``phone`` only if they wish."""

    at = MomentField(default=None, allow_null=True)
    minutes = serializers.IntegerField(min_value=1, max_value=600, default=15)
    area = AreaCodeField(default=None)
    estate = RowByCode(queryset=Estate.objects.filter(is_active=True), default=None, allow_null=True)
    dwelling = RowByCode(queryset=Dwelling.objects.filter(is_active=True), default=None, allow_null=True)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    longitude = DegreesField(min_value=-180, max_value=180, default=None, allow_null=True)
    latitude = DegreesField(min_value=-90, max_value=90, default=None, allow_null=True)
    with_whom = serializers.CharField(max_length=80, default="", allow_blank=True)
    words = serializers.CharField(max_length=2000, default="", allow_blank=True)
    name = serializers.CharField(max_length=60, default="", allow_blank=True)
    phone = serializers.CharField(max_length=16, default="", allow_blank=True)
    needs = NeedWordsInput(many=True, default=list, max_length=MOST_NEEDS)
