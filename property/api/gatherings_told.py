"""JSON of neighbours' events as residents read them."""

from rest_framework import serializers

from property.models import CountsBy, EventKind, EventState, SignUpState


class OwnGatheringLineSerializer(serializers.Serializer):
    """An event as residents' lists show it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(EventKind.choices)
    kind_label = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(EventState.choices)
    state_label = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    for_whom = serializers.CharField()
    counts_by = serializers.ChoiceField(CountsBy.choices)
    places = serializers.IntegerField()
    free = serializers.IntegerField()
    sign_up_open = serializers.BooleanField()
    sign_up_until = serializers.DateTimeField(allow_null=True)
    parent = serializers.IntegerField(allow_null=True)


class OwnSignUpSerializer(serializers.Serializer):
    """The own sign-up; ``in_line`` is the place on the waiting list."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(SignUpState.choices)
    state_label = serializers.CharField()
    companions = serializers.IntegerField()
    children = serializers.IntegerField()
    needs = serializers.CharField()
    size = serializers.IntegerField()
    offered_until = serializers.DateTimeField(allow_null=True)
    in_line = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()


class ToldProgrammeSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    title = serializers.CharField()
    performers = serializers.CharField()
    minutes = serializers.IntegerField()


class ToldPartSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    starts_at = serializers.DateTimeField()


class ToldTaskSerializer(serializers.Serializer):
    """A task; ``mine`` is the id of the own voluntary work."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    about = serializers.CharField()
    wanted = serializers.IntegerField()
    hands = serializers.IntegerField()
    mine = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()
    state_label = serializers.CharField()
    minutes = serializers.IntegerField(allow_null=True)


class ToldPhotoSerializer(serializers.Serializer):
    """A photo that may be shown; its file is under ``/r/gatherings/photos/<id>/``."""

    id = serializers.IntegerField()
    caption = serializers.CharField()


class ToldCostLineSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    stage = serializers.CharField()
    stage_label = serializers.CharField()
    title = serializers.CharField()
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)
    source_label = serializers.CharField()
    source_text = serializers.CharField()
    corrects = serializers.IntegerField(allow_null=True)


class ToldSourceSerializer(serializers.Serializer):
    source_label = serializers.CharField()
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class SettlementSerializer(serializers.Serializer):
    """What an event cost, in yuan, once it is settled."""

    lines = ToldCostLineSerializer(many=True)
    planned = serializers.DecimalField(max_digits=12, decimal_places=2)
    actual = serializers.DecimalField(max_digits=12, decimal_places=2)
    by_source = ToldSourceSerializer(many=True)


class OwnGatheringSerializer(OwnGatheringLineSerializer):
    """An event with everything a resident reads of it. ``stars`` from three answers on."""

    about = serializers.CharField()
    unit = serializers.CharField()
    companions_most = serializers.IntegerField()
    children_count = serializers.BooleanField()
    mine = OwnSignUpSerializer(allow_null=True)
    waiting = serializers.IntegerField()
    programme = ToldProgrammeSerializer(many=True)
    parts = ToldPartSerializer(many=True)
    tasks = ToldTaskSerializer(many=True)
    photos = ToldPhotoSerializer(many=True)
    may_sign_up = serializers.BooleanField()
    may_rate = serializers.BooleanField()
    stars = serializers.FloatField(allow_null=True)
    answers = serializers.IntegerField(allow_null=True)
    settlement = SettlementSerializer(allow_null=True)
