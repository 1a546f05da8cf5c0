"""REST door of what is about reading: breaking the glass, who read what, links of parties, a party's own disputes."""

import django_filters as filters
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.filters import CodedFilterSet
from governance.api.idempotency import ReadsAgain, idempotent
from governance.api.views import ScopedViewSet
from governance.models import Role
from mediation.access_labels import what_told
from mediation.agreements.documents.answers import file_answer
from mediation.agreements.documents.papers import WORD
from mediation.disputes.states import RecusalGround, RecusalState
from mediation.glass import breakable, glass_break
from mediation.models import AccessKind, BreakGlass, Dispute, DisputeAccess, Party, PartyLink, ReplyPerformed
from mediation.papers.links import LONGEST_DAYS, LONGEST_REASON, USUAL_DAYS, link_make, link_revoke
from mediation.papers.own import line_of, own_paper_take, told
from mediation.papers.saying import ANSWERS, COUNSELLING, WISHES, Reader, say

SAYINGS = [*ANSWERS, *WISHES, *COUNSELLING, "reply", "recuse"]
# What each may have beside, and what it needs of that.
GIVEN = {"reply": ("performed", "satisfaction", "relapse"), "recuse": ("ground", "words")}
GIVEN |= dict.fromkeys(WISHES, ("shown",))
NEEDED = {"reply": "performed", "recuse": "ground"}
BIG = 2**63 - 1


class GlassInput(serializers.Serializer):
    """Why somebody must read a dispute."""

    reason = serializers.CharField(max_length=500)


class GlassSerializer(serializers.ModelSerializer):
    """A broken glass: until when the dispute may be read."""

    dispute = serializers.CharField(source="dispute.number")

    class Meta:
        model = BreakGlass
        fields = ["id", "dispute", "opened_at", "until"]
        read_only_fields = fields


class DisputeAccessSerializer(serializers.ModelSerializer):
    """One reading. `person` null: a party, by their link or account (`party` is its id). `what`: label and key as kept,
    `what_label`: the same in words."""

    dispute = serializers.CharField(source="dispute.number")
    person = serializers.SerializerMethodField()
    role = serializers.ChoiceField(Role.choices, allow_blank=True)
    kind = serializers.ChoiceField(AccessKind.choices)
    what_label = serializers.SerializerMethodField()

    class Meta:
        model = DisputeAccess
        fields = ["id", "dispute", "person", "party", "role", "kind", "what", "what_label", "reason", "at"]
        read_only_fields = fields

    def get_what_label(self, access) -> str:
        """What was read, in words."""
        return what_told(access)

    def get_person(self, access) -> str | None:
        """A party's account would tell who they are to superiors, who do not read the dispute."""
        return None if access.party_id or access.person is None else access.person.username


class LinkInput(serializers.Serializer):
    """For how many days a link is valid. `reason`: needed where the violence is domestic, as who lives with the party
    knows the digits that open it."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=USUAL_DAYS)
    reason = serializers.CharField(max_length=LONGEST_REASON, default="", allow_blank=True)


class PartyLinkSerializer(serializers.ModelSerializer):
    """A link of a party; the address itself is told once, when it is made."""

    class Meta:
        model = PartyLink
        fields = ["id", "party", "made_at", "expires_at", "revoked_at", "locked_at", "failures", "opened_at"]
        read_only_fields = fields


class MadeLinkSerializer(PartyLinkSerializer):
    """A link just made, with its address, told once."""

    url = serializers.CharField(read_only=True)

    class Meta(PartyLinkSerializer.Meta):
        fields = [*PartyLinkSerializer.Meta.fields, "url"]
        read_only_fields = fields


class OwnLineSerializer(serializers.Serializer):
    """One of the own disputes; `id` is that of the party."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    type = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    registered_on = serializers.DateField()


class OwnObligationSerializer(serializers.Serializer):
    """An obligation of the own agreement; `mine`: the caller owes it. `debtor`, `creditor`: by side, the
    caller also by the own name, masked; `creditor` empty: all the others."""

    what = serializers.CharField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    due_on = serializers.DateField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    mine = serializers.BooleanField()
    debtor = serializers.CharField()
    creditor = serializers.CharField()


class OwnAgreementSerializer(serializers.Serializer):
    """The own agreement in effect."""

    number = serializers.CharField()
    effective_on = serializers.DateField()
    clauses = serializers.ListField(child=serializers.CharField())
    obligations = OwnObligationSerializer(many=True)


