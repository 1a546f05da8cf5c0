"""States and transitions of a questionnaire. Nothing here reads or writes data.

draft → scheduled → open → closed → published; withdrawn. What is open is never edited: only its end may be put off.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from partners.surveys.needs_link import needs_are_kept
from partners.surveys.querysets import ASKS, RUNS, SYSTEM


class SurveyState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Opens by itself")
    OPEN = "open", _("Survey open")
    CLOSED = "closed", _("Survey closed")
    PUBLISHED = "published", _("Results published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


S = SurveyState
# Papers that were handed in while it was open are typed in until the results are published.
TAKES_PAPER = (S.OPEN, S.CLOSED)
ANSWERED = (S.OPEN, S.CLOSED, S.PUBLISHED)


class SurveySteps(models.Model):
    """The transitions; ``Survey`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Change title and times"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.changed")
    def change(self, **plan):
        """Anything but the questions, before it is opened."""
        for name, value in plan.items():
            setattr(self, name, value)

    @step(label=_("Add a question"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.question_added")
    def add_question(self):
        """At the end, or at a place."""

    @step(label=_("Change a question"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.question_changed")
    def change_question(self):
        """Its words, options and bounds."""

    @step(label=_("When to ask a question"), source=[S.DRAFT], target=None, allow=RUNS,
          event="survey.question_branched")  # fmt: skip
    def branch_question(self):
        """Under which conditions it is shown, and where it leads."""

    @step(label=_("Move a question"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.question_moved")
    def move_question(self):
        """To another place."""

    @step(label=_("Drop a question"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.question_dropped")
    def drop_question(self):
        """A question that is not asked after all."""

    @step(label=_("Set all questions"), source=[S.DRAFT], target=None, allow=RUNS, event="survey.questions_set",
          quiet=True)  # fmt: skip
    def set_questions(self):
        """All at once, by a program."""

    @step(label=_("Open by itself at its time"), source=[S.DRAFT], target=S.SCHEDULED, allow=RUNS,
          event="survey.scheduled")  # fmt: skip
    def schedule(self):
        """It is finished; the clock opens it."""

    @step(label=_("Back to the draft"), source=[S.SCHEDULED], target=S.DRAFT, allow=RUNS, event="survey.recalled",
          backward=True)  # fmt: skip
    def recall(self):
        """Something is to be changed before it opens."""

    @step(label=_("Open now"), source=[S.DRAFT, S.SCHEDULED], target=S.OPEN, allow=RUNS | SYSTEM,
          event="survey.opened")  # fmt: skip
    def open(self, *, opened_at):
        """Residents are told and answer, from now on and not from when it was planned."""
        self.opened_at = self.opens_at = opened_at

    @step(label=_("Another closing time"), source=[S.OPEN], target=None, allow=RUNS, event="survey.extended")
    def extend(self, *, closes_at):
        """Later, or earlier but not past."""
        self.closes_at = closes_at

    @step(label=_("Enter answers of somebody"), source=TAKES_PAPER, target=None, allow=RUNS | ASKS,
          event="survey.entered", quiet=True)  # fmt: skip
    def enter(self):
        """From paper, or asked at the door: marked as such."""

    @step(label=_("End the survey"), source=[S.OPEN], target=S.CLOSED, allow=RUNS | SYSTEM, event="survey.closed")
    def close(self, *, closed_at):
        """By itself when its time is over, or earlier by hand."""
        self.closed_at = closed_at

    @step(label=_("Make it a need"), source=ANSWERED, target=None, allow=RUNS, event="survey.need_made",
          guards=[needs_are_kept])  # fmt: skip
    def make_need(self):
        """Out of an answer in words, or an option that many chose."""

    @step(label=_("Publish the results"), source=[S.CLOSED], target=S.PUBLISHED, allow=RUNS, event="survey.published")
    def publish(self, *, published_at):
        """Residents read the figures; small ones are not shown."""
        self.published_at = published_at

    @step(label=_("Withdraw"), source=[S.DRAFT, S.SCHEDULED, S.OPEN, S.CLOSED, S.PUBLISHED], target=S.WITHDRAWN,
          allow=RUNS, event="survey.withdrawn", backward=True)  # fmt: skip
    def withdraw(self):
        """It was a mistake, or not carried through: residents see it no more. What was answered is kept."""
