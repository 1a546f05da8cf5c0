"""Transitions of a track, and of a task of a department. Nothing here reads or writes data.

Track: invited → accepted → working → result | declined | given up; once the dispute has ended, what still runs may hand
in for some days, and ends then by the clock. Task: asked → answered | overdue → closed.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.states import OPEN, DisputeState
from mediation.joint.querysets import ASKED_DEPARTMENT, CORRECTS_RESULT, LEADS_JOINT, OF_COUNTY, ORGAN, SYSTEM
from mediation.joint.states import TaskState as A
from mediation.joint.states import TrackState as T


def is_open(row) -> bool:
    """Whether the dispute is still worked on."""
    return row.dispute.state in OPEN


def is_not_archived(row) -> bool:
    """Whether the file may still be written in: once archived, it stays as it is (人民调解法 27)."""
    return row.dispute.state != DisputeState.ARCHIVED


def may_go_on(track) -> bool:
    """Whether the organ may still work: the dispute is worked on, or has ended and the days to hand in are not over;
    never in an archived file."""
    if track.hand_in_by is None:
        return is_open(track)
    return is_not_archived(track) and timezone.localdate() <= track.hand_in_by


def is_of_this_round(track) -> bool:
    """Whether the dispute was not opened again since the organ was invited."""
    return track.round == track.dispute.reopened


def does_not_lead(track) -> bool:
    return not track.is_lead


class TrackSteps(models.Model):
    """The transitions; ``Track`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Take part with the own track"), source=[T.INVITED], target=T.ACCEPTED, allow=ORGAN,
          event="track.accepted", guards=[is_open])  # fmt: skip
    def accept(self, *, legal_basis, person, at):
        """The organ says on which legal basis it mediates, and who does it."""
        self.legal_basis, self.person, self.accepted_at = legal_basis, person, at

    @step(label=_("Begin the work of the track"), source=[T.ACCEPTED], target=T.WORKING, allow=ORGAN,
          event="track.begun", guards=[may_go_on])  # fmt: skip
    def begin(self):
        """The organ works on it."""

    @step(label=_("Hand in the result"), source=[T.WORKING], target=T.RESULT, allow=ORGAN, event="track.result",
          guards=[may_go_on])  # fmt: skip
    def hand_in(self, *, result, document, at):
        """What came of it, and by which document."""
        self.result, self.document, self.ended_at = result, document, at

    @step(label=_("Correct the result"), source=[T.RESULT], target=None, allow=CORRECTS_RESULT,
          event="track.result_corrected", guards=[may_go_on], reason=True)  # fmt: skip
    def correct(self, *, result, document):
        """A slip in what was handed in, until the dispute, or the days to hand in, have ended."""
        self.result, self.document = result, document

    @step(label=_("Decline to take part"), source=[T.INVITED, T.ACCEPTED], target=T.DECLINED, allow=ORGAN,
          event="track.declined", backward=True, guards=[is_not_archived])  # fmt: skip
    def decline(self, *, at):
        """It is not the organ's, or not now; where it led, another is given the lead."""
        self.ended_at, self.is_lead = at, False

    @step(label=_("End a track that does not answer"), source=[T.INVITED, T.ACCEPTED, T.WORKING], target=T.GIVEN_UP,
          allow=LEADS_JOINT, event="track.given_up", backward=True, guards=[is_not_archived])  # fmt: skip
    def give_up(self, *, at):
        """Whoever leads the joint work waits for the organ no longer: another may be invited in its place."""
        self.ended_at, self.is_lead = at, False

    @step(label=_("Give this track the lead"), source=[T.INVITED, T.ACCEPTED, T.WORKING], target=None,
          allow=LEADS_JOINT, event="track.lead_given", guards=[is_open, is_of_this_round, does_not_lead])  # fmt: skip
    def take_lead(self):
        """The three work under one lead."""
        self.is_lead = True

    @step(label=_("Pass the lead on"), source=[T.INVITED, T.ACCEPTED, T.WORKING, T.RESULT], target=None,
          allow=LEADS_JOINT, event="track.lead_passed_on", quiet=True)  # fmt: skip
    def pass_lead(self):
        """Another track leads now."""
        self.is_lead = False

    @step(label=_("Let the result still be handed in"), source=[T.ACCEPTED, T.WORKING], target=None, allow=SYSTEM,
          event="track.winding_up", quiet=True)  # fmt: skip
    def wind_up(self, *, hand_in_by):
        """The dispute has ended: what the organ is working on may still come, until a day."""
        self.hand_in_by = hand_in_by

    @step(label=_("The track goes on"), source=[T.ACCEPTED, T.WORKING], target=None, allow=SYSTEM,
          event="track.goes_on", quiet=True)  # fmt: skip
    def go_on(self):
        """The end of the dispute was a mistake: there is no last day to hand in."""
        self.hand_in_by = None

    @step(label=_("The track ends with the dispute"), source=[T.INVITED, T.ACCEPTED, T.WORKING], target=T.ENDED,
          allow=SYSTEM, event="track.ended", quiet=True, reason=True)  # fmt: skip
    def end(self, *, at):
        """Nothing came of it: the dispute has ended."""
        self.ended_at = at


class TaskSteps(models.Model):
    """The transitions; ``DepartmentTask`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Answer the task"), source=[A.ASKED, A.OVERDUE], target=A.ANSWERED, allow=ASKED_DEPARTMENT,
          event="department_task.answered", guards=[is_not_archived])  # fmt: skip
    def answer(self, *, answer, answered_by, at):
        """What the department says to the question."""
        self.answer_text, self.answered_by, self.answered_at = answer, answered_by, at

    @step(label=_("Ask the department again"), source=[A.ANSWERED, A.OVERDUE], target=A.ASKED, allow=OF_COUNTY,
          event="department_task.asked_again", backward=True, guards=[is_open])  # fmt: skip
    def ask_again(self, *, answer_by):
        """The answer does not do, or did not come; the reason says what is missing. What came is kept apart."""
        self.answer_by, self.answer_text, self.answered_by, self.answered_at = answer_by, "", None, None

    @step(label=_("Close the task"), source=[A.ASKED, A.OVERDUE, A.ANSWERED], target=A.CLOSED,
          allow=OF_COUNTY | SYSTEM, event="department_task.closed")  # fmt: skip
    def close(self, *, at):
        """Nothing more is asked; the department sees it no longer. One not answered wants a reason."""
        self.closed_at = at

    @step(label=_("Answer did not come in time"), source=[A.ASKED], target=A.OVERDUE, allow=SYSTEM,
          event="department_task.overdue", quiet=True)  # fmt: skip
    def miss(self):
        """The day passed."""
