"""JSON of projects, claims and evaluations. A key that names a row holds its code or id.

``transitions``: what the caller may do now.
"""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.fields import AreaCodeField, MomentField, PhotosField
from partners.api.recruiting_serializers import MOVING, PartnerMoving
from partners.models import (
    BudgetSort,
    Claim,
    Clash,
    Evaluation,
    EvaluationForm,
    EvaluationGrade,
    EvaluationItem,
    NeedGroup,
    PartnerKind,
    Party,
    Project,
    ProjectTask,
    Scale,
)
from partners.models.project import MOST_CLAIMS, MOST_HANDS, MOST_QUANTITY
from partners.models.project_claim import MOST_PEOPLE
from partners.projects.offered import offered
from partners.projects.showing import result_told
from partners.projects.workflow import ClaimState, EvaluationState, ProjectState


class ProjectMoving(PartnerMoving):
    """What all workflow objects of projects tell."""

    def get_transitions(self, obj) -> list[str]:
        return [step.name for step in offered(obj, self.context["request"].user)]


PUBLIC = ["id", "number", "area", "area_name", "title", "about", "goals", "group", "place", "starts_on", "ends_on",
          "state", "state_label", "partner_kinds", "qualification", "profession", "exclusive", "most_claims", "kind",
          "quantity", "claim_from", "claim_until", "score", "grade", "share", "closed_at"]  # fmt: skip


class PublicProjectSerializer(serializers.ModelSerializer):
    """A project as anybody may read it. ``score`` and ``grade`` once it is evaluated."""

    number = serializers.CharField()
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    group = serializers.ChoiceField(NeedGroup.choices)
    state = serializers.ChoiceField(ProjectState.choices)
    state_label = serializers.CharField(source="get_state_display")
    partner_kinds = serializers.ListField(child=serializers.ChoiceField(PartnerKind.choices))
    qualification = serializers.CharField(source="qualification.code", default=None, allow_null=True)
    profession = serializers.CharField(source="profession.code", default=None, allow_null=True)
    kind = serializers.CharField(source="kind.code", default=None, allow_null=True)
    grade = serializers.CharField(source="grade.name", default=None, allow_null=True)
    share = serializers.IntegerField(source="grade.share", default=None, allow_null=True)

    class Meta:
        model = Project
        fields = PUBLIC
        read_only_fields = fields


class ProjectSerializer(PublicProjectSerializer, ProjectMoving):
    """A project as its staff read it."""

    transitions = serializers.SerializerMethodField()

    class Meta(PublicProjectSerializer.Meta):
        fields = [*PUBLIC, "version", "transitions", "clash", "published_at", "missing"]
        read_only_fields = fields


class ProjectTaskSerializer(serializers.ModelSerializer):
    """A task of a project."""

    venue = serializers.IntegerField(source="venue_id", allow_null=True)
    claim = serializers.IntegerField(source="claim_id", allow_null=True)

    class Meta:
        model = ProjectTask
        fields = ["id", "title", "starts_at", "ends_at", "place", "venue", "hands", "claim", "done_at"]
        read_only_fields = fields


class ResultLineSerializer(serializers.Serializer):
    """One party in the result: its weight (%), how many answered, its mean, what it adds."""

    party = serializers.CharField()
    weight = serializers.IntegerField()
    persons = serializers.IntegerField()
    score = serializers.DecimalField(5, 2, allow_null=True)
    adds = serializers.DecimalField(5, 2)


class ProjectDetailSerializer(ProjectSerializer):
    """One project with its needs, tasks and the result line by line."""

    needs = serializers.SerializerMethodField()
    tasks = ProjectTaskSerializer(many=True)
    result = serializers.SerializerMethodField()

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "needs", "tasks", "result"]
        read_only_fields = fields

    def get_needs(self, project) -> list[int]:
        return list(project.needs.order_by("pk").values_list("pk", flat=True))

    @extend_schema_field(ResultLineSerializer(many=True))
    def get_result(self, project):
        told = result_told(project)
        names = ("party", "weight", "persons", "score", "adds")
        rows = [dict(zip(names, line, strict=True)) for line in told.lines] if told else []
        return ResultLineSerializer(rows, many=True).data


class ProjectClaimSerializer(ProjectMoving):
    """A claim, for its partner and the staff."""

    state = serializers.ChoiceField(ClaimState.choices)
    number = serializers.CharField()
    project = serializers.IntegerField(source="project_id")
    project_title = serializers.CharField(source="project.title")
    partner = serializers.IntegerField(source="partner_id")
    partner_name = serializers.CharField(source="partner.name")

    class Meta:
        model = Claim
        fields = [*MOVING, "number", "project", "project_title", "partner", "partner_name", "plan", "people", "busy",
                  "submitted_at", "decided_at", "delivered_at", "ended_at", "report", "served",
                  "sessions"]  # fmt: skip
        read_only_fields = fields


class EvaluationItemSerializer(serializers.ModelSerializer):
    """What one party is asked."""

    scale = serializers.ChoiceField(Scale.choices)

    class Meta:
        model = EvaluationItem
        fields = ["id", "text", "scale", "weight"]
        read_only_fields = fields


class EvaluationMarkSerializer(serializers.Serializer):
    """The mark given for one item."""

    item = serializers.IntegerField(source="item_id")
    mark = serializers.IntegerField()


