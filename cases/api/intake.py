"""REST doors of named sources: their messages come in with a key; staff see health and mend what could not be taken."""

import json

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from cases.api.intake_serializers import (
    DeadLetterSerializer,
    LetterFilters,
    MessagesResultSerializer,
    ReplayedSerializer,
    SourceFilters,
    SourceSerializer,
)
from cases.intake.health import health_of
from cases.intake.keys import SourceCredential, source_of
from cases.intake.letters import letters_replay
from cases.intake.receiving import LARGEST, REJECTED, Taken, messages_take
from cases.models import DeadLetter, IntakeSource
from governance.api.authentication import KeyAuthentication
from governance.api.paging import ByCode
from governance.api.parsers import BoundedJSONParser
from governance.api.throttling import SharedThrottle
from governance.api.transitions import TransitionsMixin
from governance.api.views import ApiView, ScopedViewSet

MAX_MESSAGES = 100


class SourceAuthentication(KeyAuthentication):
    """``Authorization: Source <key>``; the request's user is then a ``SourceCredential``."""

    scheme = "Source"

    def recognised(self, secret):
        source = source_of(secret)
        return source and SourceCredential(source)


class SourceScheme(OpenApiAuthenticationExtension):
    target_class = SourceAuthentication
    name = "sourceKey"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Source <key>`; an administrator makes one on the page of the source.",
        }


class IsThatSource(BasePermission):
    """The request came with the key of the source that its address names."""

    def has_permission(self, request, view):
        return isinstance(request.user, SourceCredential)


class MessageInput(serializers.Serializer):
    """Any JSON object: the mapping of the source says what it means."""


@extend_schema(tags=["intake"])
class IntakeView(ApiView):
    authentication_classes = [SourceAuthentication]
    permission_classes = [IsThatSource]
    parser_classes = [BoundedJSONParser]
    throttle_classes = [SharedThrottle]
    throttle_scope = "intake"

    @extend_schema(request=OpenApiTypes.OBJECT, responses={202: MessagesResultSerializer})
    def post(self, request, code):
        """Send messages: one object, or `{"messages": [...]}` with 1 to 100 of them.

        Each is judged by itself and stored when answered. `created`: it is a case now; `repeated`: it was one already;
        `updated`: what is new was added to its case; `rejected`: it was kept with what is wrong, to be put right here.
        """
        source = request.user.source
        if source.code != code:
            raise PermissionDenied(_("This key belongs to another source."), "other_source")
        taken = messages_take(source, _messages(request.data))
        return Response({"results": [_told(one) for one in taken]}, status=status.HTTP_202_ACCEPTED)


def _messages(data) -> list:
    """Return the messages of a body. Raises ValidationError."""
    if not isinstance(data, dict):
        raise ValidationError(
            {"messages": [_("An object with a list “messages”, or one message, is needed.")]}, "required"
        )
    messages = data["messages"] if set(data) == {"messages"} else [data]
    if not isinstance(messages, list):
        raise ValidationError({"messages": [_("This is not a list.")]}, "not_a_list")
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise ValidationError({"messages": [_("1 to 100 messages in one request.")]}, "max_length")
    for index, message in enumerate(messages):
        if len(json.dumps(message, ensure_ascii=False).encode()) > LARGEST:
            raise ValidationError({f"messages.{index}": [_("A message has at most 64 KB.")]}, "max_length")
    return messages


def _told(taken: Taken) -> dict:
    return {
        "status": taken.status,
        "external_id": taken.external_id,
        "case": taken.case.number if taken.case else None,
        "errors": list(taken.errors),
    }


@extend_schema(tags=["intake"])
class SourceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Named sources the caller may see, with how they are."""

    queryset = IntakeSource.objects.select_related("area", "unit").defer("area__boundary")
    serializer_class = SourceSerializer
    filterset_class = SourceFilters
    pagination_class = ByCode
    lookup_field = "code"
    lookup_value_regex = r"[a-z0-9][a-z0-9_-]{0,29}"
    free_actions = ("replay",)

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        self.health = health_of(page)
        return page

    def get_serializer_context(self):
        return super().get_serializer_context() | {"health": getattr(self, "health", {})}

    def get_object(self):
        source = super().get_object()
        self.health = health_of([source])
        return source

    @extend_schema(request=None, responses=ReplayedSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request, code):
        """Replay the dead letters of a source, at most 500 at once: for a mapping that was mended."""
        done = letters_replay(self.get_object(), actor=request.user)
        return Response({"replayed": done.replayed, REJECTED: done.wrong, "left": done.left})


@extend_schema(tags=["intake"])
class DeadLetterViewSet(TransitionsMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Messages that could not be taken, newest first. They may hold personal data: for those who mend them only."""

    queryset = DeadLetter.objects.select_related("source__area", "case").defer("source__area__boundary")
    serializer_class = DeadLetterSerializer
    filterset_class = LetterFilters
    lookup_value_regex = r"[0-9]{1,18}"

    def answer_with(self, letter: DeadLetter) -> dict:
        """Return the JSON of a letter just changed."""
        return self.get_serializer(self.queryset.get(pk=letter.pk)).data
