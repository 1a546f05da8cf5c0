"""Who sees and keeps which hazards and signals ("Who sees what", domain/mediation.md).

The village mediator keeps the hazards of the own community; the township's centre those that are grave or that nobody
assessed in time, and reads a masked list of the rest. Whoever reported one (a grid worker, a steward) sees the own
words and the outcome. Nobody else: administrators and the operations centre count.

Once it became a dispute it is read by those of them who work on that dispute: grave or not, the township's centre reads
no general one by its hazard. Each reading is a reading of the dispute (``reading.py``).

Signals are complaints sent in by other systems. Those who bring them in (administrators, operations centre, county
centre) and the mediators of the place read them, until one led to a dispute: then its words are read by those of them
alone who work on that dispute, and the others keep its masked row (number, channel, type, area, day).
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from governance.models.area import AreaKind
from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from mediation.disputes.querysets import WORKS, InState, OfDispute
from mediation.prevention.states import OPEN, HazardState, HazardUrgency

IN_AREA = InArea()
SYSTEM = {Role.SYSTEM: Anywhere()}
# From how many persons on a hazard is grave, as for disputes (domain/mediation.md, "State machines": ≥ 5 persons).
MANY = 5


def is_grave(hazard) -> bool:
    """Tell whether a hazard is more than the village's alone."""
    many = hazard.people is not None and hazard.people >= MANY
    return hazard.urgency == HazardUrgency.URGENT or many or hazard.violence or hazard.late_since is not None


@dataclass(frozen=True)
class Grave(Relation):
    """Pressing, many persons, signs of violence, or not assessed in time: more than the village's alone."""

    def q(self, grant, user):
        return Q(urgency=HazardUrgency.URGENT) | Q(people__gte=MANY) | Q(violence=True) | Q(late_since__isnull=False)

    def holds(self, obj, grant, user):
        return is_grave(obj)


@dataclass(frozen=True)
class Undisputed(Relation):
    """It has become no dispute."""

    def q(self, grant, user):
        return Q(dispute__isnull=True)

    def holds(self, obj, grant, user):
        return obj.dispute_id is None


@dataclass(frozen=True)
class AsDispute(OfDispute):
    """It has become a dispute, to which the person stands so; rows load ``dispute__area``."""

    def holds(self, obj, grant, user):
        return obj.dispute_id is not None and super().holds(obj, grant, user)


@dataclass(frozen=True)
class ByHazard(Relation):
    """A relation asked of the hazard that a signal became; rows load ``hazard__dispute__area``."""

    asked: Relation

    def q(self, grant, user):
        found = apps.get_model("mediation", "hazard").objects.filter(self.asked.q(grant, user))
        return Q(Exists(found.filter(pk=OuterRef("hazard_id"))))

    def holds(self, obj, grant, user):
        return obj.hazard is not None and self.asked.holds(obj.hazard, grant, user)


@dataclass(frozen=True)
class LedToNone(Relation):
    """The signal led to no dispute."""

    def q(self, grant, user):
        return Q(hazard__dispute__isnull=True)

    def holds(self, obj, grant, user):
        return not obj.disputed


UNDISPUTED = Undisputed()
GRAVE = IN_AREA & Grave() & UNDISPUTED
KEEPS = {Role.VILLAGE_MEDIATOR: IN_AREA, Role.TOWNSHIP_MEDIATOR: GRAVE}
# Who works on the dispute it became reads it; breaking the glass does not open it: it may name people in the clear.
READS = SYSTEM | {role: (keeps & UNDISPUTED) | AsDispute(WORKS[role]) for role, keeps in KEEPS.items()}
# Everybody signed in holds the role of a resident: whoever reported a hazard follows it.
OWN = {Role.RESIDENT: Own("reporter")}
# Who puts the words right: who keeps it, and who reported it until somebody has assessed what they told.
REWORDS = KEEPS | {Role.RESIDENT: Own("reporter") & InState((HazardState.REPORTED,))}
LISTS = {Role.TOWNSHIP_MEDIATOR: IN_AREA}
REPORTING_ROLES = (Role.GRID_WORKER, Role.COMMUNITY_STAFF, Role.VILLAGE_MEDIATOR, Role.TOWNSHIP_MEDIATOR)
REPORTS = dict.fromkeys(REPORTING_ROLES, IN_AREA)
COUNTING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.COUNTY_CENTRE, *KEEPS)
COUNTS = dict.fromkeys(COUNTING_ROLES, IN_AREA)

