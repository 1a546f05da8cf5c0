"""Words of agreements and obligations (domain/mediation.md, "State machines"). Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementForm(models.TextChoices):
    """人民调解法 28: a written one is made where the parties want it; else the mediator records what was agreed."""

    WRITTEN = "written", _("Written agreement")
    ORAL = "oral", _("Oral agreement, recorded by the mediator")


class AgreementState(models.TextChoices):
    """人民调解法 29-30: signed by the parties, by the mediator, sealed by the committee; an oral one holds at once.

    At most one of a dispute is in effect: what the parties agree anew takes its place [J].
    """

    DRAFT = "draft", _("Draft of the agreement")
    SIGNED_BY_PARTIES = "signed_by_parties", _("Signed by all parties")
    SIGNED_BY_MEDIATOR = "signed_by_mediator", _("Signed by the mediator")
    EFFECTIVE = "effective", _("Agreement in effect")
    DISCARDED = "discarded", _("Draft discarded")
    REPLACED = "replaced", _("Replaced by a newer agreement")


class SignatureHow(models.TextChoices):
    """人民调解法 29: signature, seal or fingerprint."""

    SIGNATURE = "signature", _("Handwritten signature")
    SEAL = "seal", _("Seal")
    FINGERPRINT = "fingerprint", _("Fingerprint")
    ELECTRONIC = "electronic", _("Own account")


class SignatureOf(models.TextChoices):
    PARTY = "party", _("Party to a dispute")
    MEDIATOR = "mediator", _("Mediator")
    COMMITTEE = "committee", _("Seal of the mediation committee")


class AuthorisationScope(models.TextChoices):
    """What the agent of a party may do (as the Civil Procedure Law has it of agents in court)."""

    SPECIAL = "special", _("Special authorisation: may concede and settle")
    GENERAL = "general", _("General authorisation: may attend and speak")
    LEGAL = "legal", _("Legal agent (guardian)")


class ObligationState(models.TextChoices):
    DUE = "due", _("To be performed")
    PERFORMED = "performed", _("Performed")
    PART = "part", _("Partly performed")
    OVERDUE = "overdue", _("Not performed in time")
    URGED = "urged", _("Urged to perform")
    TOLD_OF_LITIGATION = "told_of_litigation", _("Told of the way to court")
    REPLACED = "replaced", _("Replaced by a newer agreement")


class PaperSentence(models.TextChoices):
    """Sentences of papers that a place may put into its own words (``sentences.py``)."""

    APPLICATION_STATEMENT = "application_statement", _("Application: statement of the applicant")
    NOTICE_OPENING = "notice_opening", _("Notice of rights: opening")
    NOTICE_ROUTES = "notice_routes", _("Notice of rights: other routes")
    NOTICE_LOCAL = "notice_local", _("Notice of rights: what else is told here")
    AGREEMENT_LOCAL = "agreement_local", _("Agreement: what else stands at the end")
    TERMINATION_ROUTES = "termination_routes", _("Notice of termination: other routes")
    TERMINATION_LOCAL = "termination_local", _("Notice of termination: whom to ask here")
    CONFIRMATION_AFTER = "confirmation_after", _("Notice of confirmation: after the decision")
    CONFIRMATION_LOCAL = "confirmation_local", _("Notice of confirmation: where to apply here")


A, O = AgreementState, ObligationState  # noqa: E741
# Still on its way to taking effect: at most one of a dispute at a time.
UNDER_WAY = (A.DRAFT, A.SIGNED_BY_PARTIES, A.SIGNED_BY_MEDIATOR)
# Something is still owed.
OWED = (O.DUE, O.PART, O.OVERDUE, O.URGED, O.TOLD_OF_LITIGATION)
