"""REST door of alarms: the list, the steps of one, the same step for many, the figures."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from cases.overview.asked import where_asked
from devices.alarm_figures import DAYS, alarm_figures, days_asked
from devices.api.figures import AlarmFiguresSerializer
from devices.api.filters import AlarmFilters
from devices.api.inputs import AlarmsInput, AlarmsShelveInput
from devices.api.serializers import AlarmSerializer
from devices.models import Alarm
from devices.services import alarms_each
from governance.api.idempotency import idempotent
from governance.api.transitions import TransitionsMixin
from governance.api.views import ScopedViewSet
from governance.errors import Invalid


class AlarmRefusedSerializer(serializers.Serializer):
    """An alarm that stayed as it was, and why; ``not_found``: it does not exist for the caller."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class AlarmsDoneSerializer(serializers.Serializer):
    """Ids of the alarms to which it was done, and those to which it was not."""

    done = serializers.ListField(child=serializers.IntegerField())
    refused = AlarmRefusedSerializer(many=True)


@extend_schema(tags=["alarms"])
class AlarmViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Alarms the caller may see, newest first."""

    queryset = Alarm.objects.all()
    serializer_class = AlarmSerializer
    filterset_class = AlarmFilters
    lookup_value_regex = r"[0-9]{1,18}"
    free_actions = ("transition", "acknowledge", "acknowledge_many", "shelve_many", "unshelve_many")

    def get_queryset(self):
        return super().get_queryset().with_rows()

    def answer_with(self, alarm: Alarm) -> dict:
        """Return the JSON of an alarm just changed, with the rows it shows loaded anew."""
        return self.get_serializer(Alarm.objects.with_rows().get(pk=alarm.pk)).data

    @extend_schema(responses=AlarmSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk):
        """Take notice of an alarm; `reason` may hold a remark. Acknowledged already is a conflict (409)."""
        return self.transition(request, "acknowledge", pk=pk)

    acknowledge.idempotent = True  # the transition honours the key

    @extend_schema(operation_id="alarms_acknowledge_many", request=AlarmsInput, responses=AlarmsDoneSerializer)
    @action(detail=False, methods=["post"], url_path="acknowledge", filterset_class=None, pagination_class=None)
    @idempotent
    def acknowledge_many(self, request):
        """Take notice of up to 200 alarms, each for itself: those refused stay as they were and are told, with why."""
        return self._each("acknowledge", AlarmsInput)

    @extend_schema(operation_id="alarms_shelve_many", request=AlarmsShelveInput, responses=AlarmsDoneSerializer)
    @action(detail=False, methods=["post"], url_path="shelve", filterset_class=None, pagination_class=None)
    @idempotent
    def shelve_many(self, request):
        """Hold up to 200 alarms back until a moment within a week, each for itself as above."""
        return self._each("shelve", AlarmsShelveInput)

    @extend_schema(operation_id="alarms_unshelve_many", request=AlarmsInput, responses=AlarmsDoneSerializer)
    @action(detail=False, methods=["post"], url_path="unshelve", filterset_class=None, pagination_class=None)
    @idempotent
    def unshelve_many(self, request):
        """Take the shelving of up to 200 alarms back, each for itself as above."""
        return self._each("unshelve", AlarmsInput)

    def _each(self, name: str, input_class) -> Response:
        """Do a step to each of the alarms named; what is wrong with the input itself is refused as a whole."""
        given = input_class(data=self.request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        ids = data.pop("ids")
        seen = self.get_queryset().filter(pk__in=ids)
        done, refused = [], {pk: ("not_found", _("There is no such alarm for you.")) for pk in ids}
        for alarm, why in alarms_each(seen, name, actor=self.request.user, **data):
            if isinstance(why, Invalid):
                raise why
            if why is None:
                done.append(alarm.pk)
                del refused[alarm.pk]
            else:
                refused[alarm.pk] = (why.code, str(why.detail))
        told = [{"id": pk, "code": code, "detail": detail} for pk, (code, detail) in refused.items()]
        return Response(AlarmsDoneSerializer({"done": sorted(done), "refused": told}).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("area", str, description="Code of an area: it and all areas under it."),
            OpenApiParameter("days", int, enum=DAYS, description="Over how many days, today included."),
        ],
        responses=AlarmFiguresSerializer, filters=False,
    )  # fmt: skip
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def figures(self, request):
        """The figures of EEMUA 191, as the caller may see them; each names the list of the alarms it counts."""
        area = where_asked({"area": request.query_params.get("area", "")}, request.user).area
        found = alarm_figures(request.user, area, days=days_asked(request.query_params))
        return Response(AlarmFiguresSerializer(found).data)
