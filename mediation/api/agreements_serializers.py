"""JSON of agreements, obligations and confirmations. Lists hold no words and no names; parties are masked."""

from decimal import Decimal

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from governance.scoping import grant_for
from governance.workflow import available
from mediation.agreements.documents.answers import WHOLE
from mediation.agreements.documents.papers import COURT_PAPERS, PAPERS, WORD
from mediation.confirmation.days import day_of_term
from mediation.confirmation.eligibility import reasons_of, wishes_of
from mediation.confirmation.states import NOT_APPLIED
from mediation.disputes.querysets import READS
from mediation.followup.wishes import visit_word_of
from mediation.models import (
    Agreement,
    AgreementForm,
    AgreementState,
    ConfirmationState,
    JudicialConfirmation,
    Obligation,
    ObligationState,
    SignatureHow,
    SignatureOf,
)

BIG = 2**63 - 1


class OfDisputeMoving(serializers.ModelSerializer):
    """What all rows of a dispute with states tell. ``transitions``: what the caller may do now."""

    dispute_number = serializers.CharField(source="dispute.number")
    state_label = serializers.CharField(source="get_state_display")
    transitions = serializers.SerializerMethodField()

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in available(obj, self.context["request"].user)]


MOVING = ["id", "dispute", "dispute_number", "state", "state_label", "version", "transitions"]


class AgreementSerializer(OfDisputeMoving):
    number = serializers.CharField()
    form = serializers.ChoiceField(AgreementForm.choices)
    state = serializers.ChoiceField(AgreementState.choices)

    class Meta:
        model = Agreement
        fields = [*MOVING, "number", "form", "made_on", "drafted_at", "mediator_signed_at", "sealed_at", "effective_on",
                  "replaced_by"]  # fmt: skip
        read_only_fields = fields


class AgreementSignatureSerializer(serializers.Serializer):
    """Who signed, how and on which day (`at`: when that was recorded; `recorded_on`: the day typed in then, which was
    put right where it differs); a party by number, side and masked name. `signed_by`: user name of the mediator, or of
    who sealed. `void`: of a former mediator, in whose place another one signs."""

    id = serializers.IntegerField()
    of = serializers.ChoiceField(SignatureOf.choices)
    party = serializers.IntegerField(source="party_id", allow_null=True)
    party_name = serializers.CharField(source="party.label", default="")
    how = serializers.ChoiceField(SignatureHow.choices)
    by_agent = serializers.BooleanField()
    authorisation = serializers.CharField(source="authorisation.number", default=None, allow_null=True)
    signed_on = serializers.DateField(source="day")
    recorded_on = serializers.DateField(source="signed_on")
    at = serializers.DateTimeField()
    signed_by = serializers.SerializerMethodField()
    void = serializers.BooleanField()

    def get_signed_by(self, row) -> str | None:
        return None if row.of == SignatureOf.PARTY else row.recorded_by.username


class ObligationSerializer(OfDisputeMoving):
    """An obligation; ``debtor`` and ``creditor`` are numbers of parties. What it is stands in the agreement.
    `found_on`: a visit of that day found it performed after its last day, and nobody said when it was."""

    state = serializers.ChoiceField(ObligationState.choices)

    class Meta:
        model = Obligation
        fields = [*MOVING, "agreement", "debtor", "creditor", "amount", "paid", "due_on", "performed_on", "found_on",
                  "urged_at", "told_at"]  # fmt: skip
        read_only_fields = fields

    def get_transitions(self, obj) -> list[str]:
        return super().get_transitions(obj) if obj.agreement.state == AgreementState.EFFECTIVE else []


class ObligationDetailSerializer(ObligationSerializer):
    """One obligation with its words."""

    debtor_name = serializers.CharField(source="debtor.label")
    creditor_name = serializers.CharField(source="creditor.label", default="")

    class Meta(ObligationSerializer.Meta):
        fields = [*ObligationSerializer.Meta.fields, "what", "debtor_name", "creditor_name"]
        read_only_fields = fields


class AgreementDetailSerializer(AgreementSerializer):
    """One agreement with its text."""

    clauses = serializers.SerializerMethodField()
    obligations = ObligationDetailSerializer(many=True)
    signatures = AgreementSignatureSerializer(many=True)

    class Meta(AgreementSerializer.Meta):
        fields = [*AgreementSerializer.Meta.fields, "subject", "performance", "clauses", "obligations", "signatures"]
        read_only_fields = fields

    def get_clauses(self, obj) -> list[str]:
        return [clause.text for clause in obj.clauses.all()]


