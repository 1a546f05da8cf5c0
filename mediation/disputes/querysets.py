"""Who sees which dispute ("Who sees what", domain/mediation.md); every list starts from ``visible_to(user)``.

A village mediator sees the own committee's disputes, the township centre those of tier complex and above, the county
centre the major ones; whoever mediates one sees it. Nobody else reads a dispute: departments see their task, helpers
their summary, clerks their confirmation, parties their own papers (models of their own). Administrators and the
operations centre count; with a reason and a notice they may break the glass for an hour (``BreakGlass``). Who is a
party, or was recused, has no work on the dispute and does not read it by their office (``impartial.py``).
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from mediation.disputes.impartial import MEDIATING_ROLES, Impartial, LeftAlone
from mediation.disputes.states import HIGHER, OPEN, DisputeTier

IN_AREA = InArea()
SYSTEM = {Role.SYSTEM: Anywhere()}


@dataclass(frozen=True)
class OfTier(Relation):
    """The dispute's tier is one of these."""

    tiers: tuple[str, ...]

    def q(self, grant, user):
        return Q(tier__in=self.tiers)

    def holds(self, obj, grant, user):
        return obj.tier in self.tiers


@dataclass(frozen=True)
class InState(Relation):
    """The row's own state is one of these."""

    states: tuple[str, ...]

    def q(self, grant, user):
        return Q(state__in=self.states)

    def holds(self, obj, grant, user):
        return obj.state in self.states


@dataclass(frozen=True)
class GlassBroken(Relation):
    """The person broke the glass of this dispute, with a reason, and the time is not over."""

    def q(self, grant, user):
        return Q(pk__in=self._of(user).values("dispute_id"))

    def holds(self, obj, grant, user):
        return self._of(user).filter(dispute_id=obj.pk).exists()

    @staticmethod
    def _of(user):
        return apps.get_model("mediation", "breakglass").objects.filter(person_id=user.pk, until__gt=timezone.now())


@dataclass(frozen=True)
class OfDispute(Relation):
    """A relation asked of the dispute that a row's ``dispute`` leads to; rows load ``dispute__area``."""

    asked: Relation

    def q(self, grant, user):
        found = apps.get_model("mediation", "dispute").objects.filter(self.asked.q(grant, user))
        return Q(Exists(found.filter(pk=OuterRef("dispute_id"))))

    def holds(self, obj, grant, user):
        return self.asked.holds(obj.dispute, grant, user)


MINE = Own("mediator")
IMPARTIAL = Impartial()
OF_COMMITTEE = OfUnit("committee")
IN_TOWNSHIP = InArea() & OfTier(tuple(HIGHER))
IN_COUNTY = InArea() & OfTier((DisputeTier.MAJOR,))
# Who works on disputes. The grid worker only on one given to them.
WORKS = {
    Role.VILLAGE_MEDIATOR: OF_COMMITTEE & IMPARTIAL,
    Role.TOWNSHIP_MEDIATOR: (IN_TOWNSHIP | MINE) & IMPARTIAL,
    Role.COUNTY_CENTRE: (IN_COUNTY | MINE) & IMPARTIAL,
    Role.GRID_WORKER: MINE & IMPARTIAL,
}
# Whose unit stands above one in which nobody is left who may mediate: it appoints somebody, and decides recusals. Above
# the county's centre there is none; of its own disputes another centre does it whose area holds the place (a city's).
ABOVE = {
    Role.TOWNSHIP_MEDIATOR: LeftAlone(DisputeTier.GENERAL) & IMPARTIAL,
    Role.COUNTY_CENTRE: (LeftAlone(DisputeTier.COMPLEX) | LeftAlone(DisputeTier.MAJOR)) & IMPARTIAL,
}
BREAKERS = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE)
GLASS = GlassBroken() & IMPARTIAL
READS = SYSTEM | WORKS | {
    Role.ADMINISTRATOR: GLASS,
    Role.OPERATIONS_CENTRE: GLASS,
    Role.TOWNSHIP_MEDIATOR: WORKS[Role.TOWNSHIP_MEDIATOR] | GLASS | ABOVE[Role.TOWNSHIP_MEDIATOR],
    Role.COUNTY_CENTRE: WORKS[Role.COUNTY_CENTRE] | GLASS | ABOVE[Role.COUNTY_CENTRE],
}  # fmt: skip
# Who carries a dispute on: people of the unit that has it now, and whoever mediates it (a grid worker on site). A
# village committee that handed a dispute up still reads it.
OF_UNIT = OfUnit("unit")
HANDLES = {
    Role.VILLAGE_MEDIATOR: OF_UNIT & IMPARTIAL,
    Role.TOWNSHIP_MEDIATOR: (OF_UNIT | MINE) & IMPARTIAL,
    Role.COUNTY_CENTRE: (OF_UNIT | MINE) & IMPARTIAL,
    Role.GRID_WORKER: MINE & IMPARTIAL,
}
# Who decides for the unit: who mediates, whether somebody is recused, what ends.
KEEPS = {role: relation for role, relation in HANDLES.items() if role != Role.GRID_WORKER}
# Who says who mediates, and whether somebody is recused.
APPOINTS = KEEPS | {role: KEEPS[role] | relation for role, relation in ABOVE.items()}
# Who registers disputes: in the own area; a grid worker reports a hazard instead.
REGISTERS = SYSTEM | dict.fromkeys(MEDIATING_ROLES, IN_AREA)
# Who reads the masked list of what they may not open: number, type, tier, state, dates; no names, no words. The county
# reads the major ones and counts the others, analysts only count.
LISTS = {Role.TOWNSHIP_MEDIATOR: IN_AREA}

