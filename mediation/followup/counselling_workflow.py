"""Transitions of a referral to counselling. Nothing here reads or writes data; only dates are kept (精神卫生法 23).

offered → consented → referred → attended | declined (domain/mediation.md).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.followup.querysets import ANSWERS, ATTENDS, OFFERS
from mediation.followup.states import CounsellingState as C


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
    def attend(self, *, on):
        """That somebody came; never what was said."""
        self.attended_on = on

    @step(label=_("The party declines counselling"), source=[C.OFFERED, C.CONSENTED, C.REFERRED], target=C.DECLINED,
          allow=ANSWERS, event="counselling.declined")  # fmt: skip
    def decline(self, *, on):
        """At any time, without a reason."""
        self.declined_on = on
