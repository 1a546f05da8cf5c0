"""Transitions of a referral to counselling. Nothing here reads or writes data; only dates are kept (精神卫生法 23).

offered → consented → referred → attended | declined (domain/mediation.md). An offer to the wrong party is taken back
until it is answered; that somebody came, said of the wrong row, for some days.
"""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.followup.querysets import ANSWERS, ATTENDS, OFFERS
from mediation.followup.states import CounsellingState as C

CORRECTED_FOR = timedelta(days=7)  # after it was recorded, as with a visit [J]: a slip is seen soon


def attended_lately(referral) -> bool:
    """Whether it was recorded a few days ago at most that the party came."""
    recorded = referral.attendance_recorded_on
    return recorded is not None and timezone.localdate() <= recorded + CORRECTED_FOR


class CounsellingSteps(models.Model):
    """The transitions; ``CounsellingReferral`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("The party consents to counselling"), source=[C.OFFERED], target=C.CONSENTED, allow=ANSWERS,
          event="counselling.consented")  # fmt: skip
    def consent(self, *, on):
        """Nobody is referred without."""
        self.consented_on = on

    @step(label=_("Refer to the counsellor"), source=[C.CONSENTED], target=C.REFERRED, allow=OFFERS,
          event="counselling.referred")  # fmt: skip
    def refer(self, *, counsellor, on):
        """The counsellor sees who it is from now on."""
        self.counsellor, self.referred_on = counsellor, on

    @step(label=_("Pass on to another counsellor"), source=[C.REFERRED], target=None, allow=OFFERS,
          event="counselling.passed_on")  # fmt: skip
    def pass_on(self, *, counsellor, on):
        """The first one has left, or cannot: the party's consent holds on, and only the new one sees it now."""
        self.counsellor, self.referred_on = counsellor, on

    @step(label=_("The party attended"), source=[C.REFERRED], target=C.ATTENDED, allow=ATTENDS,
          event="counselling.attended")  # fmt: skip
    def attend(self, *, on, recorded_on):
        """That somebody came; never what was said."""
        self.attended_on, self.attendance_recorded_on = on, recorded_on

    @step(label=_("Correct: the party has not attended"), source=[C.ATTENDED], target=C.REFERRED, allow=ATTENDS,
          event="counselling.attendance_corrected", guards=[attended_lately])  # fmt: skip
    def correct(self):
        """It was recorded of the wrong referral: as if it had not been."""
        self.attended_on = self.attendance_recorded_on = None

    @step(label=_("Take the offer back"), source=[C.OFFERED], target=C.WITHDRAWN, allow=OFFERS,
          event="counselling.withdrawn")  # fmt: skip
    def take_back(self, *, on):
        """It was made to the wrong party, and nobody has answered it."""
        self.withdrawn_on = on

    @step(label=_("The party declines counselling"), source=[C.OFFERED, C.CONSENTED, C.REFERRED], target=C.DECLINED,
          allow=ANSWERS, event="counselling.declined")  # fmt: skip
    def decline(self, *, on):
        """At any time, without a reason."""
        self.declined_on = on
