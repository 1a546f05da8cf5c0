"""Who sees what of joint work ("Who sees what", domain/mediation.md).

Who may read a dispute reads its requests, tracks, tasks, sittings and record notes. The unit that is asked to take a
dispute sees the request; an organ its track while the dispute is worked on, and where it was at work when the dispute
ended until its last day to hand in; a department its task until it is closed; a helper the summary until the invitation
ends. Notes of a caucus are read by who wrote them, and by nobody else:
breaking the glass does not open them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from mediation.disputes.querysets import (
    HANDLES,
    IMPARTIAL,
    MEDIATING_ROLES,
    READS,
    SYSTEM,
    WORKS,
    InState,
    OfDispute,
    through_dispute,
)
from mediation.disputes.states import OPEN

READS_IT = through_dispute(READS)
HANDLES_IT = through_dispute(HANDLES)
UPPER_ROLES = (Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE)
ORGAN_ROLES = (*MEDIATING_ROLES, Role.JOINT_DEPARTMENT, Role.JUDGES_CLERK)
REGISTER_ROLES = (Role.VILLAGE_MEDIATOR, Role.TOWNSHIP_MEDIATOR)


@dataclass(frozen=True)
class DisputeOpen(Relation):
    """Somebody still works on the dispute of the row."""

    def q(self, grant, user):
        return Q(dispute__state__in=OPEN)

    def holds(self, obj, grant, user):
        return obj.dispute.state in OPEN


@dataclass(frozen=True)
class StillHandsIn(Relation):
    """The dispute of the track has ended, and the days to hand in its result are not over."""

    def q(self, grant, user):
        return Q(hand_in_by__gte=timezone.localdate())

    def holds(self, obj, grant, user):
        return obj.hand_in_by is not None and obj.hand_in_by >= timezone.localdate()


@dataclass(frozen=True)
class OfRow(Relation):
    """A relation asked of the row that ``field`` leads to, of the model ``of``: who reads that reads this."""

    field: str
    of: str
    asked: Relation

    def q(self, grant, user):
        found = apps.get_model("mediation", self.of).objects.filter(self.asked.q(grant, user))
        return Q(Exists(found.filter(pk=OuterRef(f"{self.field}_id"))))

    def holds(self, obj, grant, user):
        return self.asked.holds(getattr(obj, self.field), grant, user)


@dataclass(frozen=True)
class OfRecord(Relation):
    """The note belongs to the record of the mediation, and is none of a caucus."""

    def q(self, grant, user):
        return Q(kind="record")

    def holds(self, obj, grant, user):
        return obj.kind == "record"


@dataclass(frozen=True)
class Helping(Relation):
    """The person is the helper who was invited, and the invitation still runs."""

    def q(self, grant, user):
        return Q(helper__user_id=user.pk, state__in=HELPER_READS, until__gte=timezone.localdate())

    def holds(self, obj, grant, user):
        mine = obj.helper.user_id == user.pk and obj.state in HELPER_READS
        return mine and obj.until >= timezone.localdate()


HELPER_READS = ("invited", "accepted")
HELPING = {Role.RESPECTED_HELPER: Helping() & OfDispute(IMPARTIAL)}


def either(*rules: Mapping[str, Relation]) -> dict[str, Relation]:
    """Join rules: a role in several of them is given what any of them says."""
    joined: dict[str, Relation] = {}
    for rule in rules:
        for role, relation in rule.items():
            joined[role] = joined[role] | relation if role in joined else relation
    return joined


TAKES = dict.fromkeys(MEDIATING_ROLES, OfUnit("to_unit") & OfDispute(IMPARTIAL))
ASKED_OR_RUNNING = {role: relation & InState(("requested", "accepted")) for role, relation in TAKES.items()}
LEADS_JOINT = {role: HANDLES_IT[role] for role in UPPER_ROLES}
# Whom a row was for, also once it is over: no more than that it is over is told them then.
WAS_ASKED = {Role.JOINT_DEPARTMENT: OfUnit("unit") & OfDispute(IMPARTIAL)}
WAS_INVITED = dict.fromkeys(ORGAN_ROLES, OfUnit("organ") & OfDispute(IMPARTIAL))
# An organ that declined, or was not waited for, reads of the dispute no longer.
ORGAN = dict.fromkeys(
    ORGAN_ROLES,
    OfUnit("organ")
    & (DisputeOpen() | StillHandsIn())
    & InState(("invited", "accepted", "working", "result"))
    & OfDispute(IMPARTIAL),
)
# A result is put right by the organ it is of, or by whoever leads the joint work.
CORRECTS_RESULT = either(ORGAN, LEADS_JOINT)
OF_COUNTY = {Role.COUNTY_CENTRE: HANDLES_IT[Role.COUNTY_CENTRE]}
ASKED_DEPARTMENT = {
    Role.JOINT_DEPARTMENT: OfUnit("unit") & InState(("asked", "overdue", "answered")) & OfDispute(IMPARTIAL)
}
KEEPS_REGISTER = dict.fromkeys(REGISTER_ROLES, InArea())
SEES_REGISTER = SYSTEM | dict.fromkeys([*MEDIATING_ROLES, Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE], InArea())
WROTE = Own("written_by")
WROTE_RECORD = {role: relation & WROTE & OfRecord() for role, relation in through_dispute(WORKS).items()}
NOTES = {role: relation & OfRecord() for role, relation in READS_IT.items()}
NOTES |= {role: NOTES[role] | (through_dispute(WORKS)[role] & WROTE) for role in WORKS}


class EscalationQuerySet(WorkflowQuerySet):
    VISIBLE = either(READS_IT, ASKED_OR_RUNNING)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "dispute__type", "from_unit", "to_unit", "mediator", "requested_by")
        return self.select_related(*related).defer("dispute__area__boundary")

    def running(self):
        """Requests that have not ended."""
        return self.filter(state__in=["requested", "accepted"])

    def with_answers(self):
        """Say of each row in ``unasked`` whether a party is yet to be asked about the mediator named, in ``unwanted``
        whether the last answer of one is no."""
        parties = apps.get_model("mediation", "party").objects.order_by().filter(dispute=OuterRef("dispute"))
        answers = apps.get_model("mediation", "consent").objects.order_by("-id").filter(
            party=OuterRef("pk"), what="mediator", about=OuterRef(OuterRef("mediator")),
            round=OuterRef(OuterRef("dispute__reopened")), pk__gt=OuterRef("answers_after"),
        )  # fmt: skip
        parties = parties.annotate(said=Subquery(answers.values("answer")[:1]))
        return self.annotate(unasked=Exists(parties.filter(said=None)),
                             unwanted=Exists(parties.filter(said__isnull=False).exclude(said="agreed")))  # fmt: skip


class TrackQuerySet(WorkflowQuerySet):
    VISIBLE = either(READS_IT, ORGAN)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "dispute__type", "organ", "invited_by", "person")
        return self.select_related(*related).defer("dispute__area__boundary")

    def running(self):
        """Tracks that were neither declined nor ended, with a result or without."""
        return self.filter(state__in=["invited", "accepted", "working"])

    def leaderless(self):
        """Tracks at work, on a dispute that is, among which none leads."""
        led = self.model.objects.filter(dispute=OuterRef("dispute"), round=OuterRef("round"), is_lead=True)
        return self.running().filter(~Exists(led), dispute__state__in=OPEN, round=F("dispute__reopened"))

    def with_lead(self):
        """Say of each row in ``lead_missing`` whether it runs without a lead."""
        found = self.model.objects.leaderless().filter(pk=OuterRef("pk"))
        return self.annotate(lead_missing=Exists(found))


class TaskQuerySet(WorkflowQuerySet):
    VISIBLE = either(READS_IT, ASKED_DEPARTMENT)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "dispute__type", "unit", "asked_by", "answered_by")
        return self.select_related(*related).defer("dispute__area__boundary")

    def open(self):
        """Tasks that were not closed."""
        return self.filter(state__in=["asked", "overdue", "answered"])

    def answered(self):
        """Tasks whose answer is to be read."""
        return self.filter(state="answered")

    def unanswered(self):
        """Tasks a department still has to answer."""
        return self.filter(state__in=["asked", "overdue"])

    def late(self, day=None):
        """Tasks whose answer did not come by its day."""
        return self.unanswered().filter(answer_by__lt=day or timezone.localdate())


class FormerAnswerQuerySet(ScopedQuerySet):
    """Read by whoever reads the task."""

    VISIBLE = either(READS_IT, {role: OfRow("task", "departmenttask", rule) for role, rule in ASKED_DEPARTMENT.items()})

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("answered_by")


class FormerResultQuerySet(ScopedQuerySet):
    """Read by whoever reads the track."""

    VISIBLE = either(READS_IT, {role: OfRow("track", "track", rule) for role, rule in ORGAN.items()})

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("given_by")


class SittingQuerySet(WorkflowQuerySet):
    VISIBLE = READS_IT

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "dispute__type", "dispute__mediator", "venue", "booking", "planned_by")
        return self.select_related(*related).defer("dispute__area__boundary")

    def to_come(self):
        """Sittings that are planned and not over."""
        return self.filter(state="planned", ends_at__gt=timezone.now())


class NoteQuerySet(ScopedQuerySet):
    VISIBLE = NOTES

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        return self.select_related("dispute__area", "sitting", "party", "written_by").defer("dispute__area__boundary")

    def of_record(self):
        """What may leave the product: the record, and no caucus."""
        return self.filter(kind="record")


class HelperQuerySet(WorkflowQuerySet):
    VISIBLE = either(SEES_REGISTER, {Role.RESPECTED_HELPER: Own("user")})

    def with_rows(self):
        """Load what a row shows and its visibility reads; fields in one statement more."""
        return self.select_related("area", "user").defer("area__boundary").prefetch_related("fields")

    def near(self, area):
        """Those of the area, of what it lies in, and of what lies in that one's street."""
        return self.filter(Q(area__path__startswith=area.path) | Q(area_id__in=area.lineage))

    def active(self):
        """Those who may be invited."""
        return self.filter(state="active")

    def with_invitations(self):
        """Count in ``invitations`` how often each was invited and took part: accepted, and did not decline later."""
        return self.annotate(invitations=Count("helper_invitations", filter=Q(
            helper_invitations__no_conflict_at__isnull=False,
            helper_invitations__state__in=["accepted", "thanked", "expired", "ended"])))  # fmt: skip


class InvitationQuerySet(WorkflowQuerySet):
    VISIBLE = either(READS_IT, HELPING)

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "dispute__type", "helper__user", "helper__area", "proposed_by")
        return self.select_related(*related).defer("dispute__area__boundary", "helper__area__boundary")

    def of_helper(self, user):
        """Invitations that a helper may read now."""
        found = visible_q(HELPING, user)
        return self.none() if found is None else self.filter(found)

    def running(self):
        """Invitations that have not ended."""
        return self.filter(state__in=["proposed", "invited", "accepted"])
