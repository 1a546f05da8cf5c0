"""REST door for whoever is signed in: the own dwellings, and looking one up to claim it."""

from collections import defaultdict

from django.db.models import OuterRef, Prefetch, Q, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from governance.api.idempotency import idempotent
from governance.api.registry import inputs, serializers
from governance.api.throttling import SharedThrottle
from governance.api.views import ApiView
from governance.models import Attachment, Dwelling, Estate, Ownership, Remark, Residency
from governance.registry.services import ownership_claim, residency_claim
from governance.transactions import atomically
from governance.workflow import act

MODELS = {"residency": Residency, "ownership": Ownership}
# A look-up helps to find one's own door, not to copy the register.
MOST_FOUND = 100


def own_rows(model, user):
    """Return the caller's residencies or ownerships, each with the reason of its refusal."""
    name = model._meta.model_name
    reasons = Remark.objects.filter(
        event__name=f"{name}.refused", event__subject_type=model._meta.label_lower, event__subject_id=OuterRef("pk")
    )
    rows = model.objects.visible_to(user).filter(user=user).with_rows().order_by("-id")
    return rows.annotate(refusal=Subquery(reasons.order_by("-pk").values("text")[:1]))


def own_json(ties, request) -> list[dict]:
    """Return the JSON of the caller's rows; one statement more, for their files."""
    wanted = Q(pk=None)
    for tie in ties:
        wanted |= Q(subject_type=tie._meta.label_lower, subject_id=tie.pk)
    evidence = defaultdict(list)
    for file in Attachment.objects.filter(wanted):
        evidence[file.subject_type, file.subject_id].append(file)
    context = {"request": request, "evidence": evidence}
    return serializers.OwnTieSerializer(ties, many=True, context=context).data


class OwnView(ApiView):
    """Base of what the caller does with own rows; ``<id>`` is ``residency-<n>`` or ``ownership-<n>``."""

    permission_classes = [IsAuthenticated]

    def own(self, reference: str):
        """Return the caller's row. Raises NotFound, also for somebody else's."""
        name, _dash, pk = reference.partition("-")
        tie = own_rows(MODELS[name], self.request.user).filter(pk=pk).first()
        if tie is None:
            raise NotFound
        return tie

    def answer(self, tie, *, code=status.HTTP_200_OK) -> Response:
        """Answer with the caller's row, loaded anew."""
        fresh = own_rows(type(tie), self.request.user).get(pk=tie.pk)
        return Response(own_json([fresh], self.request)[0], status=code)


@extend_schema(tags=["own dwellings"])
class OwnDwellingsView(OwnView):
    throttle_scope = "registry-claim"

    def get_throttles(self):
        return [SharedThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=serializers.OwnTieSerializer(many=True))
    def get(self, request):
        """The caller's residencies and ownerships in every state, newest first."""
        ties = [*own_rows(Residency, request.user), *own_rows(Ownership, request.user)]
        return Response(own_json(ties, request))

    @extend_schema(request=inputs.ClaimInput, responses={201: serializers.OwnTieSerializer})
    @idempotent
    def post(self, request):
        """Claim to live in or to own a dwelling; the community confirms or refuses. Evidence as multipart files."""
        given = inputs.ClaimInput(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        return self.answer(_claim(request.user, dict(given.validated_data)), code=status.HTTP_201_CREATED)


def _claim(user, given: dict):
    relation, kind = given.pop("relation"), given.pop("kind", None)
    shares = {name: given.pop(name) for name in ("share_numerator", "share_denominator", "owner_name")}
    if relation == "residency":
        return residency_claim(actor=user, kind=kind, **given)
    return ownership_claim(actor=user, **shares, **given)


@extend_schema(tags=["own dwellings"])
class OwnEndView(OwnView):
    @extend_schema(request=inputs.EndInput, responses=serializers.OwnTieSerializer)
    @idempotent
    def post(self, request, reference):
        """End an own residency (moving out) or ownership (sold)."""
        tie = self.own(reference)
        given = inputs.EndInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self.answer(act(tie, "end", actor=request.user, **given.validated_data))


@extend_schema(tags=["own dwellings"])
class OwnWithdrawView(OwnView):
    @extend_schema(request=inputs.WithdrawInput, responses=serializers.OwnTieSerializer)
    @idempotent
    def post(self, request, reference):
        """Take back an own claim that was not decided yet."""
        tie = self.own(reference)
        given = inputs.WithdrawInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self.answer(act(tie, "withdraw", actor=request.user, **given.validated_data))


@extend_schema(tags=["own dwellings"])
class OwnVoterView(OwnView):
    @extend_schema(request=inputs.VoterInput, responses=serializers.OwnTieSerializer)
    @idempotent
    def post(self, request, reference):
        """Name who votes for an own dwelling: the caller or a co-owner; the former voter is replaced."""
        given = inputs.VoterInput(data=request.data)
        given.is_valid(raise_exception=True)
        with atomically():
            own = self.own(reference)
            chosen = given.validated_data["voter"]
            voter = own if chosen is None else self._co_owner(own, chosen)
            act(voter, "name_voter", actor=request.user)
        return self.answer(own)

    def _co_owner(self, own, chosen: str) -> Ownership:
        pk = int(chosen.partition("-")[2])
        rows = Ownership.objects.current().with_rows().filter(dwelling_id=own.dwelling_id, pk=pk)
        found = rows.first() if isinstance(own, Ownership) and own.state == "verified" else None
        if found is None:
            raise NotFound
        return found


class LookupView(ApiView):
    """Base of look-ups: for everybody signed in, so many an hour."""

    permission_classes = [IsAuthenticated]
    throttle_classes = [SharedThrottle]
    throttle_scope = "registry-lookup"


@extend_schema(tags=["own dwellings"])
class EstateLookupView(LookupView):
    @extend_schema(parameters=[inputs.EstateLookup], responses=serializers.EstateAddressSerializer(many=True))
    def get(self, request):
        """Estates by part of their name, code or address: to find one's own. At most 100."""
        given = inputs.EstateLookup(data=request.query_params)
        given.is_valid(raise_exception=True)
        text = given.validated_data["q"]
        rows = Estate.objects.open_to_everybody().filter(
            Q(name__icontains=text) | Q(code__iexact=text) | Q(address__icontains=text)
        )
        rows = rows.prefetch_related(Prefetch("buildings", queryset=serializers.buildings_in_use()))
        return Response(serializers.EstateAddressSerializer(rows.order_by("code")[:MOST_FOUND], many=True).data)


@extend_schema(tags=["own dwellings"])
class DwellingLookupView(LookupView):
    @extend_schema(parameters=[inputs.DwellingLookup], responses=serializers.DwellingAddressSerializer(many=True))
    def get(self, request):
        """Dwellings of a building by their number: codes and addresses, nobody's name. At most 100."""
        given = inputs.DwellingLookup(data=request.query_params)
        given.is_valid(raise_exception=True)
        found = given.validated_data
        rows = Dwelling.objects.open_to_everybody().with_address().order_by("code")
        rows = rows.filter(building__estate__code=found["estate"], building__number=found["building"])
        if "number" in found:
            rows = rows.filter(number=found["number"])
        return Response(serializers.DwellingAddressSerializer(rows[:MOST_FOUND], many=True).data)
