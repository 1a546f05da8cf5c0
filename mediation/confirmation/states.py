"""Words of judicial confirmation. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConfirmationState(models.TextChoices):
    """not wanted / eligible → jointly applied → received → admitted → valid | rejected | withdrawn.

    ``replaced``: nobody had applied when a newer agreement, which has a term of its own, took effect.
    """

    ELIGIBLE = "eligible", _("May be applied for")
    NOT_WANTED = "not_wanted", _("Confirmation not wanted")
    JOINTLY_APPLIED = "jointly_applied", _("Jointly applied for")
    RECEIVED = "received", _("Received by the court")
    ADMITTED = "admitted", _("Admitted by the court")
    VALID = "valid", _("Confirmed as valid")
    REJECTED = "rejected", _("Rejected by the court")
    WITHDRAWN = "withdrawn", _("Application for confirmation withdrawn")
    REPLACED = "replaced", _("Replaced by a newer agreement")


class WishAnswer(models.TextChoices):
    AGREED = "agreed", _("Asks for confirmation too")
    REFUSED = "refused", _("Does not ask for confirmation")


class WishHow(models.TextChoices):
    """How a party's wish to apply was made sure of. One party applying with the other's recorded consent, or through
    an agent, counts as joint (domain/mediation.md)."""

    TOGETHER = "together", _("Signed the application together")
    WRITTEN_CONSENT = "written_consent", _("Consent in writing")
    RECORDED = "recorded", _("Said before the mediator, recorded")
    AGENT = "agent", _("Through an agent with authority")
    ACCOUNT = "account", _("By the own account")
    LINK = "link", _("On their own page")


# Said by the party itself, at that moment.
OWN_WAYS = (WishHow.ACCOUNT, WishHow.LINK)


class CourtBasis(models.TextChoices):
    """Which court is competent (民事诉讼法 205): the one that invited the mediation; else, as the parties choose, the
    basic court of a party's domicile, of the place of the subject matter, or of the mediation body."""

    INVITED = "invited", _("It invited the mediation")
    DOMICILE = "domicile", _("A party lives there")
    MATTER = "matter", _("The subject matter is there")
    MEDIATOR = "mediation", _("The mediation committee is there")


class CourtGround(models.TextChoices):
    """Why a court does not admit an application (民诉解释 355), rejects it (358), or treats it as withdrawn (357)."""

    NOT_A_COURT_MATTER = "355_1", _("Not a matter for the people's court (355)")
    NOT_THIS_COURT = "355_2", _("Not for this court (355)")
    IDENTITY = "355_3", _("Marriage, parentage or adoption itself (355)")
    OTHER_PROCEDURE = "355_4", _("A special or other procedure applies (355)")
    TITLE = "355_5", _("Title to property or intellectual property (355)")
    PAPERS = "357", _("Papers or statements not completed in time (357)")
    UNLAWFUL = "358_1", _("Against mandatory law (358)")
    HARMS_OTHERS = "358_2", _("Harms the state, the public or others (358)")
    PUBLIC_ORDER = "358_3", _("Against public order and good morals (358)")
    AGAINST_WILL = "358_4", _("Against the free will of a party (358)")
    UNCLEAR = "358_5", _("Content unclear (358)")
    OTHER = "358_6", _("Otherwise not to be confirmed (358)")


# Why what was received is not admitted; what was admitted may be rejected on any ground.
NOT_ADMITTED = tuple(ground for ground in CourtGround if ground.startswith("355"))
# What the court rejects, admitted or not: papers that are not completed are no ground for that.
REJECTS = tuple(ground for ground in CourtGround if ground != CourtGround.PAPERS)
# After these the parties may apply again while the term runs: to the competent court, with the whole papers. What is no
# matter for a court at all (355, item 1) is none for another one either.
MAY_APPLY_AGAIN = (CourtGround.NOT_THIS_COURT, CourtGround.PAPERS)
C = ConfirmationState
# Before the court; a clerk of the court reads it from here on.
AT_COURT = (C.JOINTLY_APPLIED, C.RECEIVED, C.ADMITTED, C.VALID, C.REJECTED, C.WITHDRAWN)
# Nobody has applied yet.
NOT_APPLIED = (C.ELIGIBLE, C.NOT_WANTED)
# Neither: before anything goes (back) to the court, somebody has to decide so.
NOT_BEFORE_COURT = (*NOT_APPLIED, C.REJECTED, C.WITHDRAWN, C.REPLACED)
