"""States and transitions of score periods and of appeals against their lines. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.scoring.querysets import IN_AREA
from governance.errors import Conflict, NotPermitted
from governance.models.organisation import Role
from governance.workflow import step

CENTRE = {Role.OPERATIONS_CENTRE: IN_AREA}
KEEPERS = CENTRE | {Role.ADMINISTRATOR: IN_AREA}


class PeriodState(models.TextChoices):
    OPEN = "open", _("Opened")
    COMPUTED = "computed", _("Computed")
    PUBLISHED = "published", _("Published (frozen)")
    DISCARDED = "discarded", _("Discarded")


class AppealState(models.TextChoices):
    FILED = "filed", _("Filed")
    REVIEWED = "reviewed", _("Reviewed once")
    UPHELD = "upheld", _("Upheld")
    REFUSED = "refused", _("Refused")


class Opinion(models.TextChoices):
    UPHOLD = "uphold", _("To be upheld")
    REFUSE = "refuse", _("To be refused")


P, A = PeriodState, AppealState


class PeriodSteps(models.Model):
    """open → computed (again and again) → published, which is for good."""

    class Meta:
        abstract = True

    @step(label=_("Compute"), source=[P.OPEN, P.COMPUTED], target=P.COMPUTED, allow=KEEPERS, event="score.computed")
    def compute(self, *, as_of, position, last_event):
        """Count everything anew, as known at ``as_of``."""
        self.as_of, self.position, self.last_event = as_of, position, last_event

    @step(label=_("Publish"), source=[P.COMPUTED], target=P.PUBLISHED, allow=KEEPERS, event="score.published")
    def publish(self, *, published_at):
        """Freeze it with its formula and let everybody at work see the ranking."""
        self.published_at = published_at

    @step(label=_("Discard"), source=[P.OPEN, P.COMPUTED], target=P.DISCARDED, allow=KEEPERS, event="score.discarded",
          backward=True)  # fmt: skip
    def discard(self):
        """It was opened by mistake."""


class AppealSteps(models.Model):
    """filed → reviewed by one → upheld or refused by another of the operations centre."""

    class Meta:
        abstract = True

    @step(label=_("Give a first opinion"), source=[A.FILED], target=A.REVIEWED, allow=CENTRE,
          event="score.appeal_reviewed", reason=True)  # fmt: skip
    def review(self, *, opinion, reviewer):
        """One of the operations centre says whether it should be upheld."""
        self._refuse_own(reviewer)
        self.opinion, self.reviewer = opinion, reviewer

    @step(label=_("Uphold"), source=[A.REVIEWED], target=A.UPHELD, allow=CENTRE, event="score.appeal_upheld",
          reason=True)  # fmt: skip
    def uphold(self, *, reviewer, settled_at):
        """The second says so too: the cases come out of the line."""
        self._second(reviewer, Opinion.UPHOLD)
        self.settled_at = settled_at

    @step(label=_("Refuse"), source=[A.REVIEWED], target=A.REFUSED, allow=CENTRE, event="score.appeal_refused",
          reason=True)  # fmt: skip
    def refuse(self, *, reviewer, settled_at):
        """The second too would not uphold it."""
        self._second(reviewer, Opinion.REFUSE)
        self.settled_at = settled_at

    @step(label=_("Disagree with the first opinion"), source=[A.REVIEWED], target=A.FILED, allow=CENTRE,
          event="score.appeal_sent_back", backward=True)  # fmt: skip
    def send_back(self, *, reviewer):
        """The second disagrees: somebody looks at it again from the start."""
        self._second(reviewer, self.opinion)
        self.opinion, self.reviewer = "", None

    def _second(self, reviewer, opinion) -> None:
        self._refuse_own(reviewer)
        if reviewer == self.reviewer:
            raise NotPermitted(_now("Somebody else has to give the second opinion."), code="same_reviewer")
        if self.opinion != opinion:
            raise Conflict(_now("The first opinion was another. Disagree with it instead."), code="other_opinion")

    def _refuse_own(self, reviewer) -> None:
        if reviewer.pk == self.filed_by_id:
            raise NotPermitted(_now("Nobody decides an appeal of their own."), code="own_appeal")