class OwnConfirmationSerializer(serializers.Serializer):
    """Whether the own agreement may still be confirmed by the court; `answer`: what the party said of it, and when."""

    state = serializers.CharField()
    state_label = serializers.CharField()
    last_day = serializers.DateField()
    late = serializers.BooleanField()
    answer = serializers.CharField(allow_blank=True)
    answer_label = serializers.CharField(allow_blank=True)
    answered_on = serializers.DateField(allow_null=True)


class OwnReplySerializer(serializers.Serializer):
    """What the party said last of the performance; `may_put_right`: said today, and nobody has acted on it, so that a
    second `reply` takes its place."""

    performed = serializers.CharField()
    performed_label = serializers.CharField()
    satisfaction = serializers.IntegerField(allow_null=True)
    relapse = serializers.BooleanField()
    at = serializers.DateTimeField()
    may_put_right = serializers.BooleanField()


class OwnSittingSerializer(serializers.Serializer):
    """A sitting to come at which the parties sit together."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kind_label = serializers.CharField()
    place = serializers.CharField(allow_blank=True)
    link = serializers.CharField(allow_blank=True)


class OwnCounsellingSerializer(serializers.Serializer):
    """The days of the own referral to counselling; nothing else is kept. `counsellor`, `station`: to whom one goes and
    where they work, once it was referred."""

    state = serializers.CharField()
    state_label = serializers.CharField()
    offered_on = serializers.DateField()
    consented_on = serializers.DateField(allow_null=True)
    referred_on = serializers.DateField(allow_null=True)
    attended_on = serializers.DateField(allow_null=True)
    declined_on = serializers.DateField(allow_null=True)
    counsellor = serializers.CharField(allow_blank=True)
    station = serializers.CharField(allow_blank=True)


class OwnPaperSerializer(serializers.Serializer):
    """A paper that the party may take."""

    code = serializers.CharField()
    label = serializers.CharField()


class OwnRecusalSerializer(serializers.Serializer):
    """The party's own last request that another person mediates; `decided_on` null: it is being decided."""

    state = serializers.ChoiceField(RecusalState.choices)
    state_label = serializers.CharField()
    decided_on = serializers.DateField(allow_null=True)


class OwnDisputeSerializer(OwnLineSerializer):
    """What a party reads of the own dispute; `may`: what they may say now; `through_agent`: the
    legal agent answers for them, to the mediator; `unit`: who has the dispute now; `refusal_ends`:
    to refuse ends the mediation for everybody; `recusal_asked`: somebody asked that another
    person mediates, and it is being decided."""

    progress = serializers.CharField()
    committee = serializers.CharField()
    unit = serializers.CharField()
    mediator = serializers.CharField()
    term_until = serializers.DateField(allow_null=True)
    arbitration_after = serializers.DateField(allow_null=True)
    answer = serializers.CharField()
    answer_label = serializers.CharField()
    answered_on = serializers.DateField(allow_null=True)
    may = serializers.ListField(child=serializers.CharField())
    refusal_ends = serializers.BooleanField()
    through_agent = serializers.BooleanField()
    recusal_asked = serializers.BooleanField()
    recusal = OwnRecusalSerializer(allow_null=True)
    sittings = OwnSittingSerializer(many=True)
    counselling = OwnCounsellingSerializer(allow_null=True)
    agreement = OwnAgreementSerializer(allow_null=True)
    confirmation = OwnConfirmationSerializer(allow_null=True)
    reply = OwnReplySerializer(allow_null=True)
    papers = OwnPaperSerializer(many=True)


class SayInput(serializers.Serializer):
    """What a party says; `performed`, `satisfaction`, `relapse` with `reply` only, `ground`, `words` with `recuse`.
    `shown` with `confirm` and `not_confirm`: the answer that was read before; where another one stands by now, it is
    refused once (409 `changed`)."""

    say = serializers.ChoiceField(SAYINGS)
    performed = serializers.ChoiceField(ReplyPerformed.choices, required=False)
    satisfaction = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    relapse = serializers.BooleanField(required=False)
    ground = serializers.ChoiceField(RecusalGround.choices, required=False)
    words = serializers.CharField(max_length=500, required=False, allow_blank=True)
    shown = serializers.CharField(max_length=20, required=False, allow_blank=True)

    def validate(self, attrs):
        wanted, needed = GIVEN.get(attrs["say"], ()), NEEDED.get(attrs["say"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: [self.fields[needed].error_messages["required"]]})
        return {name: value for name, value in attrs.items() if name in ("say", *wanted)}


class AccessFilters(CodedFilterSet):
    """``kind`` may be given several times; ``dispute``: its id."""

    kind = filters.MultipleChoiceFilter(choices=AccessKind.choices)
    dispute = filters.NumberFilter("dispute_id", min_value=1, max_value=BIG)

    class Meta(CodedFilterSet.Meta):
        model = DisputeAccess


