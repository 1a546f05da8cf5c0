"""JSON of the registry. Names and phones are as the reader may see them (``masked``)."""

from rest_framework import serializers

from governance.models import Building, Dwelling, DwellingUse, Estate, Ownership, Residency, ResidencyKind
from governance.registry.people import co_owners, person_of
from governance.registry.trail import evidence_for, trail_for
from governance.registry.workflow import TieState
from governance.workflow import available


class EstateSerializer(serializers.ModelSerializer):
    """An estate; coordinates in WGS-84."""

    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")

    class Meta:
        model = Estate
        fields = ["code", "name", "area", "area_name", "address", "longitude", "latitude", "is_active"]
        read_only_fields = fields


class BuildingSerializer(serializers.ModelSerializer):
    """A building of an estate; ``area`` is its grid, or the estate's area."""

    estate = serializers.CharField(source="estate.code")
    estate_name = serializers.CharField(source="estate.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")

    class Meta:
        model = Building
        fields = ["estate", "estate_name", "number", "name", "floors", "area", "area_name"]
        read_only_fields = fields


class DwellingSerializer(serializers.ModelSerializer):
    """A dwelling with its address in parts and in one line; ``floor_area`` in m²."""

    address = serializers.CharField()
    estate = serializers.CharField(source="building.estate.code")
    estate_name = serializers.CharField(source="building.estate.name")
    building = serializers.CharField(source="building.number")
    entrance = serializers.CharField(source="entrance.number", default="")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    use = serializers.ChoiceField(DwellingUse.choices)
    use_label = serializers.CharField(source="get_use_display")

    class Meta:
        model = Dwelling
        fields = [
            "code", "address", "estate", "estate_name", "building", "entrance", "number", "floor", "floor_area", "use",
            "use_label", "area", "area_name", "is_active",
        ]  # fmt: skip
        read_only_fields = fields


class EstateAddressSerializer(serializers.ModelSerializer):
    """What everybody signed in may look up of an estate; ``buildings``: their numbers."""

    buildings = serializers.SerializerMethodField()

    class Meta:
        model = Estate
        fields = ["code", "name", "address", "buildings"]
        read_only_fields = fields

    def get_buildings(self, estate) -> list[str]:
        return [row.number for row in estate.buildings.all()]


class DwellingAddressSerializer(serializers.ModelSerializer):
    """What everybody signed in may look up of a dwelling: nothing but its code and address."""

    address = serializers.CharField()

    class Meta:
        model = Dwelling
        fields = ["code", "address"]
        read_only_fields = fields


class OccupantSerializer(serializers.Serializer):
    """A resident or owner; ``masked`` for readers whose work does not need them."""

    name = serializers.CharField()
    phone = serializers.CharField()
    masked = serializers.BooleanField()


class EvidenceFileSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    url = serializers.CharField()
    content_type = serializers.CharField()


class TrailEntrySerializer(serializers.Serializer):
    """One event of the history; ``text`` is the reason or note, for readers of the person."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    role = serializers.CharField()
    role_label = serializers.CharField()
    unit = serializers.CharField()
    text = serializers.CharField()
    files = EvidenceFileSerializer(many=True)


class TieSerializer(serializers.ModelSerializer):
    """What residencies and ownerships have in common. ``transitions``: what the caller may do now."""

    state_label = serializers.CharField(source="get_state_display")
    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    person = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    COMMON = [
        "id", "state", "state_label", "dwelling", "address", "area", "area_name", "person", "valid_from", "valid_to",
        "claimed_at", "version", "transitions",
    ]  # fmt: skip

    def get_person(self, tie) -> OccupantSerializer:
        return person_of(tie, self.context["request"].user)

    def get_transitions(self, tie) -> list[str]:
        return [step.name for step in available(tie, self.context["request"].user)]


class ResidencySerializer(TieSerializer):
    kind_label = serializers.CharField(source="get_kind_display")

    class Meta:
        model = Residency
        fields = [*TieSerializer.COMMON, "kind", "kind_label"]
        read_only_fields = fields


class OwnershipSerializer(TieSerializer):
    """``share`` as a fraction (``1/3``; the whole is ``1``)."""

    share = serializers.CharField(source="share_text")

    class Meta:
        model = Ownership
        fields = [*TieSerializer.COMMON, "share", "share_numerator", "share_denominator", "is_voter"]
        read_only_fields = fields


class _DetailMixin(serializers.Serializer):
    """What gathers around a tie: files its reader may open, and its history."""

    evidence = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    def get_evidence(self, tie) -> EvidenceFileSerializer(many=True):
        return files_json(evidence_for(tie, self.context["request"].user))

    def get_history(self, tie) -> TrailEntrySerializer(many=True):
        return trail_for(tie, self.context["request"].user)


class ResidencyDetailSerializer(_DetailMixin, ResidencySerializer):
    class Meta(ResidencySerializer.Meta):
        fields = [*ResidencySerializer.Meta.fields, "evidence", "history"]
        read_only_fields = fields


class OwnershipDetailSerializer(_DetailMixin, OwnershipSerializer):
    class Meta(OwnershipSerializer.Meta):
        fields = [*OwnershipSerializer.Meta.fields, "evidence", "history"]
        read_only_fields = fields


class CoOwnerSerializer(serializers.Serializer):
    """A confirmed owner of the same dwelling; ``id`` for naming the voter."""

    id = serializers.CharField()
    name = serializers.CharField()
    share = serializers.CharField()
    is_voter = serializers.BooleanField()
    is_own = serializers.BooleanField()


class OwnTieSerializer(serializers.Serializer):
    """A residency or ownership of the caller. ``id`` is ``residency-<n>`` or ``ownership-<n>``.

    ``kind`` of a residency, ``share`` and ``co_owners`` of an ownership. ``refusal``: why it was refused.
    """

    id = serializers.SerializerMethodField()
    relation = serializers.ChoiceField(["residency", "ownership"], source="_meta.model_name")
    state = serializers.ChoiceField(TieState.choices)
    state_label = serializers.CharField(source="get_state_display")
    refusal = serializers.CharField(allow_null=True)
    dwelling = serializers.CharField(source="dwelling.code")
    address = serializers.CharField(source="dwelling.address")
    kind = serializers.ChoiceField(ResidencyKind.choices, allow_null=True, default=None)
    share = serializers.CharField(allow_null=True, source="share_text", default=None)
    is_voter = serializers.BooleanField(default=False)
    co_owners = serializers.SerializerMethodField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    claimed_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    evidence = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    def get_id(self, tie) -> str:
        return f"{tie._meta.model_name}-{tie.pk}"

    def get_co_owners(self, tie) -> CoOwnerSerializer(many=True):
        shown = isinstance(tie, Ownership) and tie.state == TieState.VERIFIED
        return co_owners(tie) if shown else []

    def get_evidence(self, tie) -> EvidenceFileSerializer(many=True):
        return files_json(self.context["evidence"].get((tie._meta.label_lower, tie.pk), ()))

    def get_transitions(self, tie) -> list[str]:
        own = ("withdraw", "end", "name_voter")
        return [step.name for step in available(tie, self.context["request"].user) if step.name in own]


def files_json(rows) -> list[dict]:
    """Return ids, addresses and types of files."""
    return [{"id": str(row.pk), "url": f"/files/{row.pk}/", "content_type": row.content_type} for row in rows]


def buildings_in_use():
    """Return the buildings that an address look-up shows."""
    return Building.objects.open_to_everybody().order_by("number")
