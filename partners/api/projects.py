"""REST door of projects: for residents, partners, evaluators and staff of the community. Every write is a service."""

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import AreaFilter, CodedFilterSet
from governance.api.idempotency import idempotent
from governance.api.paging import ByCode
from governance.api.views import ApiView, ScopedViewSet
from governance.errors import NotPermitted
from governance.models import Area, User, Venue
from governance.scoping import grant_for
from partners.api.projects_serializers import (
    BudgetLineInput,
    EvaluationAnswerInput,
    EvaluatorInput,
    FitSerializer,
    ProjectClaimInput,
    ProjectClaimSerializer,
    ProjectDetailSerializer,
    ProjectEvaluationDetailSerializer,
    ProjectEvaluationFormSerializer,
    ProjectEvaluationSerializer,
    ProjectInput,
    ProjectLogInput,
    ProjectSerializer,
    ProjectSignedInSerializer,
    ProjectSignInInput,
    ProjectTaskInput,
    ProjectTaskSerializer,
    PublicProjectSerializer,
)
from partners.api.recruiting import PartViewSet, given_by, one_of
from partners.models import (
    Claim,
    Evaluation,
    EvaluationForm,
    Need,
    NeedCategory,
    Partner,
    Party,
    Profession,
    Project,
    QualificationKind,
    ServiceKind,
)
from partners.projects.claiming import claim_submit
from partners.projects.evaluating import evaluation_answer, evaluator_invite
from partners.projects.fit import partners_for, projects_for
from partners.projects.planning import ProjectPlan, project_change, project_make
from partners.projects.querysets import RUNS
from partners.projects.running import project_sign_in
from partners.projects.tasks import line_add, log_add, task_add
from partners.projects.workflow import ClaimState, EvaluationState, ProjectState
from partners.recruiting.standing import partners_of

BIG = 2**63 - 1
MOST_PARTNERS = 10
CODED = {"category": NeedCategory, "qualification": QualificationKind, "profession": Profession, "kind": ServiceKind,
         "help_kind": ServiceKind}  # fmt: skip


def _plan(data: dict, user) -> ProjectPlan:
    """Return the plan that a body says."""
    for name, model in CODED.items():
        code = data[name]
        data[name] = one_of(model.objects.filter(is_active=True), name, code) if code else None
    rows = Need.objects.visible_to(user)
    data["needs"] = [one_of(rows, "needs", pk, "pk") for pk in sorted(set(data["needs"]))]
    return ProjectPlan(**data)


class ProjectFilters(CodedFilterSet):
    state = filters.MultipleChoiceFilter(choices=ProjectState.choices)
    area = AreaFilter()

    class Meta(CodedFilterSet.Meta):
        model = Project


