"""Every write of cases. Doors (admin, API, devices, jobs) call these or ``governance.workflow.act``, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import clocks
from cases.case_units import dispatch_payload, parts_of, replace_units
from cases.dispatch import Plan, Unresolved, plan_for, standing_of
from cases.learning import filing_told_otherwise, learn_category, learn_from_dispatch
from cases.models import (
    Case,
    CaseCategory,
    CaseEvidence,
    CaseReporter,
    CaseSource,
    CaseUnit,
    Dispatch,
    DispatchMethod,
    FilingStandard,
    Stage,
)
from cases.places import area_of_place
from cases.querysets import IN_AREA, SEES_CASE
from cases.returns import judge_return, pending_return, time_lost
from governance import events
from governance.attachments import attach
from governance.clock import Span
from governance.errors import Invalid, NotPermitted
from governance.models import Area, AttachmentPurpose, OrgUnit, Role, User
from governance.photos import Upload
from governance.scoping import Anywhere, Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform

# Who may open a case, and as coming from where.
REPORTS = {
    Role.SYSTEM: Anywhere(),
    Role.OPERATIONS_CENTRE: IN_AREA,
    Role.REGISTRAR: IN_AREA,
    Role.DISPATCHER: IN_AREA,
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.GRID_WORKER: IN_AREA,
    Role.HANDLER: IN_AREA,
    Role.STEWARD: IN_AREA,
    Role.ORGANISER: IN_AREA,
    Role.PARTY_SECRETARY: IN_AREA,
    Role.PARTNER_MANAGER: IN_AREA,
    Role.RESIDENT: Anywhere(),
}
FRONT_DESK = frozenset(CaseSource) - {CaseSource.SENSOR}
SOURCES = {
    Role.SYSTEM: frozenset(CaseSource),
    Role.OPERATIONS_CENTRE: FRONT_DESK,
    Role.REGISTRAR: FRONT_DESK,
    Role.DISPATCHER: FRONT_DESK,
    Role.COMMUNITY_STAFF: frozenset(
        {CaseSource.RESIDENT, CaseSource.GRID_WORKER, CaseSource.PATROL, CaseSource.STEWARD, CaseSource.ASSEMBLY}
    ),
    Role.GRID_WORKER: frozenset({CaseSource.GRID_WORKER, CaseSource.PATROL}),
    Role.HANDLER: frozenset({CaseSource.DEPARTMENT}),
    Role.STEWARD: frozenset({CaseSource.STEWARD}),
    # What an assembly resolved (``property.assembly``).
    Role.ORGANISER: frozenset({CaseSource.ASSEMBLY}),
    Role.PARTY_SECRETARY: frozenset({CaseSource.ASSEMBLY}),
    # What a need turned out to be (``partners.needs``).
    Role.PARTNER_MANAGER: frozenset({CaseSource.RESIDENT, CaseSource.ASSEMBLY}),
    Role.RESIDENT: frozenset({CaseSource.RESIDENT}),
}
# How a dispatch without a plan was decided, by its transition.
BY_HAND = {"arbitrate": DispatchMethod.ARBITRATION}
PHOTOS_OF = {
    "submit": AttachmentPurpose.AFTER,
    "start": AttachmentPurpose.BEFORE,
    "verify": AttachmentPurpose.BEFORE,
    "inspect": AttachmentPurpose.INSPECTION,
    "rework": AttachmentPurpose.INSPECTION,
    "reopen": AttachmentPurpose.REPORT,
}


def case_report(*, actor: User, source: str, description: str, area: Area | str | None = None,
                longitude: float | None = None, latitude: float | None = None, address: str = "",
                category: CaseCategory | None = None, standard: FilingStandard | None = None,
                reporter: User | None = None, reporter_name: str = "", reporter_phone: str = "",
                photos: Sequence[Upload] = (), origin: dict | None = None, waits: bool = True,
                occurred_at: datetime | None = None) -> Case:  # fmt: skip
    """Open a case in state ``reported``. ``area`` is one, or its code; coordinates are WGS-84; ``occurred_at`` is for
    history (default now).

    ``waits``: somebody has to verify or accept it, so the first stage clock runs.

    Raises Invalid naming the field (place outside every boundary, no description, source not this person's to state)
    and NotPermitted for an area the person does not work in.
    """
    at = occurred_at or timezone.now()
    if not description.strip():
        raise Invalid(_("Say what is wrong."), field="description", code="required")
    if standard is not None:
        category = _category_with(category, standard)
    with atomically():
        place = area_of_place(area, longitude, latitude)
        running = clocks.first_stage(place, at) if waits else None
        case = Case(
            source=source, description=description.strip(), area=place, address=address.strip(),
            longitude=longitude, latitude=latitude, category=category,
            standard=standard, reporter=reporter, origin=origin or {}, reported_at=at,
            due_at=running.due_at if running else None,
        )  # fmt: skip
        grant = _reporting_grant(case, actor)
        case.save(force_insert=True)
        case._prefetched_objects_cache = {"units": CaseUnit.objects.none()}
        if running is not None:
            clocks.start_clock(case, Stage.VERIFICATION, running, at=at)
        if reporter or reporter_name or reporter_phone:
            CaseReporter.objects.create(case=case, user=reporter, name=reporter_name, phone=reporter_phone)
        payload = {"number": case.number, "to": case.state, "source": source}
        event = events.record("case.reported", case, actor=actor, grant=grant, payload=payload, occurred_at=at)
        if photos:
            attach(case, photos, purpose=AttachmentPurpose.REPORT, actor=actor, event=event)
    return case


def _reporting_grant(case: Case, actor: User) -> Grant:
    """Return the role the actor reports in: the first that covers the place and may state the source."""
    rule = {role: relation for role, relation in REPORTS.items() if case.source in SOURCES[role]}
    grant = grant_for(rule, case, actor)
    if grant is not None:
        return grant
    at_work = {role: relation for role, relation in REPORTS.items() if role != Role.RESIDENT}
    if grant_for(at_work, case, actor) is not None:
        raise Invalid(_("You cannot report from this source."), field="source", code="not_yours")
    raise NotPermitted(_("You may not report cases in this area."))


def case_open(*, actor: User, source: str, description: str, category: CaseCategory | None,
              standard: FilingStandard | None, occurred_at: datetime | None = None, **place) -> Case:  # fmt: skip
    """Report, accept and dispatch in one transaction: for what needs no registrar, such as a sensor's alarm.

    ``place`` and the rest as for ``case_report``. Without a category it stays reported; where the hub finds no unit it
    stays accepted, in the review queue.
    """
    with atomically():
        case = case_report(
            actor=actor, source=source, description=description, category=category, standard=standard,
            waits=category is None and standard is None, occurred_at=occurred_at, **place,
        )  # fmt: skip
        if case.category is None:
            return case
        return case_accept(case, actor=actor, category=case.category, standard=case.standard, occurred_at=occurred_at)


def _perform(case: Case, name: str, *, actor, version=None, reason="", at: datetime, payload=None, **data):
    """``perform`` with the case's number on the event; returns (fresh case, event)."""
    return perform(
        case, name, actor=actor, version=version, reason=reason, occurred_at=at,
        payload={"number": case.number} | (payload or {}), **data,
    )  # fmt: skip


def _settle(case: Case, event, *, name: str, actor, at: datetime, photos=(), before: str | None = None) -> Case:
    """What follows every transition: the stage clock changes with the state, photos are kept with the event.

    ``before``: the state whose clock runs, where a transition carried out in the same moment left it running.
    """
    clocks.change_clock(case, before or event.payload["from"], at=at)
    _keep_photos(case, event, photos, name=name, actor=actor)
    return case


def _keep_photos(case: Case, event, photos, *, name: str, actor) -> None:
    if photos:
        attach(case, photos, purpose=PHOTOS_OF.get(name, AttachmentPurpose.EVIDENCE), actor=actor, event=event)


def case_move(case: Case, name: str, *, actor, version=None, reason="", occurred_at=None, photos=(), **data) -> Case:
    """Carry out a transition that needs nothing besides its clock and photos; ``cases.workflow`` says who may."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh, event = _perform(case, name, actor=actor, version=version, reason=reason, at=at, **data)
        return _settle(fresh, event, name=name, actor=actor, at=at, photos=photos)


def _carry_out_simply(name: str) -> None:
    def service(case: Case, *, actor, **given) -> Case:
        return case_move(case, name, actor=actor, **given)

    carries_out("cases.case", name)(service)


for _name in ("verify", "reject", "inspect", "rework", "cancel", "urge", "note", "refer"):
    _carry_out_simply(_name)


@carries_out("cases.case", "accept")
def case_accept(case: Case, *, actor, category: CaseCategory | None = None, standard: FilingStandard | None = None,
                version=None, reason="", occurred_at: datetime | None = None, photos=()) -> Case:  # fmt: skip
    """Accept (file) a case under a category or standard and let the hub dispatch it at once."""
    at = occurred_at or timezone.now()
    category = _category_with(category, standard)
    with atomically():
        teaches = not actor.is_system and filing_told_otherwise(case, category)
        fresh, event = _perform(
            case, "accept", actor=actor, version=version, reason=reason, at=at,
            payload={"category": category.code}, category=category, standard=standard, accepted_at=at,
        )  # fmt: skip
        _keep_photos(fresh, event, photos, name="accept", actor=actor)
        if teaches:
            learn_category(fresh, actor=actor, at=at)
        return dispatch_by_hub(fresh, before=event.payload["from"], at=at)


def _category_with(category: CaseCategory | None, standard: FilingStandard | None) -> CaseCategory:
    if standard is None and category is None:
        raise Invalid(_("Choose a category or a filing standard."), field="category", code="required")
    if standard is not None and category is not None and standard.category_id != category.pk:
        raise Invalid(_("This condition belongs to another category."), field="standard", code="mismatch")
    return category or standard.category


@carries_out("cases.case", "correct")
def case_correct(case: Case, *, actor, category: CaseCategory | None = None, standard: FilingStandard | None = None,
                 address: str | None = None, **given) -> Case:  # fmt: skip
    """Put right a case's category, standard or address without moving it on; the event names what changed."""
    if standard is not None or category is not None:
        category = _category_with(category, standard)
    elif not address:
        raise Invalid(_("Nothing was changed."), field="category", code="required")
    changed = [
        name for name, value in {"category": category, "standard": standard, "address": address}.items() if value
    ]
    with atomically():
        before = Case.objects.lock(case.pk).category_id
        fresh = case_move(
            case, "correct", actor=actor, category=category, standard=standard, address=address or None,
            payload={"changed": changed}, **given,
        )  # fmt: skip
        if before not in (None, fresh.category_id):
            learn_category(fresh, actor=actor, at=given.get("occurred_at"))
        return fresh


def dispatch_by_hub(case: Case, *, before: str, at: datetime) -> Case:
    """Dispatch a case just accepted as the standard says, or leave it to a dispatcher with the reason.

    ``before``: the state it was accepted from. Its clock runs until now: no stage lasted between the two.
    """
    hub = User.objects.system("dispatch")
    plan = plan_for(case)
    if isinstance(plan, Unresolved):
        clocks.change_clock(case, before, at=at)
        return case_move(
            case, "leave_to_dispatcher", actor=hub, why=plan.code, occurred_at=at, payload={"why": plan.code}
        )
    return case_dispatch(
        case, actor=hub, lead_unit=plan.lead, assisting_units=plan.assisting, supervising_units=plan.supervising,
        limit_amount=plan.span.amount, limit_unit=plan.span.unit, plan=plan, before=before, occurred_at=at,
    )  # fmt: skip


@carries_out("cases.case", "dispatch")
def case_dispatch(case: Case, *, actor, lead_unit: OrgUnit, limit_amount, limit_unit,
                  assisting_units: Sequence[OrgUnit] = (), supervising_units: Sequence[OrgUnit] = (),
                  plan: Plan | None = None, before: str | None = None, step: str = "dispatch", version=None,
                  reason: str = "", occurred_at: datetime | None = None, photos=()) -> Case:  # fmt: skip
    """Dispatch to a lead unit; the limit and the units are fixed on the case from now on.

    ``plan`` is what the hub follows; without it a dispatcher decided and ``reason`` says why. ``before``: as for
    ``_settle``. ``step``: the transition, where it is not a dispatch as usual. A return that waits for a verdict gets
    it by this (``cases.returns``).
    """
    at = occurred_at or timezone.now()
    if not lead_unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="lead_unit", code="inactive")
    span = Span(limit_amount, limit_unit)
    parts = parts_of(lead_unit, assisting_units, supervising_units)
    with atomically():
        pending = pending_return(case)
        due_at = clocks.less_lost(case, at, span, time_lost(pending, lead_unit, at, span))
        payload = dispatch_payload(parts, due_at) | judge_return(pending, lead_unit, at=at)
        fresh, event = _perform(
            case, step, actor=actor, version=version, reason=reason, at=at, lead_unit=lead_unit,
            promised_at=due_at, dispatched_at=at, payload=payload,
        )  # fmt: skip
        replace_units(fresh, parts)
        if plan is None and not actor.is_system:
            before_this = fresh.dispatches.order_by("-id").values_list("lead_unit_id", flat=True).first()
            learn_from_dispatch(fresh, before=before_this, judged=payload, actor=actor, at=at)
        confidence, runner_up = (plan.confidence, plan.runner_up) if plan else standing_of(fresh, lead_unit)
        Dispatch.objects.create(
            case=fresh, method=plan.method if plan else BY_HAND.get(step, DispatchMethod.MANUAL),
            standard=plan.standard if plan else None, rule=plan.rule if plan else None, lead_unit=lead_unit,
            reason=plan.reason if plan else reason or _("Decided by a dispatcher."), limit_amount=span.amount,
            limit_unit=span.unit, due_at=due_at, dispatched_by=actor, dispatched_at=at, confidence=confidence,
            runner_up=runner_up,
        )  # fmt: skip
        return _settle(fresh, event, name=step, actor=actor, at=at, photos=photos, before=before)


