"""JSON of recusals."""

from rest_framework import serializers

from governance.workflow import available
from mediation.disputes.recusals import decision_reasons, nobody_decides
from mediation.disputes.states import RecusalGround, RecusalState
from mediation.models import Recusal


class RecusalSerializer(serializers.ModelSerializer):
    """A recusal; `party` null: the mediator stepped aside. What was said stays on the dispute's page. `decided_by`,
    `decided_at`: also who took it back, and when."""

    dispute = serializers.CharField(source="dispute.number")
    mediator = serializers.CharField(source="mediator.username")
    ground = serializers.ChoiceField(RecusalGround.choices)
    state = serializers.ChoiceField(RecusalState.choices)
    state_label = serializers.CharField(source="get_state_display")
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Recusal
        fields = ["id", "dispute", "mediator", "party", "ground", "state", "state_label", "asked_at", "decided_by",
                  "decided_at", "version", "transitions"]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, recusal) -> list[str]:
        return [step.name for step in available(recusal, self.context["request"].user)]


class RecusalDetailSerializer(RecusalSerializer):
    """One recusal. `decision_reason`: why it was upheld, rejected or taken back, where that was said. `nobody_decides`:
    what to do where nobody of the unit, nor of the one above, can decide it; empty where somebody can."""

    decision_reason = serializers.SerializerMethodField()
    nobody_decides = serializers.SerializerMethodField()

    class Meta(RecusalSerializer.Meta):
        fields = [*RecusalSerializer.Meta.fields, "decision_reason", "nobody_decides"]
        read_only_fields = fields

    def get_decision_reason(self, recusal) -> str:
        return decision_reasons([recusal]).get(recusal.pk, "")

    def get_nobody_decides(self, recusal) -> str:
        return nobody_decides(recusal)