# Who sees who read what of a dispute: a village committee of its own ones, the superiors and the administrators of all
# in their area; never of one they are a party to: reasons of others stand there.
SUPERVISES = {
    Role.VILLAGE_MEDIATOR: OF_COMMITTEE & IMPARTIAL,
    Role.TOWNSHIP_MEDIATOR: IN_AREA & IMPARTIAL,
    Role.COUNTY_CENTRE: IN_AREA & IMPARTIAL,
    Role.ADMINISTRATOR: IN_AREA & IMPARTIAL,
}


def through_dispute(rule) -> dict[str, Relation]:
    """Return a rule for rows with a ``dispute``: the same roles, asked of the dispute."""
    return {role: relation if isinstance(relation, Anywhere) else OfDispute(relation)
            for role, relation in rule.items()}  # fmt: skip


class DisputeTypeQuerySet(ScopedQuerySet):
    def in_use(self):
        """Types that disputes may have today."""
        return self.filter(is_active=True)

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()


class DisputeQuerySet(WorkflowQuerySet):
    VISIBLE = READS

    def listed_to(self, user):
        """Disputes that a person may read, and those they may only see in the masked list."""
        found = visible_q(LISTS, user)
        readable = visible_q(self.VISIBLE, user)
        if found is None or readable is None:
            return self.visible_to(user) if found is None else self.filter(found)
        return self.filter(found | readable)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("area", "type", "committee", "unit", "mediator", "registered_by")
        return self.select_related(*related).defer("area__boundary")

    def under(self, area):
        """Disputes in an area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def with_parties(self):
        """Load the parties too: what rows show of who it is between (masked)."""
        return self.with_rows().prefetch_related("parties")

    def with_said(self):
        """Load also what parties answered and were told, recusals, reports, tiers: what one of them tells by REST."""
        consents = apps.get_model("mediation", "consent").objects.select_related(
            "about", "recorded_by", "party", "authorisation"
        )
        reports = apps.get_model("mediation", "policereport").objects.select_related("unit")
        tiers = apps.get_model("mediation", "tierchange").objects.select_related("unit")
        return self.with_parties().prefetch_related(
            Prefetch("consents", consents),
            Prefetch("police_reports", reports),
            Prefetch("tiers", tiers),
            Prefetch("replies", apps.get_model("mediation", "partyreply").objects.select_related("corrected_by")),
            "recusals",
            "routes_told",
        )

    def open(self):
        """Disputes somebody still works on."""
        return self.filter(state__in=OPEN)

    def term_over(self, day=None):
        """Disputes still mediated after the last day of their term."""
        return self.filter(state__in=["accepted", "mediating"], term_until__lt=day or timezone.localdate())

    def handled_by(self, user):
        """Disputes that a person carries on."""
        found = visible_q(HANDLES, user)
        return self.none() if found is None else self.filter(found)


class OfDisputeQuerySet(ScopedQuerySet):
    """Rows that belong to a dispute and are read by whoever may read it."""

    VISIBLE = through_dispute(READS)


class AuthorisationQuerySet(OfDisputeQuerySet):
    def standing(self):
        """Papers of agents that were not struck."""
        return self.filter(struck_at=None)


class ReplyQuerySet(OfDisputeQuerySet):
    def counting(self):
        """Replies that count: not those that the party put right on the same day."""
        return self.filter(corrected_by=None)

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("party", "corrected_by")


class PartyQuerySet(OfDisputeQuerySet):
    # Also the party themselves, by their account: what they are told is about this row.
    VISIBLE = OfDisputeQuerySet.VISIBLE | {Role.RESIDENT: Own("user")}

    def named(self):
        """Load what the labels of parties are read from (``Party.label``)."""
        return self.select_related("dispute").prefetch_related("dispute__parties")

    def of_person(self, user):
        """Where the person is a party by their account: the start of their own pages, which show own papers only."""
        found = self.filter(user_id=user.pk) if user.is_authenticated and user.is_active else self.none()
        related = ("dispute__area", "dispute__type", "dispute__committee", "dispute__mediator", "user")
        return found.select_related(*related).defer("dispute__area__boundary")


class AccessQuerySet(ScopedQuerySet):
    """Who read what: for those who work on the dispute, and for the superiors and administrators of the area, who judge
    it without reading the dispute. Rows hold no words of it."""

    VISIBLE = through_dispute(SUPERVISES)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        return self.select_related("dispute__area", "person", "party").defer("dispute__area__boundary")


class ConsentQuerySet(OfDisputeQuerySet):
    def latest_of(self, dispute, what):
        """The last answer of each party of this round about ``what``, by (party, person asked about); none that was
        given before the party was put right, nor of who was struck."""
        rows = self.filter(dispute=dispute, what=what, round=dispute.reopened, party__struck_at=None)
        rows = rows.filter(pk__gt=F("party__answers_after"))
        return rows.order_by("party_id", "about_id", "-id").distinct("party_id", "about_id")

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "party", "about", "recorded_by", "authorisation")
        return self.select_related(*related).defer("dispute__area__boundary")


class RecusalQuerySet(OfDisputeQuerySet, WorkflowQuerySet):
    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "mediator", "party", "recorded_by", "decided_by")
        return self.select_related(*related).defer("dispute__area__boundary")


class MediationRuleQuerySet(ScopedQuerySet):
    def get_by_natural_key(self, area, valid_from):
        return self.get(area__code=area, valid_from=valid_from)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()

    def of(self, area, day):
        """The rule that holds in an area on a day: of the nearest area the latest row; or None."""
        found = self.filter(area__in=area.lineage, valid_from__lte=day)
        return found.select_related("area").order_by("-area__path", "-valid_from").first()