@dataclass(frozen=True)
class EvidenceDraft:
    """Evidence to be added together with others; as ``evidence_add``."""

    case: Case
    kind: str
    data: dict
    happened_at: datetime


def evidence_add_many(drafts: Sequence[EvidenceDraft], *, actor: User) -> None:
    """Add evidence to several cases, in the order given; two statements, however much it is."""
    grants = {draft.case.pk: _evidence_grant(draft.case, actor) for draft in drafts}
    if not drafts:
        return
    # Cases are locked in the order of their keys: in another, two who do this would wait for each other.
    drafts = sorted(drafts, key=lambda draft: draft.case.pk)
    with atomically():
        rows = CaseEvidence.objects.bulk_create(
            CaseEvidence(case=draft.case, kind=draft.kind, data=draft.data, happened_at=draft.happened_at)
            for draft in drafts
        )
        told = [
            events.Draft("case.evidence_added", row.case, {"number": row.case.number, "kind": row.kind,
                         "evidence": row.pk}, row.happened_at)
            for row in rows
        ]  # fmt: skip
        for grant in dict.fromkeys(grants.values()):
            events.record_many([draft for draft in told if grants[draft.subject.pk] == grant], actor=actor, grant=grant)


def _evidence_grant(case: Case, actor: User) -> Grant:
    grant = grant_for(SEES_CASE, case, actor)
    if grant is None or grant.role == Role.RESIDENT:
        raise NotPermitted(_("You may not add evidence to this case."))
    return grant


def evidence_add(case: Case, *, actor: User, kind: str, data: dict, happened_at: datetime) -> CaseEvidence:
    """Add what was learnt about a case (a repeated alarm, a reading back to normal); codes and figures only."""
    grant = _evidence_grant(case, actor)
    with atomically():
        evidence = CaseEvidence.objects.create(case=case, kind=kind, data=data, happened_at=happened_at)
        payload = {"number": case.number, "kind": kind, "evidence": evidence.pk}
        events.record("case.evidence_added", case, actor=actor, grant=grant, payload=payload, occurred_at=happened_at)
    return evidence