class ProjectEvaluationSerializer(ProjectMoving):
    """An evaluation: ``marks`` once it is answered."""

    state = serializers.ChoiceField(EvaluationState.choices)
    party = serializers.ChoiceField(Party.choices)
    project = serializers.IntegerField(source="project_id")
    project_title = serializers.CharField(source="project.title")
    person = serializers.IntegerField(source="person_id")
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)
    form = serializers.CharField(source="form.code")
    marks = EvaluationMarkSerializer(many=True)

    class Meta:
        model = Evaluation
        fields = [*MOVING, "project", "project_title", "party", "person", "unit", "form", "asked_at", "answered_at",
                  "words", "marks"]  # fmt: skip
        read_only_fields = fields


class ProjectEvaluationDetailSerializer(ProjectEvaluationSerializer):
    """One evaluation with what is asked."""

    items = serializers.SerializerMethodField()

    class Meta(ProjectEvaluationSerializer.Meta):
        fields = [*ProjectEvaluationSerializer.Meta.fields, "items"]
        read_only_fields = fields

    @extend_schema_field(EvaluationItemSerializer(many=True))
    def get_items(self, row):
        rows = row.form.items.filter(party=row.party).order_by("position")
        return EvaluationItemSerializer(rows, many=True).data


class EvaluationGradeSerializer(serializers.ModelSerializer):
    """From which result on, and the share of the tariff in percent."""

    class Meta:
        model = EvaluationGrade
        fields = ["name", "from_score", "share"]
        read_only_fields = fields


class ProjectEvaluationFormSerializer(serializers.ModelSerializer):
    """A version of the form with its weights in percent and its grades."""

    grades = EvaluationGradeSerializer(many=True)

    class Meta:
        model = EvaluationForm
        fields = ["code", "title", "valid_from", "residents", "staff", "third", "is_active", "grades"]
        read_only_fields = fields


class FitReasonSerializer(serializers.Serializer):
    """One reason; ``needed``: without it no claim is taken."""

    code = serializers.CharField()
    text = serializers.CharField()
    ok = serializers.BooleanField()
    needed = serializers.BooleanField()


class FitSerializer(serializers.Serializer):
    """A partner and a project that fit, with the reasons."""

    project = serializers.IntegerField(source="project.pk")
    project_title = serializers.CharField(source="project.title")
    partner = serializers.IntegerField(source="partner.pk")
    partner_name = serializers.CharField(source="partner.name")
    score = serializers.IntegerField()
    reasons = FitReasonSerializer(many=True)


class ProjectInput(serializers.Serializer):
    """A project to be planned. ``needs``: ids of adopted needs."""

    area = AreaCodeField()
    title = serializers.CharField(max_length=80)
    about = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    goals = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    group = serializers.ChoiceField(NeedGroup.choices, default=NeedGroup.EVERYBODY)
    needs = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, default=list, max_length=30
    )
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    partner_kinds = serializers.ListField(
        child=serializers.ChoiceField(PartnerKind.choices), required=False, default=list, max_length=3
    )
    category = serializers.SlugField(required=False, allow_null=True, default=None)
    qualification = serializers.SlugField(required=False, allow_null=True, default=None)
    profession = serializers.SlugField(required=False, allow_null=True, default=None)
    clash = serializers.ChoiceField(Clash.choices, default=Clash.WARN)
    exclusive = serializers.BooleanField(default=True)
    most_claims = serializers.IntegerField(min_value=1, max_value=MOST_CLAIMS, default=1)
    kind = serializers.SlugField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_QUANTITY, default=1)
    help_kind = serializers.SlugField(required=False, allow_null=True, default=None)


class ProjectTaskInput(serializers.Serializer):
    """A task; a venue is booked for its time at once."""

    title = serializers.CharField(max_length=80)
    starts_at = MomentField(required=False, allow_null=True, default=None)
    ends_at = MomentField(required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    venue = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, allow_null=True, default=None)
    hands = serializers.IntegerField(min_value=1, max_value=MOST_HANDS, default=1)


class BudgetLineInput(serializers.Serializer):
    """A line of the budget or an actual cost; `multipart/form-data` with documents."""

    sort = serializers.ChoiceField(BudgetSort.choices)
    title = serializers.CharField(max_length=80)
    amount = serializers.DecimalField(10, 2)
    day = serializers.DateField(required=False, allow_null=True, default=None)
    documents = PhotosField()


class ProjectLogInput(serializers.Serializer):
    """An entry of the log; ``claim``: as the partner of this awarded claim. `multipart/form-data` with photos."""

    text = serializers.CharField(max_length=1000)
    claim = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, allow_null=True, default=None)
    open = serializers.BooleanField(default=False)
    photos = PhotosField()


class EvaluatorInput(serializers.Serializer):
    """Somebody to be asked, by user name."""

    party = serializers.ChoiceField(Party.choices)
    person = serializers.CharField(max_length=150)


class ProjectClaimInput(serializers.Serializer):
    """A claim of a project by a partner the caller is or acts for."""

    project = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    partner = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    plan = serializers.CharField(max_length=2000)
    people = serializers.IntegerField(min_value=1, max_value=MOST_PEOPLE, default=1)


class EvaluationMarkInput(serializers.Serializer):
    """A mark for one item."""

    item = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    mark = serializers.IntegerField(min_value=0, max_value=100)


class EvaluationAnswerInput(serializers.Serializer):
    """An answer: a mark for each item, once."""

    marks = serializers.ListField(child=EvaluationMarkInput(), max_length=100)
    remarks = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ProjectSignInInput(serializers.Serializer):
    """The code shown where the project takes place."""

    code = serializers.CharField(max_length=60)


class ProjectSignedInSerializer(serializers.Serializer):
    """That somebody signed in, and whether as a helper."""

    project = serializers.IntegerField(source="project_id")
    signed_in_at = serializers.DateTimeField()
    helper = serializers.BooleanField()
