"""JSON of neighbours' events. A key that names a row holds its code or id; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now.
"""

from rest_framework import serializers

from governance.api.fields import MomentField
from governance.scoping import grant_for
from property.gatherings.costs import settlement_of
from property.gatherings.feedback import rating_of
from property.gatherings.offered import offered
from property.gatherings.querysets import RUNS_PART
from property.models import (
    ConsentState,
    CostStage,
    CountsBy,
    EventCostLine,
    EventKind,
    EventMoney,
    EventPhoto,
    EventState,
    MatchState,
    NeighbourEvent,
    PhotoConsent,
    PhotoState,
    SignUp,
    SignUpState,
    SkillCategory,
    SkillEntry,
    SkillMatch,
    SkillSide,
    SkillState,
    Volunteering,
    VolunteeringState,
)


class Moving(serializers.ModelSerializer):
    """What all workflow objects of events tell."""

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


class NeighbourEventSerializer(Moving):
    """An event as lists show it. ``places`` 0: nobody signs up."""

    state = serializers.ChoiceField(EventState.choices)
    kind = serializers.ChoiceField(EventKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    counts_by = serializers.ChoiceField(CountsBy.choices)
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code")
    organisation = serializers.CharField(source="organisation.code", default=None, allow_null=True)
    parent = serializers.IntegerField(source="parent_id", allow_null=True)
    venue = serializers.CharField(source="venue.code", default=None, allow_null=True)
    place = serializers.CharField(source="place_text")
    booking = serializers.IntegerField(source="booking_id", allow_null=True)
    free = serializers.IntegerField()

    class Meta:
        model = NeighbourEvent
        fields = [
            "id", "kind", "kind_label", "title", "about", "area", "area_name", "estate", "unit", "organisation",
            "parent", "state", "state_label", "starts_at", "ends_at", "venue", "place", "booking", "counts_by",
            "places", "taken", "free", "companions_most", "children_count", "sign_up_from", "sign_up_until",
            "offer_hours", "published_at", "begun_at", "held_at", "settled_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class ProgrammeItemSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    title = serializers.CharField()
    performers = serializers.CharField()
    minutes = serializers.IntegerField()


class VolunteerTaskSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    about = serializers.CharField()
    wanted = serializers.IntegerField()


class EventCostLineSerializer(serializers.ModelSerializer):
    """A line of cost in yuan; ``corrects`` is the number of the line it corrects."""

    stage = serializers.ChoiceField(CostStage.choices)
    source = serializers.ChoiceField(EventMoney.choices)
    corrects = serializers.IntegerField(source="corrects.ordinal", default=None, allow_null=True)

    class Meta:
        model = EventCostLine
        fields = ["ordinal", "stage", "title", "amount", "source", "source_text", "corrects", "made_at"]
        read_only_fields = fields


class EventRatingSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    stars = serializers.FloatField(allow_null=True)


class NeighbourEventDetailSerializer(NeighbourEventSerializer):
    """An event with its programme, tasks, cost and what people said of it."""

    programme = ProgrammeItemSerializer(many=True)
    tasks = VolunteerTaskSerializer(many=True)
    cost_lines = serializers.SerializerMethodField()
    planned = serializers.SerializerMethodField()
    actual = serializers.SerializerMethodField()
    rating = serializers.SerializerMethodField()

    class Meta(NeighbourEventSerializer.Meta):
        fields = [
            *NeighbourEventSerializer.Meta.fields, "programme", "tasks", "cost_lines", "planned", "actual", "rating",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance):
        self.cost = settlement_of(instance)
        return super().to_representation(instance)

    def get_cost_lines(self, event) -> EventCostLineSerializer(many=True):
        return EventCostLineSerializer(self.cost.lines, many=True).data

    def get_planned(self, event) -> str:
        return str(self.cost.planned)

    def get_actual(self, event) -> str:
        return str(self.cost.actual)

    def get_rating(self, event) -> EventRatingSerializer:
        return EventRatingSerializer(rating_of(event)).data


class SignUpSerializer(Moving):
    """A sign-up. ``needs`` is told to the organisers and to the person alone."""

    state = serializers.ChoiceField(SignUpState.choices)
    event = serializers.IntegerField(source="event_id")
    event_title = serializers.CharField(source="event.title")
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    who = serializers.CharField()
    needs = serializers.SerializerMethodField()

    class Meta:
        model = SignUp
        fields = [
            "id", "event", "event_title", "area", "area_name", "person", "who", "companions", "children", "size",
            "turn", "needs", "walk_in", "state", "state_label", "asked_at", "offered_until", "checked_in_at", "way",
            "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_needs(self, row) -> str:
        user = self.context["request"].user
        told = row.person_id == user.pk or grant_for(RUNS_PART, row, user) is not None
        return row.needs if told else ""


class VolunteeringSerializer(Moving):
    state = serializers.ChoiceField(VolunteeringState.choices)
    event = serializers.IntegerField(source="event_id")
    event_title = serializers.CharField(source="event.title")
    task = serializers.IntegerField(source="task_id")
    task_title = serializers.CharField(source="task.title")
    person = serializers.CharField(source="person.username")
    who = serializers.CharField(source="person.get_full_name")

    class Meta:
        model = Volunteering
        fields = [
            "id", "event", "event_title", "task", "task_title", "area", "area_name", "person", "who", "state",
            "state_label", "asked_at", "checked_in_at", "checked_out_at", "minutes", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class ConsentLineSerializer(serializers.ModelSerializer):
    """Who is asked: a person by user name (for a child its guardian), or a dwelling by code."""

    state = serializers.ChoiceField(ConsentState.choices)
    person = serializers.CharField(source="person.username", default=None, allow_null=True)
    dwelling = serializers.CharField(source="dwelling.code", default=None, allow_null=True)
    for_child = serializers.SerializerMethodField()

    class Meta:
        model = PhotoConsent
        fields = ["id", "person", "dwelling", "for_child", "state", "answered_at"]
        read_only_fields = fields

    def get_for_child(self, row) -> bool:
        return bool(row.child)


class EventPhotoSerializer(Moving):
    state = serializers.ChoiceField(PhotoState.choices)
    event = serializers.IntegerField(source="event_id")
    nobody_by = serializers.CharField(source="nobody_by.username", default=None, allow_null=True)
    consents = ConsentLineSerializer(many=True)

    class Meta:
        model = EventPhoto
        fields = [
            "id", "event", "area", "area_name", "caption", "nobody_by", "consents", "state", "state_label",
            "uploaded_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class PhotoConsentSerializer(Moving):
    """What the caller is asked about a photo; ``photo`` is its id, ``url`` where it is looked at."""

    state = serializers.ChoiceField(ConsentState.choices)
    event = serializers.IntegerField(source="event_id")
    event_title = serializers.CharField(source="event.title")
    photo = serializers.IntegerField(source="photo_id")
    url = serializers.SerializerMethodField()

    class Meta:
        model = PhotoConsent
        fields = [
            "id", "event", "event_title", "area", "area_name", "photo", "url", "child", "state", "state_label",
            "asked_at", "answered_at", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, row) -> str:
        return f"/r/gatherings/photos/{row.photo_id}/"


class SkillCategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = SkillCategory
        fields = ["code", "name", "words"]
        read_only_fields = fields


class SkillEntrySerializer(Moving):
    """An offer or want; whose it is, is told to nobody here."""

    state = serializers.ChoiceField(SkillState.choices)
    side = serializers.ChoiceField(SkillSide.choices)
    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    estate = serializers.CharField(source="estate.code")
    estate_name = serializers.CharField(source="estate.name")

    class Meta:
        model = SkillEntry
        fields = [
            "id", "side", "category", "category_name", "title", "about", "where", "area", "area_name", "estate",
            "estate_name", "weekdays", "starts", "ends", "minutes", "valid_from", "valid_to", "state", "state_label",
            "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class SkillMatchSerializer(Moving):
    """A match; how the two reach each other is told to them alone (``me/skill-matches/``)."""

    state = serializers.ChoiceField(MatchState.choices)
    offer = serializers.IntegerField(source="offer_id")
    want = serializers.IntegerField(source="want_id")

    class Meta:
        model = SkillMatch
        fields = [
            "id", "offer", "want", "area", "area_name", "score", "reasons", "state", "state_label", "proposed_at",
            "giver_confirmed_at", "taker_confirmed_at", "giver_done_at", "taker_done_at", "giver_stars",
            "taker_stars", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields


class ProposeInput(serializers.Serializer):
    """The ids of an offer and of a want."""

    offer = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    want = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class NeighbourEventInput(serializers.Serializer):
    """A plan. ``area``, ``estate``, ``unit`` and ``venue`` are codes."""

    kind = serializers.ChoiceField(EventKind.choices)
    title = serializers.CharField(max_length=80)
    about = serializers.CharField(max_length=4000, default="", allow_blank=True)
    area = serializers.CharField(max_length=30)
    estate = serializers.CharField(max_length=30, default=None, allow_null=True)
    unit = serializers.CharField(max_length=30)
    starts_at = MomentField()
    ends_at = MomentField()
    venue = serializers.CharField(max_length=30, default=None, allow_null=True)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    counts_by = serializers.ChoiceField(CountsBy.choices, default=CountsBy.HEADS)
    places = serializers.IntegerField(min_value=0, max_value=10_000, default=0)
    companions_most = serializers.IntegerField(min_value=0, max_value=20, default=0)
    children_count = serializers.BooleanField(default=True)
    sign_up_from = MomentField(default=None, allow_null=True)
    sign_up_until = MomentField(default=None, allow_null=True)
    offer_hours = serializers.IntegerField(min_value=0, max_value=240, default=24)
    parent = serializers.IntegerField(min_value=1, max_value=2**63 - 1, default=None, allow_null=True)
