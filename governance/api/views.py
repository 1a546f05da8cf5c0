"""Base classes of the API's views, and the kernel's own read-only lists."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.authentication import AUTHENTICATION
from governance.api.filters import AreaFilters, UnitFilters
from governance.api.paging import ByCode
from governance.api.parsers import PARSERS
from governance.api.serializers import AreaSerializer, ErrorsSerializer, NameInput, PersonSerializer, UnitSerializer
from governance.identity.people import person_rename
from governance.models import Area, OrgUnit
from governance.permissions import STAFF, RoleBackend
from governance.scoping import roles_of

VERBS = {"GET": "view", "HEAD": "view", "POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


class ApiMixin:
    """What every view of the API has in common."""

    authentication_classes = AUTHENTICATION
    parser_classes = PARSERS
    metadata_class = None


class ApiView(ApiMixin, APIView):
    """Base of single views."""


class RolePermission(BasePermission):
    """The person holds a role that ``governance.permissions.permit`` lets do this to the view's model.

    Actions in ``free_actions`` ask no role here: what they carry out has a rule of its own.
    """

    def has_permission(self, request, view):
        meta = view.queryset.model._meta
        verb = VERBS.get(request.method)
        if verb is None or view.action is None or view.action in view.free_actions:
            return True  # without an action there is no such method here: answered with 405
        # Asked of our backend alone: Django's own would read the tables of personal permissions, which nobody fills.
        return RoleBackend().has_perm(request.user, f"{meta.app_label}.{verb}_{meta.model_name}")


class IsStaff(BasePermission):
    """The person holds any role of somebody who works here."""

    def has_permission(self, request, view):
        return bool(STAFF & roles_of(request.user))


class ScopedViewSet(ApiMixin, viewsets.GenericViewSet):
    """Base of viewsets: rows the caller may see and no others, so that anything else is 404.

    Subclasses set ``queryset`` of a model whose manager has ``visible_to``.
    """

    permission_classes = [IsAuthenticated, RolePermission]
    free_actions: tuple[str, ...] = ("transition",)

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user)


class ReferenceViewSet(mixins.ListModelMixin, ScopedViewSet):
    """A list of reference data for people who work here."""

    permission_classes = [IsAuthenticated, IsStaff]


@extend_schema(tags=["reference"])
class AreaViewSet(ReferenceViewSet):
    """Areas of the tree, by code."""

    queryset = Area.objects.select_related("parent").defer("boundary", "parent__boundary")
    serializer_class = AreaSerializer
    filterset_class = AreaFilters
    pagination_class = ByCode


@extend_schema(tags=["reference"])
class UnitViewSet(ReferenceViewSet):
    """Units that work can be dispatched to, by code."""

    queryset = OrgUnit.objects.select_related("area", "estate").defer("area__boundary")
    serializer_class = UnitSerializer
    filterset_class = UnitFilters
    pagination_class = ByCode


@extend_schema(tags=["reference"], responses=PersonSerializer)
class MeView(ApiView):
    """The caller: name, and the roles held today with their units and areas."""

    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response(PersonSerializer(request.user).data)

    @extend_schema(request=NameInput, responses={200: PersonSerializer, 403: ErrorsSerializer})
    def patch(self, request):
        """Residents say what they are called."""
        given = NameInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(PersonSerializer(person_rename(actor=request.user, **given.validated_data)).data)


class UnknownAddress(ApiView):
    """Every address under ``/api/`` that is none."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise NotFound
