"""Bodies by which rows of joint work are made."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.fields import MomentField, RowByCode
from governance.models import Area, OrgUnit, User, Venue
from mediation.joint.making_forms import dispute_numbered
from mediation.models import (
    DisputeTier,
    DisputeType,
    EscalationDirection,
    HelperStanding,
    NoteKind,
    Party,
    RespectedHelper,
    Sitting,
    SittingKind,
    TrackKind,
)


@extend_schema_field({"type": "string", "maxLength": 20})
class DisputeField(serializers.Field):
    """The number of a dispute that the caller may read."""

    default_error_messages = {"does_not_exist": _("There is no such dispute among yours.")}

    def to_internal_value(self, data):
        found = dispute_numbered(data, self.context["request"].user) if isinstance(data, str) else None
        if found is None:
            self.fail("does_not_exist")
        return found


class VisibleRow(serializers.PrimaryKeyRelatedField):
    """A row by its id, of those the caller may see."""

    def __init__(self, model=None, **options):
        self.model = model
        if model is not None:
            options.setdefault("queryset", model._default_manager.none())
        super().__init__(pk_field=serializers.IntegerField(min_value=1, max_value=2**63 - 1), **options)

    def get_queryset(self):
        return self.model._default_manager.visible_to(self.context["request"].user)


def units() -> RowByCode:
    return RowByCode(queryset=OrgUnit.objects.filter(is_active=True))


class TakeoverInput(serializers.Serializer):
    """Ask a unit of another tier; ``to_tier`` empty: the next one in that direction."""

    dispute = DisputeField()
    direction = serializers.ChoiceField(EscalationDirection.choices)
    to_tier = serializers.ChoiceField(DisputeTier.choices, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500)


class TrackInput(serializers.Serializer):
    """Invite an organ."""

    dispute = DisputeField()
    kind = serializers.ChoiceField(TrackKind.choices)
    organ = units()
    briefing = serializers.CharField(max_length=2000)
    legal_basis = serializers.CharField(max_length=200, default="", allow_blank=True)


class DepartmentTasksInput(serializers.Serializer):
    """Ask one or several departments, each for an answer by a day."""

    dispute = DisputeField()
    units = serializers.ListField(child=units(), min_length=1, max_length=20)
    facts = serializers.CharField(max_length=2000)
    question = serializers.CharField(max_length=500)
    answer_by = serializers.DateField()


class SittingInput(serializers.Serializer):
    """Plan a sitting; ``together`` null: together, except where there was domestic violence."""

    dispute = DisputeField()
    kind = serializers.ChoiceField(SittingKind.choices)
    starts_at = MomentField()
    ends_at = MomentField()
    venue = RowByCode(queryset=Venue.objects.filter(is_active=True), default=None, allow_null=True)
    place = serializers.CharField(max_length=160, default="", allow_blank=True)
    link = serializers.URLField(max_length=300, default="", allow_blank=True)
    together = serializers.BooleanField(default=None, allow_null=True)
    together_reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class NoteInput(serializers.Serializer):
    """Write a note."""

    dispute = DisputeField()
    kind = serializers.ChoiceField(NoteKind.choices)
    text = serializers.CharField(max_length=8000)
    sitting = VisibleRow(Sitting, default=None, allow_null=True)
    party = VisibleRow(Party, default=None, allow_null=True)


class KeepBackInput(serializers.Serializer):
    """Why a record becomes a caucus note; never what it says."""

    reason = serializers.CharField(max_length=500)


class RespectedHelperInput(serializers.Serializer):
    """Register a respected local."""

    user = RowByCode("username", queryset=User.objects.filter(is_active=True))
    area = RowByCode(queryset=Area.objects.filter(is_active=True).defer("boundary"))
    standing = serializers.ChoiceField(HelperStanding.choices)
    about = serializers.CharField(max_length=300, default="", allow_blank=True)
    types = serializers.ListField(
        child=RowByCode(queryset=DisputeType.objects.filter(is_active=True)), default=list, max_length=30
    )
    languages = serializers.ListField(child=serializers.CharField(max_length=20), default=list, max_length=10)
    interests = serializers.CharField(max_length=300, default="", allow_blank=True)


class HelperInvitationInput(serializers.Serializer):
    """Propose a respected local to the parties."""

    dispute = DisputeField()
    helper = VisibleRow(RespectedHelper)
    summary = serializers.CharField(max_length=2000)
    until = serializers.DateField()