@extend_schema(tags=["projects"])
class ProjectViewSet(PartViewSet):
    """Projects of the caller's areas, for those who run or look after them."""

    queryset = Project.objects.with_rows()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilters
    free_actions = (*PartViewSet.free_actions, "tasks", "lines", "log", "evaluators", "suggestions")

    @extend_schema(responses=ProjectDetailSerializer)
    def retrieve(self, request, pk):
        """One project with its needs, tasks and the result line by line."""
        return Response(ProjectDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=ProjectInput, responses={201: ProjectSerializer})
    @idempotent
    def create(self, request):
        """Plan a project of adopted needs, or of none."""
        data = given_by(request, ProjectInput)
        area = one_of(Area.objects.filter(is_active=True), "area", data.pop("area") or "")
        return self.made(project_make(actor=request.user, area=area, plan=_plan(data, request.user)))

    @extend_schema(request=ProjectInput, responses=ProjectSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def change(self, request, pk):
        """Say anew what is planned, before anybody can claim it."""
        data = given_by(request, ProjectInput)
        data.pop("area")
        fresh = project_change(self.get_object(), actor=request.user, plan=_plan(data, request.user))
        return Response(self.answer_with(fresh))

    @extend_schema(request=ProjectTaskInput, responses={201: ProjectTaskSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def tasks(self, request, pk):
        """Add a task."""
        data = given_by(request, ProjectTaskInput)
        if data["venue"] is not None:
            data["venue"] = one_of(Venue.objects.visible_to(request.user), "venue", data["venue"], "pk")
        made = task_add(self.get_object(), actor=request.user, **data)
        return Response(ProjectTaskSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request={"multipart/form-data": BudgetLineInput}, responses={204: None})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def lines(self, request, pk):
        """Add a line of the budget, or an actual cost with its documents."""
        line_add(self.get_object(), actor=request.user, **given_by(request, BudgetLineInput))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request={"multipart/form-data": ProjectLogInput}, responses={204: None})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def log(self, request, pk):
        """Write in the log: as staff, or as the partner of an awarded claim."""
        data = given_by(request, ProjectLogInput)
        if data["claim"] is not None:
            data["claim"] = one_of(Claim.objects.visible_to(request.user), "claim", data["claim"], "pk")
            project = one_of(Project.objects.filter(claims=data["claim"]), "claim", pk, "pk")
        else:
            project = self.get_object()
        log_add(project, actor=request.user, **data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=EvaluatorInput, responses={201: ProjectEvaluationSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def evaluators(self, request, pk):
        """Ask somebody to evaluate."""
        project = self.get_object()
        if grant_for(RUNS, project, request.user) is None:
            raise NotPermitted(_("You may not do this in this project."))
        data = given_by(request, EvaluatorInput)
        person = one_of(User.objects.filter(is_active=True, is_system=False), "person", data["person"], "username")
        made = evaluator_invite(project, actor=request.user, party=data["party"], person=person)
        fresh = Evaluation.objects.with_rows().get(pk=made.pk)
        answer = ProjectEvaluationSerializer(fresh, context={"request": request}).data
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(responses=FitSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def suggestions(self, request, pk):
        """Partners who fit and have not claimed it, the best first, with the reasons."""
        return Response(FitSerializer(partners_for(self.get_object()), many=True).data)


@extend_schema(tags=["projects"])
class PublicProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Projects on view of all communities, for everybody signed in; `?area=` names one."""

    queryset = Project.objects.with_rows()
    serializer_class = PublicProjectSerializer
    filterset_class = ProjectFilters
    permission_classes = [IsAuthenticated]
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        return self.queryset.all().on_view()


class ClaimFilters(CodedFilterSet):
    project = filters.NumberFilter("project_id", min_value=1, max_value=BIG)
    partner = filters.NumberFilter("partner_id", min_value=1, max_value=BIG)
    state = filters.MultipleChoiceFilter(choices=ClaimState.choices)

    class Meta(CodedFilterSet.Meta):
        model = Claim


@extend_schema(tags=["projects"])
class ClaimViewSet(PartViewSet):
    """Claims: of the partners the caller is or acts for, and of the projects the caller runs or looks after."""

    queryset = Claim.objects.with_rows()
    serializer_class = ProjectClaimSerializer
    filterset_class = ClaimFilters

    @extend_schema(request=ProjectClaimInput, responses={201: ProjectClaimSerializer})
    @idempotent
    def create(self, request):
        """Claim a project for a partner the caller is or acts for."""
        data = given_by(request, ProjectClaimInput)
        project = one_of(Project.objects.on_view(), "project", data.pop("project"), "pk")
        data["partner"] = one_of(Partner.objects.visible_to(request.user), "partner", data["partner"], "pk")
        return self.made(claim_submit(project, actor=request.user, **data))


class EvaluationFilters(CodedFilterSet):
    project = filters.NumberFilter("project_id", min_value=1, max_value=BIG)
    party = filters.MultipleChoiceFilter(choices=Party.choices)
    state = filters.MultipleChoiceFilter(choices=EvaluationState.choices)

    class Meta(CodedFilterSet.Meta):
        model = Evaluation


@extend_schema(tags=["projects"])
class EvaluationViewSet(PartViewSet):
    """Evaluations: those the caller is asked for, and those of projects the caller runs or looks after."""

    queryset = Evaluation.objects.with_rows()
    serializer_class = ProjectEvaluationSerializer
    filterset_class = EvaluationFilters
    free_actions = (*PartViewSet.free_actions, "answer")

    @extend_schema(responses=ProjectEvaluationDetailSerializer)
    def retrieve(self, request, pk):
        """One evaluation with what is asked."""
        return Response(ProjectEvaluationDetailSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(request=EvaluationAnswerInput, responses=ProjectEvaluationSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def answer(self, request, pk):
        """Answer once: a mark for each item."""
        data = given_by(request, EvaluationAnswerInput)
        marks = {one["item"]: one["mark"] for one in data["marks"]}
        if len(marks) != len(data["marks"]):
            raise serializers.ValidationError({"marks": [_("One mark for each item.")]}, "invalid")
        row = self.get_object()
        return Response(
            self.answer_with(evaluation_answer(row, actor=request.user, marks=marks, remarks=data["remarks"]))
        )


@extend_schema(tags=["projects"])
class EvaluationFormViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Versions of the evaluation form with weights and grades."""

    queryset = EvaluationForm.objects.prefetch_related("grades")
    serializer_class = ProjectEvaluationFormSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = ByCode


@extend_schema(tags=["projects"])
class FittingProjectsView(ApiView):
    """Projects open to be claimed that fit the partners the caller is or acts for."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="me_fitting_projects", responses=FitSerializer(many=True))
    def get(self, request):
        found = projects_for(list(partners_of(request.user).with_rows()[:MOST_PARTNERS]))
        return Response(FitSerializer(found, many=True).data)


@extend_schema(tags=["projects"])
class ProjectSignInView(ApiView):
    """Signing in to a project by the code shown there."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="me_project_sign_in", request=ProjectSignInInput,
        responses={201: OpenApiResponse(ProjectSignedInSerializer)},
    )  # fmt: skip
    def post(self, request):
        row = project_sign_in(actor=request.user, code=given_by(request, ProjectSignInInput)["code"])
        row.helper = row.claim_id is not None
        return Response(ProjectSignedInSerializer(row).data, status=status.HTTP_201_CREATED)
