"""Bodies of the registry's requests."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from governance.api.fields import PhotosField
from governance.models import Dwelling, ResidencyKind, User
from governance.models.person import phone_validator

MOST_SHARES = 2_147_483_647


class ShareInput(serializers.Serializer):
    share_numerator = serializers.IntegerField(min_value=1, max_value=MOST_SHARES, default=1)
    share_denominator = serializers.IntegerField(min_value=1, max_value=MOST_SHARES, default=1)


class DwellingCodeField(serializers.CharField):
    """The code of a dwelling among ``rows(user)``, cleaned to the dwelling."""

    default_error_messages = {"does_not_exist": _("There is no such dwelling.")}

    def __init__(self, *, rows, **options):
        self.rows = rows
        super().__init__(max_length=60, **options)

    def run_validation(self, data=empty):
        code = super().run_validation(data)
        found = self.rows(self.context["request"].user).filter(code=code).first()
        if found is None:
            self.fail("does_not_exist")
        return found


class ClaimInput(ShareInput):
    """A claim of a resident. ``relation``: ``residency`` needs ``kind``, ``ownership`` takes the share."""

    relation = serializers.ChoiceField(["residency", "ownership"])
    dwelling = DwellingCodeField(rows=lambda _user: Dwelling.objects.open_to_everybody())
    kind = serializers.ChoiceField(ResidencyKind.choices, required=False)
    owner_name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    evidence = PhotosField()

    def validate(self, attrs):
        if attrs["relation"] == "residency" and "kind" not in attrs:
            raise serializers.ValidationError({"kind": [_("Say as what you live there.")]}, "required")
        return attrs


class EndInput(serializers.Serializer):
    """The last day (default today) and why."""

    ended_on = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=0, allow_null=True, default=None)


class WithdrawInput(serializers.Serializer):
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=0, allow_null=True, default=None)


class VoterInput(serializers.Serializer):
    """``voter``: id of a co-owner as ``co_owners`` gives it; oneself when left out."""

    voter = serializers.RegexField(r"^ownership-[0-9]{1,18}$", required=False, default=None, allow_null=True)


class AccountField(serializers.CharField):
    """A person by user name or phone, cleaned to the account."""

    default_error_messages = {"does_not_exist": _("Nobody has an account with this phone or name.")}

    def run_validation(self, data=empty):
        name = super().run_validation(data)
        people = User.objects.filter(Q(username=name) | Q(phone=name), is_active=True, is_system=False)
        found = people.first()
        if found is None:
            self.fail("does_not_exist")
        return found


class EntryInput(serializers.Serializer):
    """What entries by staff have in common; ``reason`` says how it is known."""

    dwelling = DwellingCodeField(rows=lambda user: Dwelling.objects.visible_to(user))
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=2000)
    evidence = PhotosField()


class ResidencyInput(EntryInput):
    user = AccountField(max_length=60)
    kind = serializers.ChoiceField(ResidencyKind.choices)


class OwnershipInput(EntryInput, ShareInput):
    owner_name = serializers.CharField(max_length=60)
    owner_phone = serializers.CharField(
        max_length=16, required=False, default="", allow_blank=True, validators=[phone_validator]
    )
    user = AccountField(max_length=60, required=False)


class EstateLookup(serializers.Serializer):
    q = serializers.CharField(max_length=40, min_length=1, help_text=_("Part of the name, code or address."))


class DwellingLookup(serializers.Serializer):
    estate = serializers.CharField(max_length=30, help_text=_("Code of an estate."))
    building = serializers.CharField(max_length=20, help_text=_("Number of a building."))
    number = serializers.CharField(max_length=20, required=False, help_text=_("Number of a dwelling."))