class OwedInput(serializers.Serializer):
    """What a party owes; `creditor` empty: all the others. `amount` in yuan."""

    debtor = serializers.IntegerField(min_value=1, max_value=BIG)
    creditor = serializers.IntegerField(min_value=1, max_value=BIG, default=None, allow_null=True)
    what = serializers.CharField(max_length=500)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, default=None, allow_null=True,
                                      min_value=Decimal("0.01"))  # fmt: skip
    due_on = serializers.DateField()


class AgreementDraftInput(serializers.Serializer):
    """An agreement of a dispute in mediation."""

    dispute = serializers.IntegerField(min_value=1, max_value=BIG)
    form = serializers.ChoiceField(AgreementForm.choices, default=AgreementForm.WRITTEN)
    subject = serializers.CharField(max_length=5000)
    clauses = serializers.ListField(child=serializers.CharField(max_length=2000), min_length=1, max_length=50)
    obligations = OwedInput(many=True, default=list)
    performance = serializers.CharField(max_length=2000, default="", allow_blank=True)
    made_on = serializers.DateField(default=None, allow_null=True)


PAPER = {(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="A Word document, or a zip of them.")}


class PaperInput(serializers.Serializer):
    """Which paper; `file`: all there are, in a zip."""

    paper = serializers.ChoiceField([*PAPERS, WHOLE])


class CourtPaperInput(serializers.Serializer):
    paper = serializers.ChoiceField(COURT_PAPERS)


class ConfirmationSerializer(OfDisputeMoving):
    number = serializers.CharField()
    state = serializers.ChoiceField(ConfirmationState.choices)
    court = serializers.CharField(source="court.code", default=None, allow_null=True)
    effective_on = serializers.DateField(source="agreement.effective_on")
    late = serializers.BooleanField()

    class Meta:
        model = JudicialConfirmation
        fields = [
            *MOVING, "number", "agreement", "effective_on", "last_day", "late", "reminded_day", "court", "court_basis",
            "applied_on", "received_on", "admitted_on", "decide_by", "extended", "decided_on", "case_number", "ground",
            "enforcement_on", "enforcement_number",
        ]  # fmt: skip
        read_only_fields = fields


class ConfirmationReasonSerializer(serializers.Serializer):
    """Why it may not be applied for (`blocks`), or what to mind; with its article."""

    code = serializers.CharField()
    text = serializers.CharField()
    article = serializers.CharField()
    blocks = serializers.BooleanField()


class ConfirmationWishSerializer(serializers.Serializer):
    """What a party said last, and on which day (`at`: when that was recorded)."""

    party = serializers.IntegerField(source="party_id")
    party_name = serializers.CharField(source="party.label")
    answer = serializers.CharField()
    how = serializers.CharField()
    said_on = serializers.DateField()
    at = serializers.DateTimeField()


class ConfirmationDetailSerializer(ConfirmationSerializer):
    """One confirmation; the court's clerk gets no reasons and no wishes: they are between parties and mediator.

    `late_reason`, `proof` (number of the receipt or of the posting), `proof_file` (its id): where the application was
    recorded after the last day, why, and what proves the day; the court decides by it. `wanted_at_visit`: what was
    answered at the first visit; null: not asked, or not for the reader."""

    day = serializers.SerializerMethodField()
    wanted_at_visit = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    wishes = serializers.SerializerMethodField()

    class Meta(ConfirmationSerializer.Meta):
        fields = [*ConfirmationSerializer.Meta.fields, "court_reason", "late_reason", "proof", "proof_file", "day",
                  "wanted_at_visit", "reasons", "wishes"]  # fmt: skip
        read_only_fields = fields

    def _reads(self, obj) -> bool:
        return grant_for(READS, obj.dispute, self.context["request"].user) is not None

    def get_day(self, obj) -> int:
        return day_of_term(obj.agreement.effective_on, timezone.localdate())

    def get_wanted_at_visit(self, obj) -> bool | None:
        visit = visit_word_of(obj) if self._reads(obj) else None
        return visit.confirmation_wanted if visit else None

    def get_reasons(self, obj) -> ConfirmationReasonSerializer(many=True):
        rows = reasons_of(obj) if obj.state in NOT_APPLIED and self._reads(obj) else []
        return ConfirmationReasonSerializer(rows, many=True).data

    def get_wishes(self, obj) -> ConfirmationWishSerializer(many=True):
        return ConfirmationWishSerializer(wishes_of(obj).values() if self._reads(obj) else [], many=True).data
