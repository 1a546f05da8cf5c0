"""JSON of partners. A key that names a row holds its code or id; ``<key>_name`` stands beside it.

``transitions``: what the caller may do now.
"""

from rest_framework import serializers

from governance.api.fields import MomentField, PhotosField
from governance.attachments import attachments_of
from partners.models import (
    Offer,
    OfferAccess,
    OfferKind,
    OfferPlace,
    OfferSlot,
    Partner,
    PartnerAgreement,
    PartnerKind,
    Qualification,
)
from partners.models.offer import MOST_PLACES
from partners.recruiting.offer_workflow import OfferState, PlaceState, SlotState
from partners.recruiting.offered import offered
from partners.recruiting.papers_workflow import AgreementState, QualificationState
from partners.recruiting.slots import MOST_REPEATED
from partners.recruiting.workflow import PartnerState


class PartnerMoving(serializers.ModelSerializer):
    """What all workflow objects of partners tell."""

    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


MOVING = ["id", "area", "area_name", "state", "state_label", "version", "transitions"]


class PartnerSerializer(PartnerMoving):
    """A partner or an application. ``contact_name`` and ``contact_phone`` are read by its own people and the staff."""

    kind = serializers.ChoiceField(PartnerKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    state = serializers.ChoiceField(PartnerState.choices)
    profession = serializers.CharField(source="profession.code", default=None, allow_null=True)
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    account = serializers.IntegerField(source="account_id", allow_null=True)

    class Meta:
        model = Partner
        fields = [
            *MOVING, "kind", "kind_label", "name", "credit_code", "profession", "about", "contact_name",
            "contact_phone", "unit", "account", "applied_at", "active_from", "suspended_until", "left_on",
        ]  # fmt: skip
        read_only_fields = fields


class MissingSerializer(serializers.Serializer):
    """What keeps a partner from becoming active."""

    code = serializers.CharField()
    text = serializers.CharField()


class PartnerDetailSerializer(PartnerSerializer):
    """One partner, with what is missing before it can become active."""

    missing = MissingSerializer(many=True)

    class Meta(PartnerSerializer.Meta):
        fields = [*PartnerSerializer.Meta.fields, "missing"]
        read_only_fields = fields


class OfPartner(PartnerMoving):
    """What belongs to a partner."""

    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")


OF_PARTNER = [*MOVING, "partner", "partner_name"]


class QualificationSerializer(OfPartner):
    """A qualification; ``files`` are its documents, for who may see it."""

    state = serializers.ChoiceField(QualificationState.choices)
    kind = serializers.CharField(source="kind.code")
    kind_name = serializers.CharField(source="kind.name")

    class Meta:
        model = Qualification
        fields = [*OF_PARTNER, "kind", "kind_name", "number", "valid_from", "valid_to", "submitted_at", "verified_at"]
        read_only_fields = fields


class QualificationDetailSerializer(QualificationSerializer):
    """A qualification with its documents."""

    files = serializers.SerializerMethodField()

    class Meta(QualificationSerializer.Meta):
        fields = [*QualificationSerializer.Meta.fields, "files"]
        read_only_fields = fields

    def get_files(self, row) -> list[str]:
        return [f"/files/{one.pk}/" for one in attachments_of(row)]


class PartnerAgreementSerializer(OfPartner):
    """An agreement: on which version of the text, from when to when, and when each side signed."""

    state = serializers.ChoiceField(AgreementState.choices)
    number = serializers.CharField()
    terms = serializers.CharField(source="terms.code")
    terms_name = serializers.CharField(source="terms.title")

    class Meta:
        model = PartnerAgreement
        fields = [*OF_PARTNER, "number", "terms", "terms_name", "valid_from", "valid_to", "partner_signed_at",
                  "signed_at"]  # fmt: skip
        read_only_fields = fields


class OfferSerializer(OfPartner):
    """An offer. `weekdays`: 0 is Monday; `communities`: codes of those it is made in."""

    state = serializers.ChoiceField(OfferState.choices)
    kind = serializers.ChoiceField(OfferKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    access = serializers.ChoiceField(OfferAccess.choices)
    needs = serializers.CharField(source="needs.code", default=None, allow_null=True)
    communities = serializers.SerializerMethodField()
    time = serializers.CharField(source="time_text")

    class Meta:
        model = Offer
        fields = [
            *OF_PARTNER, "kind", "kind_label", "title", "about", "extent", "access", "target_group", "place",
            "weekdays", "starts", "ends", "time", "valid_from", "valid_to", "capacity", "needs", "communities",
        ]  # fmt: skip
        read_only_fields = fields

    def get_communities(self, offer) -> list[str]:
        return [area.code for area in offer.communities.all()]


class OfferSlotSerializer(OfPartner):
    """A date of an offer; `capacity` 0: nobody signs up."""

    state = serializers.ChoiceField(SlotState.choices)
    offer = serializers.IntegerField(source="offer_id")
    offer_name = serializers.CharField(source="offer.title")
    free = serializers.IntegerField()

    class Meta:
        model = OfferSlot
        fields = [*OF_PARTNER, "offer", "offer_name", "starts_at", "ends_at", "place", "capacity", "taken", "free"]
        read_only_fields = fields


class OfferPlaceSerializer(OfPartner):
    """Somebody's place on a date. Whoever has one reads the partner's name as everybody does."""

    partner_name = serializers.CharField(source="partner.public_name")
    state = serializers.ChoiceField(PlaceState.choices)
    slot = serializers.IntegerField(source="slot_id")
    offer_name = serializers.CharField(source="slot.offer.title")
    starts_at = serializers.DateTimeField(source="slot.starts_at")
    person_name = serializers.CharField(source="person.get_full_name")

    class Meta:
        model = OfferPlace
        fields = [*OF_PARTNER, "slot", "offer_name", "starts_at", "person_name", "asked_at"]
        read_only_fields = fields


class ApplyInput(serializers.Serializer):
    """An application. `credit_code` for organisations, `profession` for professionals."""

    area = serializers.CharField(max_length=15)
    kind = serializers.ChoiceField(PartnerKind.choices)
    name = serializers.CharField(max_length=80, default="", allow_blank=True)
    credit_code = serializers.CharField(max_length=40, default="", allow_blank=True)
    profession = serializers.CharField(max_length=30, default="", allow_blank=True)
    about = serializers.CharField(max_length=500, default="", allow_blank=True)
    contact_name = serializers.CharField(max_length=60, default="", allow_blank=True)
    contact_phone = serializers.CharField(max_length=16, default="", allow_blank=True)


class QualificationInput(serializers.Serializer):
    partner = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = serializers.CharField(max_length=30)
    number = serializers.CharField(max_length=40)
    valid_from = serializers.DateField(default=None, allow_null=True)
    valid_to = serializers.DateField(default=None, allow_null=True)
    documents = PhotosField()


class AgreementInput(serializers.Serializer):
    partner = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    terms = serializers.CharField(max_length=30)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(default=None, allow_null=True)


class OfferPlanInput(serializers.Serializer):
    """What an offer says. `communities`: codes of further ones, beside the partner's own."""

    kind = serializers.ChoiceField(OfferKind.choices)
    title = serializers.CharField(max_length=80)
    about = serializers.CharField(max_length=1000, default="", allow_blank=True)
    extent = serializers.CharField(max_length=80, default="", allow_blank=True)
    access = serializers.ChoiceField(OfferAccess.choices, default=OfferAccess.OPEN)
    target_group = serializers.CharField(max_length=80, default="", allow_blank=True)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), default=list, max_length=7
    )
    starts = serializers.TimeField(default=None, allow_null=True)
    ends = serializers.TimeField(default=None, allow_null=True)
    valid_from = serializers.DateField(default=None, allow_null=True)
    valid_to = serializers.DateField(default=None, allow_null=True)
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, default=0)
    needs = serializers.CharField(max_length=30, default="", allow_blank=True)
    communities = serializers.ListField(child=serializers.CharField(max_length=15), default=list, max_length=30)


class OfferInput(OfferPlanInput):
    partner = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class OfferChangeInput(OfferPlanInput):
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=None, allow_null=True)


class OfferSlotInput(serializers.Serializer):
    """A date; `repeat`: for so many weeks in all."""

    offer = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    starts_at = MomentField()
    ends_at = MomentField()
    capacity = serializers.IntegerField(min_value=0, max_value=MOST_PLACES, default=None, allow_null=True)
    place = serializers.CharField(max_length=120, default="", allow_blank=True)
    repeat = serializers.IntegerField(min_value=1, max_value=MOST_REPEATED, default=1)


class OfferPlaceInput(serializers.Serializer):
    slot = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