@extend_schema(tags=["mediation"])
class DisputeAccessViewSet(mixins.ListModelMixin, ScopedViewSet):
    """Who read, exported or unmasked what, newest first: of the own disputes; for superiors, of all in their area."""

    queryset = DisputeAccess.objects.with_rows()
    serializer_class = DisputeAccessSerializer
    filterset_class = AccessFilters


class ReadingMixin(ReadsAgain):
    """What the viewset of disputes does about reading: break the glass, make and revoke links of parties."""

    def row_again(self, pk):
        if self.action != "glass":
            return super().row_again(pk)
        found = BreakGlass.objects.filter(person=self.request.user, dispute=self._breakable())
        return GlassSerializer(get_object_or_404(found, pk=pk)).data

    def _breakable(self) -> Dispute:
        """Return the dispute whose glass the caller may break or has broken. Raises Http404."""
        pk = self.kwargs["pk"]
        found = (rows.filter(pk=pk).first() for rows in (breakable(self.request.user), self.get_queryset()))
        dispute = next(filter(None, found), None)
        if dispute is None:
            raise Http404
        return dispute

    @extend_schema(request=GlassInput, responses={201: GlassSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def glass(self, request, pk):
        """Read one dispute that one otherwise may not, for an hour; those who work on it are told."""
        made = glass_break(self._breakable(), actor=request.user, reason=self._given(GlassInput)["reason"])
        return self._made(GlassSerializer, made)

    @extend_schema(request=LinkInput, responses={201: MadeLinkSerializer})
    @action(detail=True, methods=["post"], url_path=r"parties/(?P<party>[0-9]{1,18})/links", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def links(self, request, pk, party):
        """Make a link to the own page of a party; its address is told this once. Older links of the party end."""
        found = self.get_object().parties.filter(pk=party).first()
        if found is None:
            raise Http404
        link, token = link_make(found, actor=request.user, **self._given(LinkInput))
        link.url = request.build_absolute_uri(reverse("party_page:one", args=[token]))
        return self._made(MadeLinkSerializer, link)

    @extend_schema(request=None, responses=PartyLinkSerializer)
    @action(detail=True, methods=["post"], url_path=r"links/(?P<link>[0-9]{1,18})/revoke", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def revoke_link(self, request, pk, link):
        """Make a link worthless at once."""
        found = PartyLink.objects.filter(dispute=self.get_object(), pk=link).first()
        if found is None:
            raise Http404
        return Response(PartyLinkSerializer(link_revoke(found, actor=request.user)).data)


@extend_schema(tags=["mediation"])
class OwnDisputeViewSet(ReadsAgain, ScopedViewSet):
    """The caller's own disputes, as a party by their account; anything else is 404."""

    queryset = Party.objects.all()
    serializer_class = OwnDisputeSerializer
    permission_classes = [IsAuthenticated]
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = None

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return Party.objects.none()
        return Party.objects.of_person(self.request.user).order_by("-id")

    def _reader(self) -> Reader:
        return Reader(self.get_object(), self.request.user)

    @extend_schema(responses=OwnLineSerializer(many=True))
    def list(self, request):
        """The own disputes, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(OwnLineSerializer([line_of(party) for party in page], many=True).data)

    @extend_schema(responses=OwnDisputeSerializer)
    def retrieve(self, request, pk):
        """How it stands, what may be said, the own agreement and papers; that it was read is recorded."""
        return Response(self.answer_with(self.get_object()))

    def answer_with(self, party: Party) -> dict:
        """Return what the party reads of the dispute; that it was read is recorded."""
        return OwnDisputeSerializer(told(Reader(party, self.request.user))).data

    @extend_schema(request=SayInput, responses=OwnDisputeSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    @idempotent
    def say(self, request, pk):
        """Agree to be mediated, refuse, withdraw; ask for another mediator; ask for confirmation or not; tell how the
        agreement is performed; consent to counselling that was offered to oneself, or decline it."""
        reader = self._reader()
        given = SayInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        say(reader, data.pop("say"), **data)
        return Response(self.answer_with(self.get_object()))

    @extend_schema(responses={(200, WORD): OpenApiResponse(OpenApiTypes.BINARY, description="A Word document.")})
    @action(detail=True, methods=["get"], url_path=r"papers/(?P<paper>[a-z_]{1,40})", filterset_class=None,
            pagination_class=None)  # fmt: skip
    def papers(self, request, pk, paper):
        """One of the own papers; that it was taken is recorded."""
        return file_answer(*own_paper_take(self._reader(), paper), WORD, paper)