# Where a signal counts for a place, and is some mediator's.
SMALL = (AreaKind.COMMUNITY, AreaKind.GRID)
BRINGING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.COUNTY_CENTRE)
BRINGS = SYSTEM | dict.fromkeys(BRINGING_ROLES, IN_AREA)
# Who withdraws what was brought in: whoever did it, and administrators.
WITHDRAWS = {
    role: IN_AREA if role == Role.ADMINISTRATOR else IN_AREA & Own("brought_by") for role in BRINGING_ROLES
}  # fmt: skip
# Who has the row of a signal, and who of them its words: those of a dispute only who works on it.
LISTS_SIGNALS = BRINGS | dict.fromkeys(KEEPS, IN_AREA)
READS_SIGNALS = SYSTEM | {
    role: (IN_AREA & LedToNone()) | ByHazard(AsDispute(WORKS[role])) if role in WORKS else IN_AREA & LedToNone()
    for role in (*BRINGING_ROLES, *KEEPS)
}


class HazardQuerySet(WorkflowQuerySet):
    VISIBLE = READS | OWN

    def read_by(self, user):
        """Hazards that a person reads whole: not those only reported by them."""
        found = visible_q(READS, user)
        return self.none() if found is None else self.filter(found)

    def kept_by(self, user):
        """Hazards that a person decides about."""
        found = visible_q(KEEPS, user)
        return self.none() if found is None else self.filter(found)

    def listed_to(self, user):
        """Hazards a person reads, and those they see in the masked list only: number, place, type, state."""
        rule = dict(READS) | LISTS
        found = visible_q(rule, user)
        return self.none() if found is None else self.filter(found)

    def counted_by(self, user):
        """Hazards that a person may count, not read."""
        found = visible_q(COUNTS, user)
        return self.none() if found is None else self.filter(found)

    def reported_by(self, user):
        """The own reports of a person."""
        return self.filter(reporter_id=user.pk)

    def with_rows(self):
        """Load what a row shows and its visibility reads: one statement."""
        related = ("area", "type", "reporter", "assessed_by", "dispute__area", "patrol__route", "point")
        return self.select_related(*related).defer("area__boundary", "dispute__area__boundary")

    def under(self, area):
        """Hazards in an area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def open(self):
        """Hazards about which something is still to be decided."""
        return self.filter(state__in=OPEN)

    def late(self, now=None):
        """Hazards that were to be assessed before now."""
        return self.filter(state=HazardState.REPORTED, assess_by__lt=now or timezone.now())

    def made_of(self, obj):
        """The hazards that came of a row of another model."""
        return self.filter(origin_type=obj._meta.label_lower, origin_id=obj.pk)


class SignalSourceQuerySet(ScopedQuerySet):
    VISIBLE = BRINGS

    def get_by_natural_key(self, code):
        return self.get(code=code)


class SignalBatchQuerySet(ScopedQuerySet):
    VISIBLE = BRINGS

    def with_rows(self):
        """Load what a row shows and its visibility reads: one statement."""
        return self.select_related("area", "source", "brought_by", "withdrawn_by").defer("area__boundary")


class SignalKeyQuerySet(ScopedQuerySet):
    VISIBLE = SYSTEM | {Role.ADMINISTRATOR: InArea("source__area")}


class SignalQuerySet(ScopedQuerySet):
    VISIBLE = LISTS_SIGNALS

    def read_by(self, user):
        """Signals of which a person reads the words; of the others they have the masked row."""
        found = visible_q(READS_SIGNALS, user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what a row shows and its visibility reads: one statement."""
        related = ("area", "type", "source", "hazard__dispute__area", "duplicate_of", "batch")
        return self.select_related(*related).defer("area__boundary", "hazard__dispute__area__boundary")

    def placed(self, known: bool = True):
        """Those of which the community is known, by their area or by the hazard they became; or those of which not."""
        asked = Q(area__kind__in=SMALL) | Q(hazard__isnull=False)
        return self.filter(asked if known else ~asked)

    def events(self):
        """What counts: the first of those of one complainant, type and place within 30 days."""
        return self.filter(duplicate_of__isnull=True)

    def under(self, area):
        """Signals of an area and all under it."""
        return self.filter(area__path__startswith=area.path)
