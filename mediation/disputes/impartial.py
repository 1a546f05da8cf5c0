"""Who must keep out of a dispute: whose own account or phone is a party's, and who was recused (人民调解法 23).

Whoever that is neither mediates the dispute nor carries it on, whatever their office; what they have as a party they
read on their own pages. Where nobody of the unit is left, the unit above appoints somebody and decides recusals [J].
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db.models import BigIntegerField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from governance.models.organisation import Appointment, Role
from governance.scoping import InArea, Relation, remembered
from mediation.disputes.digests import digest_of
from mediation.disputes.states import FOLLOWED_UP, OPEN, RecusalState

# Somebody must be there for it: worked on, or an agreement to follow up.
CARRIED_ON = (*OPEN, *FOLLOWED_UP)
MEDIATING_ROLES = (Role.VILLAGE_MEDIATOR, Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE)


def _rows(name: str) -> QuerySet:
    return apps.get_model("mediation", name).objects.order_by()


def is_party(parties: Iterable, user) -> bool:
    """Whether the account or the phone of ``user`` is that of one of ``parties``."""
    digest = digest_of(user.phone or "")
    return any(row.user_id == user.pk or (digest and row.phone_digest == digest) for row in parties)


def partial_in(user) -> frozenset[int]:
    """Return the disputes out of which ``user`` keeps; one statement, remembered for the request."""

    def read():
        mine = Q(user_id=user.pk)
        if user.phone:
            mine |= Q(phone_digest=digest_of(user.phone))
        recused = _rows("recusal").filter(mediator_id=user.pk, state=RecusalState.UPHELD)
        found = _rows("party").filter(mine).values_list("dispute_id", flat=True)
        return frozenset(found.union(recused.values_list("dispute_id", flat=True)))

    return remembered(user, "mediation.partial_in", read)


def impartial_of(dispute, people: Iterable) -> list:
    """Return those of ``people`` who are no party of the dispute and were not recused from it: whom notices reach."""
    recused = _rows("recusal").filter(dispute=dispute, state=RecusalState.UPHELD).values_list("mediator_id", flat=True)
    parties, out = list(dispute.parties.all()), set(recused)
    return [user for user in people if user.pk not in out and not is_party(parties, user)]


@dataclass(frozen=True)
class Impartial(Relation):
    """The person is no party of the dispute and was not recused from it."""

    def q(self, grant, user):
        return ~Q(pk__in=partial_in(user))

    def holds(self, obj, grant, user):
        return obj.pk not in partial_in(user)


def without_mediators(disputes: QuerySet) -> QuerySet:
    """Return those of ``disputes`` in whose unit nobody may mediate: no mediator is there, or each is a party, was
    recused, or is asked to step aside. Three statements at most, however many."""
    there = Appointment.objects.in_force().filter(role__in=MEDIATING_ROLES, user__is_active=True)
    asked = _rows("recusal").filter(dispute=OuterRef(OuterRef("pk")), mediator=OuterRef("user"),
                                    state__in=[RecusalState.ASKED, RecusalState.UPHELD])  # fmt: skip
    party = _rows("party").filter(dispute=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    here = ExpressionWrapper(OuterRef("pk"), output_field=BigIntegerField())
    free = there.filter(~Exists(asked), ~Exists(party), unit=OuterRef("unit")).annotate(here=here)
    for dispute_id, user_id in _by_phone(disputes, there):
        free = free.exclude(here=dispute_id, user=user_id)
    return disputes.filter(~Exists(free))


def _by_phone(disputes: QuerySet, there: QuerySet) -> list[tuple[int, int]]:
    """Return (dispute, mediator) where the mediator's phone is a party's: digests are of no use in SQL."""
    held = there.filter(unit__in=disputes.order_by().values("unit"), user__phone__isnull=False)
    people = {digest_of(phone): user for phone, user in held.values_list("user__phone", "user")}
    found = _rows("party").filter(dispute__in=disputes.order_by().values("pk"), phone_digest__in=people)
    return [(pk, people[digest]) for pk, digest in found.values_list("dispute_id", "phone_digest")] if people else []


@dataclass(frozen=True)
class LeftAlone(Relation):
    """A dispute of this tier that is worked on or followed up, in the grant's area, in whose unit nobody may mediate
    (``without_mediators``)."""

    tier: str

    def q(self, grant, user):
        return Q(pk__in=self._found(grant, user))

    def holds(self, obj, grant, user):
        return obj.tier == self.tier and obj.state in CARRIED_ON and obj.pk in self._found(grant, user)

    def _found(self, grant, user) -> frozenset[int]:
        def read():
            rows = _rows("dispute").filter(InArea().q(grant, user), tier=self.tier, state__in=CARRIED_ON)
            return frozenset(without_mediators(rows).values_list("pk", flat=True))

        return remembered(user, ("mediation.left_alone", self.tier, grant.area_path), read)
