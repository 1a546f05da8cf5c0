"""Bodies of the API of decisions."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.api.venue_inputs import CodedField
from governance.models import Area, Building, Entrance, Estate, OrgUnit
from property.models import AreaSource, Choice, Holder, Resolution, RuleSet, Secrecy
from property.voting.online import ONLINE_CHOICES

MOST = 2**63 - 1


class RuleField(serializers.CharField):
    """A rule set as ``code/version``; without a version the newest in use."""

    def to_internal_value(self, data):
        code, _slash, version = super().to_internal_value(data).partition("/")
        rows = RuleSet.objects.filter(code=code, is_active=True).order_by("-version")
        if version:
            known = version.isascii() and version.isdecimal() and len(version) < 5
            rows = rows.filter(version=int(version)) if known else rows.none()
        rule = rows.first()
        if rule is None:
            raise serializers.ValidationError(_("There is no such rule set."), "does_not_exist")
        return rule


class SeenField(serializers.PrimaryKeyRelatedField):
    """A row by its id, of those the caller may see."""

    def get_queryset(self):
        return super().get_queryset().visible_to(self.context["request"].user)


class ResolutionInput(serializers.Serializer):
    """A new resolution: of an estate (or, by its id, one building or entrance of it), or of an area."""

    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=5000)
    rule_set = RuleField()
    estate = CodedField(queryset=Estate.objects.select_related("area"), allow_null=True, default=None)
    area = CodedField(queryset=Area.objects.defer("boundary"), allow_null=True, default=None)
    building = SeenField(queryset=Building.objects.select_related("area"), allow_null=True, default=None)
    entrance = SeenField(queryset=Entrance.objects.select_related("building"), allow_null=True, default=None)
    repeats = SeenField(queryset=Resolution.objects.select_related("area"), allow_null=True, default=None)
    convener = CodedField(queryset=OrgUnit.objects.select_related("area"), allow_null=True, default=None)
    secrecy = serializers.ChoiceField(Secrecy.choices, default=Secrecy.OPEN)
    takes_paper = serializers.BooleanField(default=True)
    takes_online = serializers.BooleanField(default=True)


class RollDrawInput(serializers.Serializer):
    """Under which name the developer's unsold dwellings are registered; empty: there are none."""

    developer = serializers.CharField(max_length=60, allow_blank=True, default="")


class RollEntryInput(serializers.Serializer):
    """What is mended of an entry of a roll."""

    floor_area = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True, default=None)
    area_source = serializers.ChoiceField(AreaSource.choices, default=AreaSource.REGISTER)
    holder = serializers.ChoiceField([Holder.DEVELOPER.value], allow_blank=True, default="")
    same_owner_as = serializers.IntegerField(allow_null=True, default=None, min_value=1, max_value=10**6)
    reason = serializers.CharField(max_length=500)


class BallotCastInput(serializers.Serializer):
    """The caller's choice for one dwelling."""

    entry = serializers.IntegerField(min_value=1, max_value=MOST)
    choice = serializers.ChoiceField([(choice.value, choice.label) for choice in ONLINE_CHOICES])


class BallotVoteInput(serializers.Serializer):
    """The caller's choices; each dwelling once."""

    votes = BallotCastInput(many=True, allow_empty=False, max_length=200)

    def validate_votes(self, votes):
        if len({vote["entry"] for vote in votes}) < len(votes):
            raise serializers.ValidationError(_("Each dwelling once."), "duplicate")
        return votes


class PaperReadingInput(serializers.Serializer):
    """What the caller reads on a paper; ``another``: a further paper of the same dwelling."""

    number = serializers.IntegerField(min_value=1, max_value=10**9)
    choice = serializers.ChoiceField(Choice.choices)
    another = serializers.BooleanField(default=False)


class BallotSettleInput(serializers.Serializer):
    """What a paper really says that two people read differently."""

    choice = serializers.ChoiceField(Choice.choices)
    reason = serializers.CharField(max_length=500)


class BallotDecideInput(serializers.Serializer):
    """Which ballot of a dwelling counts; ``ballot`` null: none of them."""

    ballot = serializers.IntegerField(allow_null=True, min_value=1, max_value=MOST)
    reason = serializers.CharField(max_length=500)
