"""REST door of what was brought in together: listed, and withdrawn where it was read wrongly."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.api.views import ScopedViewSet
from governance.scoping import grant_for
from mediation.models import SignalBatch
from mediation.prevention.querysets import WITHDRAWS
from mediation.prevention.reporting import LONGEST
from mediation.prevention.withdrawing import signals_withdraw


class SignalBatchSerializer(serializers.ModelSerializer):
    """Signals brought in together: a file, one request, or what a source sent on a day. ``may_withdraw``: whether the
    caller may withdraw them now."""

    number = serializers.CharField()
    source = serializers.CharField(source="source.code", default=None, allow_null=True)
    area = serializers.CharField(source="area.code")
    brought_by = serializers.CharField(source="brought_by.name")
    may_withdraw = serializers.SerializerMethodField()

    class Meta:
        model = SignalBatch
        fields = ["id", "number", "source", "area", "brought_by", "brought_at", "records", "withdrawn", "withdrawn_at",
                  "may_withdraw"]  # fmt: skip
        read_only_fields = fields

    def get_may_withdraw(self, batch) -> bool:
        return batch.withdrawn_at is None and grant_for(WITHDRAWS, batch, self.context["request"].user) is not None


class SignalsWithdrawInput(serializers.Serializer):
    """Why they are withdrawn."""

    reason = serializers.CharField(max_length=LONGEST)


@extend_schema(tags=["mediation"])
class SignalBatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """What was brought in together, newest first; `GET signals/?batch=` are its signals."""

    queryset = SignalBatch.objects.with_rows()
    serializer_class = SignalBatchSerializer
    lookup_value_regex = "[0-9]{1,18}"
    free_actions = ("withdraw",)

    @extend_schema(request=SignalsWithdrawInput, responses=SignalBatchSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Withdraw what was brought in wrongly (who brought it in, administrators).

        It counts nowhere any more and is emptied; what became a hazard stays.
        """
        given = SignalsWithdrawInput(data=request.data)
        given.is_valid(raise_exception=True)
        done = signals_withdraw(self.get_object(), actor=request.user, reason=given.validated_data["reason"])
        return Response(self.get_serializer(done).data)
