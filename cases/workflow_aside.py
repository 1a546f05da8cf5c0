"""Transitions that leave a case's usual way: signing, contact, extension, suspension, appeal, arbitration, merging.

Same rules as ``cases.workflow``: methods set fields of the case only; guards look at fields only. How often each is
allowed comes from domain/cases.md, "Stages": 延期 at most two approvals, 挂账 once with an end within a year, 申诉 once
per case with two reviewers.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.querysets import ASSISTS, IN_AREA
from cases.states import CENTRE, DECIDES, ENDED, LEAD, ON_SITE, OPEN, REGISTRY, SYSTEM, WITH_UNIT, S
from governance.models.organisation import Role
from governance.workflow import step

MOST_EXTENSIONS = 2
EXTENSION, SUSPENSION = "extension", "suspension"
ASKABLE = WITH_UNIT
APPEALABLE = (*WITH_UNIT, S.SUBMITTED, S.INSPECTED, S.CLOSED)
REVIEWABLE = (*APPEALABLE, S.RETURNED, S.REOPENED, S.ARBITRATION, S.SUSPENDED)
# States in which a case may still turn out to be a report of what somebody else reported.
MERGEABLE = (S.REPORTED, S.VERIFIED, S.ACCEPTED, S.RETURNED, S.REOPENED, S.ARBITRATION, *WITH_UNIT)


def unsigned(case) -> bool:
    return case.signed_at is None


def nobody_contacted(case) -> bool:
    return case.contacted_at is None


def may_ask_extension(case) -> bool:
    return not case.open_request and case.extensions < MOST_EXTENSIONS


def may_ask_suspension(case) -> bool:
    return not case.open_request and case.suspended_at is None


def extension_asked(case) -> bool:
    return case.open_request == EXTENSION and case.extensions < MOST_EXTENSIONS


def suspension_asked(case) -> bool:
    return case.open_request == SUSPENSION and case.suspended_at is None


def something_asked(case) -> bool:
    return bool(case.open_request)


def never_appealed(case) -> bool:
    return not case.appeal_state


def appeal_open(case) -> bool:
    return case.appeal_state == "filed"


class StepsAside(models.Model):
    """Transitions beside the usual way; ``CaseSteps`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Sign for it"), source=[S.DISPATCHED], target=None, allow=LEAD, event="case.signed", guards=[unsigned]
    )
    def sign(self, *, signed_at):
        """签收: the lead unit has seen the dispatch. Its clock runs since the dispatch, signed or not."""
        self.signed_at = signed_at

    @step(
        label=_("Reporter contacted"),
        source=OPEN,
        target=None,
        allow=REGISTRY | ON_SITE | LEAD | {Role.DISPATCHER: IN_AREA},
        event="case.contacted",
        guards=[nobody_contacted],
    )
    def contact(self, *, contacted_at):
        """Somebody spoke to the reporter for the first time (响应: first contact)."""
        self.contacted_at = contacted_at

    @step(
        label=_("Give the task to"),
        source=[S.REPORTED, S.SUBMITTED],
        target=None,
        allow=REGISTRY | {Role.DISPATCHER: IN_AREA, Role.COMMUNITY_STAFF: IN_AREA},
        event="case.task_assigned",
    )
    def assign_task(self):
        """Somebody else on site verifies or inspects."""

    @step(
        label=_("Part is done"),
        source=[S.DISPATCHED, S.HANDLING, S.REWORKED],
        target=None,
        allow={Role.HANDLER: IN_AREA & ASSISTS},
        event="case.part_done",
    )
    def finish_part(self):
        """An assisting unit has done its part; the lead unit goes on."""

    @step(
        label=_("Hand over to other units"),
        source=WITH_UNIT,
        target=None,
        allow=DECIDES,
        event="case.handed_over",
        reason=True,
    )
    def hand_over(self, *, lead_unit):
        """Another lead, or other assisting units, within the limit that runs."""
        self.lead_unit, self.signed_at = lead_unit, None

    @step(
        label=_("Deal with it on the spot"),
        source=[S.REPORTED, S.VERIFIED],
        target=S.CLOSED,
        allow=ON_SITE,
        event="case.disposed",
    )
    def dispose(self, *, category, result, closed_at):
        """Small things are put right at once by whoever is there (categories marked for it)."""
        self.category, self.standard, self.result, self.closed_at = category, None, result, closed_at

    @step(
        label=_("Ask for an extension"),
        source=ASKABLE,
        target=None,
        allow=LEAD,
        event="case.extension_asked",
        reason=True,
        guards=[may_ask_extension],
    )
    def ask_extension(self):
        """申请延期."""
        self.open_request = EXTENSION

    @step(
        label=_("Grant the extension"),
        source=ASKABLE,
        target=None,
        allow=DECIDES,
        event="case.extended",
        guards=[extension_asked],
    )
    def extend(self, *, promised_at):
        """批准延期: the end of handling moves."""
        self.open_request, self.promised_at = "", promised_at
        self.extensions += 1

    @step(
        label=_("Ask for a suspension"),
        source=ASKABLE,
        target=None,
        allow=LEAD,
        event="case.suspension_asked",
        reason=True,
        guards=[may_ask_suspension],
    )
    def ask_suspension(self):
        """申请挂账."""
        self.open_request = SUSPENSION

    @step(
        label=_("Suspend"),
        source=ASKABLE,
        target=S.SUSPENDED,
        allow=DECIDES,
        event="case.suspended",
        guards=[suspension_asked],
    )
    def suspend(self, *, suspended_at, until):
        """批准挂账: no clock runs until ``until`` or until somebody takes it up again; once per case."""
        self.open_request, self.promised_at = "", None
        self.suspended_at, self.suspended_until = suspended_at, until

    @step(
        label=_("Refuse what the unit asked for"),
        source=ASKABLE,
        target=None,
        allow=DECIDES,
        event="case.request_refused",
        backward=True,
        guards=[something_asked],
    )
    def refuse_request(self):
        """不同意延期或挂账."""
        self.open_request = ""

    @step(
        label=_("Take it up again"),
        source=[S.SUSPENDED],
        target=S.HANDLING,
        allow=DECIDES | LEAD | SYSTEM,
        event="case.resumed",
    )
    def resume(self, *, promised_at):
        """恢复: the rest of the limit runs on."""
        self.promised_at, self.suspended_until = promised_at, None

    @step(
        label=_("Refer to arbitration"),
        source=[S.ACCEPTED, S.RETURNED, S.REOPENED],
        target=S.ARBITRATION,
        allow=REGISTRY | SYSTEM | {Role.DISPATCHER: IN_AREA},
        event="case.arbitration_needed",
        backward=True,
    )
    def refer(self):
        """提请仲裁: units keep returning it, or nobody knows whose it is; the operations centre decides."""
        self.review_reason = "arbitration"

    @step(
        label=_("Decide the arbitration"),
        source=[S.ARBITRATION],
        target=S.DISPATCHED,
        allow=CENTRE,
        event="case.arbitrated",
        reason=True,
    )
    def arbitrate(self, *, lead_unit, promised_at, dispatched_at):
        """仲裁: the unit named here keeps the case."""
        self.lead_unit, self.promised_at, self.dispatched_at = lead_unit, promised_at, dispatched_at
        self.signed_at, self.review_reason, self.arbitrated = None, "", True

    @step(
        label=_("Appeal"),
        source=APPEALABLE,
        target=None,
        allow=LEAD,
        event="case.appealed",
        reason=True,
        guards=[never_appealed],
    )
    def appeal(self):
        """申诉: the unit says that the case must not count against it."""
        self.appeal_state = "filed"

    @step(
        label=_("Review the appeal"),
        source=REVIEWABLE,
        target=None,
        allow=CENTRE,
        event="case.appeal_reviewed",
        reason=True,
        guards=[appeal_open],
    )
    def review_appeal(self):
        """One of the two reviewers gives an opinion."""

    @step(
        label=_("Uphold the appeal"),
        source=REVIEWABLE,
        target=None,
        allow=SYSTEM,
        event="case.appeal_upheld",
        quiet=True,
        guards=[appeal_open],
    )
    def uphold_appeal(self):
        """Both opinions say so: the case does not count against the unit."""
        self.appeal_state = "upheld"

    @step(
        label=_("Refuse the appeal"),
        source=REVIEWABLE,
        target=None,
        allow=SYSTEM,
        event="case.appeal_refused",
        quiet=True,
        guards=[appeal_open],
    )
    def refuse_appeal(self):
        """At least one of the two opinions says no."""
        self.appeal_state = "refused"

    @step(
        label=_("Merge into another case"),
        source=MERGEABLE,
        target=S.MERGED,
        allow=REGISTRY | {Role.DISPATCHER: IN_AREA} | SYSTEM,
        event="case.merged",
    )
    def merge(self, *, into, closed_at):
        """重复件: somebody reported the same before; its reporters are told what happens to the other case."""
        self.merged_into, self.closed_at = into, closed_at
        self.lead_unit, self.promised_at, self.review_reason, self.open_request = None, None, "", ""

    @step(
        label=_("Put under another case"),
        source=[state for state in S if state not in ENDED],
        target=None,
        allow=REGISTRY | {Role.DISPATCHER: IN_AREA} | SYSTEM,
        event="case.attached",
    )
    def attach(self, *, parent):
        """The case is a part of a larger matter (None: no longer); that one cannot close before this one has ended."""
        self.parent = parent
