"""JSON of the figures of the alarm system; ``alarms`` names the list of what is counted, ``page`` that for people."""

from rest_framework import serializers


class CountSerializer(serializers.Serializer):
    """Something that stands at this moment."""

    key = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    alarms = serializers.CharField(source="api")
    page = serializers.CharField()


class RateSerializer(serializers.Serializer):
    """Alarms of an area (null: all the caller sees). ``mean`` and ``peak`` are of ten minutes, ``flood_share`` is per
    cent of the time.
    """

    area = serializers.CharField(source="area.code", default=None, allow_null=True)
    name = serializers.CharField(source="area.name", default=None, allow_null=True)
    count = serializers.IntegerField(source="alarms")
    mean = serializers.FloatField()
    peak = serializers.IntegerField()
    peak_at = serializers.DateTimeField(allow_null=True)
    flood_share = serializers.FloatField()
    alarms = serializers.CharField(source="api")
    peak_alarms = serializers.CharField(source="peak_api")
    page = serializers.CharField()


class BadActorSerializer(serializers.Serializer):
    """An alarm of a device that is raised most often; ``share`` is per cent of all alarms."""

    device = serializers.CharField(source="device.code")
    alarm_type = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    share = serializers.FloatField()
    alarms = serializers.CharField(source="api")
    page = serializers.CharField()


class PrioritySerializer(serializers.Serializer):
    """Alarms of a severity; ``target`` is the share there should be, in per cent."""

    severity = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(source="figure.count")
    share = serializers.FloatField()
    target = serializers.IntegerField()
    alarms = serializers.CharField(source="figure.api")
    page = serializers.CharField(source="figure.page")


class StormSerializer(serializers.Serializer):
    """A storm under way: alarms of one type in a grid that have one case; ``count``: those the caller sees of it and of
    the cases put under it."""

    area = serializers.CharField(source="row.area.code")
    alarm_type = serializers.CharField(source="row.alarm_type")
    count = serializers.IntegerField()
    alarms = serializers.CharField(source="api")
    page = serializers.CharField()
    began_at = serializers.DateTimeField(source="row.began_at")
    last_at = serializers.DateTimeField(source="row.last_at")
    case = serializers.CharField(source="row.case.number")


class AlarmFiguresSerializer(serializers.Serializer):
    """Alarms raised from ``since`` on and told of in time; ``now`` is what stands at this moment."""

    since = serializers.DateTimeField()
    at = serializers.DateTimeField()
    days = serializers.IntegerField()
    total = RateSerializer()
    areas = RateSerializer(many=True)
    now = CountSerializer(many=True)
    bad_actors = BadActorSerializer(many=True)
    bad_share = serializers.FloatField()
    priorities = PrioritySerializer(many=True)
    storms = StormSerializer(many=True)
