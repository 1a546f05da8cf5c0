"""States and transitions of a case: which state may follow, and who may do it. Nothing here reads or writes data.

reported → (verified) → accepted | rejected → dispatched → handling → submitted → inspected → closed; returned,
reworked, recalled, cancelled, reopened go backward and need a reason (domain/cases.md, "Stages": 核实 comes before
立案, 核查 before 结案). What leaves this way for a while or for good (extension, suspension, appeal, arbitration,
merging) is in ``cases.workflow_aside``.
"""

from django.utils.translation import gettext_lazy as _

from cases.querysets import IN_AREA, SEES_CASE, SUPERVISES
from cases.states import CENTRE, DECIDES, HUB, LEAD, ON_SITE, OPEN, REGISTRY, SYSTEM, WITH_UNIT, CaseState, S
from cases.workflow_aside import StepsAside
from governance.models.organisation import Role
from governance.scoping import Own
from governance.workflow import step

__all__ = ["CaseState", "CaseSteps"]


def returnable(case) -> bool:
    return not case.arbitrated


class CaseSteps(StepsAside):
    """The transitions; ``Case`` inherits them. Methods set fields of the case only, times come from the caller."""

    class Meta:
        abstract = True

    @step(label=_("Verify"), source=[S.REPORTED], target=S.VERIFIED, allow=ON_SITE, event="case.verified")
    def verify(self):
        """核实: somebody looked on site and it is as reported."""

    @step(
        label=_("Accept (file)"),
        source=[S.REPORTED, S.VERIFIED],
        target=S.ACCEPTED,
        allow=REGISTRY | SYSTEM,
        event="case.accepted",
    )
    def accept(self, *, category, standard, accepted_at):
        """受理 (立案): a category is fixed, and with it the filing standard if one fits."""
        self.category, self.standard, self.accepted_at = category, standard, accepted_at

    @step(
        label=_("Reject"),
        source=[S.REPORTED, S.VERIFIED],
        target=S.REJECTED,
        allow=REGISTRY,
        event="case.rejected",
        backward=True,
    )
    def reject(self):
        """不予立案: with a reason that the reporter reads."""
        self.promised_at = None

    @step(
        label=_("Correct"),
        source=[S.REPORTED, S.VERIFIED, S.ACCEPTED, S.RETURNED, S.REOPENED],
        target=None,
        allow=REGISTRY | {Role.DISPATCHER: IN_AREA},
        event="case.corrected",
        reason=True,
    )
    def correct(self, *, category=None, standard=None, address=None):
        """Put right what was filed wrongly, without moving the case on."""
        if category is not None:
            self.category, self.standard = category, standard
        if address is not None:
            self.address = address

    @step(
        label=_("Leave to a dispatcher"),
        source=[S.ACCEPTED, S.RETURNED, S.REOPENED],
        target=None,
        allow=SYSTEM,
        event="case.review_needed",
        quiet=True,
    )
    def leave_to_dispatcher(self, *, why):
        """The hub found no standard or no lead unit: it never guesses (``why``: see ``cases.dispatch``)."""
        self.review_reason = why

    @step(
        label=_("Dispatch"),
        source=[S.ACCEPTED, S.RETURNED, S.REOPENED],
        target=S.DISPATCHED,
        allow=HUB,
        event="case.dispatched",
    )
    def dispatch(self, *, lead_unit, promised_at, dispatched_at):
        """派遣: to a lead unit, with the end of handling fixed."""
        self.lead_unit, self.promised_at, self.dispatched_at = lead_unit, promised_at, dispatched_at
        self.review_reason, self.signed_at, self.open_request = "", None, ""

    @step(
        label=_("Recall the dispatch"),
        source=[S.DISPATCHED],
        target=S.ACCEPTED,
        allow=DECIDES,
        event="case.recalled",
        backward=True,
    )
    def recall(self):
        """撤回派遣: before the unit has begun; the case waits for a dispatcher again."""
        self.lead_unit, self.promised_at, self.review_reason = None, None, "recalled"

    @step(
        label=_("Begin handling"),
        source=[S.DISPATCHED, S.REWORKED],
        target=S.HANDLING,
        allow=LEAD,
        event="case.handling_begun",
    )
    def start(self, *, signed_at):
        """处置: the lead unit has begun, and has thereby signed for it."""
        self.signed_at = self.signed_at or signed_at

    @step(
        name="return",
        label=_("Return"),
        source=WITH_UNIT,
        target=S.RETURNED,
        allow=LEAD,
        event="case.returned",
        backward=True,
        guards=[returnable],
    )
    def return_case(self):
        """退回: the lead unit says it is not its matter; what arbitration decided is not returned."""
        self.lead_unit, self.promised_at, self.review_reason, self.open_request = None, None, "returned", ""
        self.returns += 1

    @step(
        label=_("Submit the result"),
        source=[S.HANDLING],
        target=S.SUBMITTED,
        allow=LEAD,
        event="case.submitted",
    )
    def submit(self, *, result, submitted_at):
        """反馈: what was done."""
        self.result, self.submitted_at = result, submitted_at

    @step(
        label=_("Pass the inspection"),
        source=[S.SUBMITTED],
        target=S.INSPECTED,
        allow=CENTRE | ON_SITE | {Role.SUPERVISOR: SUPERVISES} | SYSTEM,
        event="case.inspected",
    )
    def inspect(self):
        """核查: somebody other than the handling unit saw that it is done (or the photos were enough, by the share)."""

    @step(
        label=_("Send back for rework"),
        source=[S.SUBMITTED, S.INSPECTED],
        target=S.REWORKED,
        allow=CENTRE | ON_SITE | {Role.SUPERVISOR: SUPERVISES},
        event="case.reworked",
        backward=True,
    )
    def rework(self):
        """返工: it is not done."""
        self.submitted_at = None
        self.reworks += 1

    @step(
        label=_("Close the case"),
        source=[S.INSPECTED],
        target=S.CLOSED,
        allow=REGISTRY | {Role.DISPATCHER: IN_AREA},
        event="case.closed",
    )
    def close(self, *, closed_at):
        """结案."""
        self.closed_at = closed_at

    @step(
        label=_("Reopen"),
        source=[S.CLOSED],
        target=S.REOPENED,
        allow=REGISTRY | {Role.COMMUNITY_STAFF: IN_AREA, Role.RESIDENT: Own("reporter")} | SYSTEM,
        event="case.reopened",
        backward=True,
    )
    def reopen(self):
        """The reporter (or staff for them) says it is not solved; a dispatcher decides who goes on."""
        self.closed_at, self.promised_at, self.review_reason = None, None, "reopened"

    @step(
        label=_("Cancel"),
        source=[S.REPORTED, S.VERIFIED, S.ACCEPTED, S.RETURNED, S.REOPENED],
        target=S.CANCELLED,
        allow=REGISTRY | {Role.RESIDENT: Own("reporter")},
        event="case.cancelled",
        backward=True,
    )
    def cancel(self):
        """Nothing more is to be done, for instance a report taken back."""
        self.promised_at = None

    @step(
        label=_("Urge"),
        source=WITH_UNIT,
        target=None,
        allow=CENTRE | {Role.SUPERVISOR: SUPERVISES},
        event="case.urged",
        reason=True,
    )
    def urge(self):
        """督办: the supervising unit presses the lead unit."""

    @step(
        label=_("Add a note"),
        source=OPEN,
        target=None,
        allow={role: relation for role, relation in SEES_CASE.items() if role not in (Role.SYSTEM, Role.RESIDENT)},
        event="case.noted",
        reason=True,
    )
    def note(self):
        """A remark or photos for everybody who works on the case."""
