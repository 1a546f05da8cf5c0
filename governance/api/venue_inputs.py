"""Bodies and parameters of the venues API."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.api.fields import MomentField, RowByCode
from governance.bookings import Rule
from governance.bookings.recurrence import LAST, MOST
from governance.bookings.series import CLASHES, REFUSE
from governance.bookings.single import TITLE_LENGTH
from governance.models import OrgUnit, Venue
from governance.models.venue import FeedKind, SeriesKind

LONGEST_LOOK = timedelta(days=62)
# What a calendar can hold without running over its own ends.
YEARS = range(2000, 2100)
MOST_PERSONS = 100_000


class CodedField(RowByCode):
    """A row by its code, of those the caller may see."""

    def get_queryset(self):
        return super().get_queryset().visible_to(self.context["request"].user)


class SpanInput(serializers.Serializer):
    """``from`` and ``to``: two moments with their zone."""

    def get_fields(self):
        return {
            "from": MomentField(required=False, help_text=_("Default: now.")),
            "to": MomentField(required=False, help_text=_("Default: a week after from.")),
        }

    def validate(self, attrs):
        start = attrs.get("from") or timezone.now()
        if start.year not in YEARS:
            raise serializers.ValidationError({"from": [_("This date is too far away.")]}, "out_of_range")
        end = attrs.get("to") or start + timedelta(days=7)
        if not start < end <= start + LONGEST_LOOK:
            raise serializers.ValidationError({"to": [_("From one moment to a later one, at most 62 days.")]}, "order")
        return {"from": start, "to": end}

    def span(self) -> tuple[datetime, datetime]:
        return self.validated_data["from"], self.validated_data["to"]


class WhatInput(serializers.Serializer):
    """What every booking states."""

    venue = CodedField(queryset=Venue.objects.select_related("area", "unit"), help_text=_("Code of a venue."))
    title = serializers.CharField(max_length=TITLE_LENGTH)
    attendance = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_PERSONS
    )
    unit = CodedField(
        queryset=OrgUnit.objects.get_queryset(), required=False, allow_null=True, default=None,
        help_text=_("Code of the unit it is booked for; default: the caller's."),
    )  # fmt: skip


class BookingInput(WhatInput):
    starts_at = MomentField()
    ends_at = MomentField()


class SeriesInput(WhatInput):
    """A rule: weekly on weekdays (0 = Monday), or monthly on the n-th (-1 the last) of one weekday."""

    kind = serializers.ChoiceField(SeriesKind.choices)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), min_length=1, max_length=7
    )
    nth = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=LAST, max_value=5)
    interval = serializers.IntegerField(required=False, default=1, min_value=1, max_value=60)
    first_day = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, default=None)
    count = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=MOST)
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    clashes = serializers.ChoiceField(CLASHES, required=False, default=REFUSE)

    def arguments(self) -> dict:
        """Return keyword arguments of ``series_make``."""
        given = dict(self.validated_data)
        rule = {name: given.pop(name) for name in ("kind", "weekdays", "nth", "interval", "until", "count")}
        return given | {"rule": Rule(**rule | {"weekdays": tuple(rule["weekdays"])})}


class EndSeriesInput(serializers.Serializer):
    from_day = serializers.DateField()
    reason = serializers.CharField(max_length=2000)

    def validate_from_day(self, day):
        if day.year not in YEARS:
            raise serializers.ValidationError(_("This date is too far away."), "out_of_range")
        return day


class FeedInput(serializers.Serializer):
    kind = serializers.ChoiceField(FeedKind.choices)
    venue = CodedField(queryset=Venue.objects.select_related("area"), required=False, allow_null=True, default=None)
    unit = CodedField(queryset=OrgUnit.objects.get_queryset(), required=False, allow_null=True, default=None)
