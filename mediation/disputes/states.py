"""States, tiers and sources of a dispute (domain/mediation.md). Pure words: nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DisputeState(models.TextChoices):
    """A dispute is never "cancelled": it is declined before it was accepted, or terminated after."""

    REGISTERED = "registered", _("Registered")
    AWAITING_CONSENT = "awaiting_consent", _("Awaiting consent")
    ACCEPTED = "accepted", _("Accepted for mediation")
    MEDIATING = "mediating", _("In mediation")
    AGREED = "agreed", _("Agreement reached")
    TERMINATED = "terminated", _("Mediation terminated")
    CLOSED = "closed", _("Dispute closed")
    ARCHIVED = "archived", _("Archived")
    DECLINED = "declined", _("Not mediated")
    REFERRED = "referred", _("Referred elsewhere")
    REOPENED = "reopened", _("Reopened")


class DisputeTier(models.TextChoices):
    """How grave it is, which decides who handles it: village, township, county. An attribute with its own history."""

    GENERAL = "general", _("General dispute")
    COMPLEX = "complex", _("Complex dispute")
    MAJOR = "major", _("Major dispute")


class DisputeSource(models.TextChoices):
    """How it came to the committee; the sources of the public systems."""

    APPLICATION = "application", _("On a party's application")
    INITIATIVE = "initiative", _("On the committee's own initiative")
    COURT = "court", _("Transferred by the court")
    PROCURATORATE = "procuratorate", _("Transferred by the procuratorate")
    POLICE = "police", _("Transferred by the police")
    PETITIONS = "petitions", _("Transferred by the petition office")
    OTHER_UNIT = "other_unit", _("Transferred by another unit")


class DisputeUrgency(models.TextChoices):
    NORMAL = "normal", _("Not urgent")
    URGENT = "urgent", _("Urgent")


class PartyKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Legal person or organisation")


class PartySide(models.TextChoices):
    APPLICANT = "applicant", _("Applicant")
    RESPONDENT = "respondent", _("Respondent")
    THIRD = "third", _("Third person concerned")


class TerminationGround(models.TextChoices):
    """Why a mediation that had begun ended without an agreement (人民调解法 16, 23, 26)."""

    NO_AGREEMENT = "no_agreement", _("No agreement could be reached")
    WITHDRAWN = "withdrawn", _("A party withdrew")
    TERM_OVER = "term_over", _("The mediation term is over")
    ABSENT = "absent", _("A party no longer appears")
    UNLAWFUL_AIM = "unlawful_aim", _("The mediation was misused for an unlawful aim")


class DeclineGround(models.TextChoices):
    """Why a dispute is not mediated (人民调解法 17; what only courts or authorities may decide)."""

    PARTY_REFUSED = "party_refused", _("A party explicitly refuses mediation")
    ALREADY_DECIDED = "already_decided", _("A court or authority has it, or has decided it")
    EXCLUSIVE = "exclusive", _("Only a court or authority may decide it")
    NO_DISPUTE = "no_dispute", _("There is no dispute that can be mediated")


class ReferredTo(models.TextChoices):
    """Where parties are sent when another route is the right one."""

    POLICE = "police", _("Police station")
    COURT = "court", _("People's court")
    ARBITRATION = "arbitration", _("Arbitration")
    ADMINISTRATIVE = "administrative", _("Administrative authority")
    OTHER = "other", _("Elsewhere")


class ConsentTo(models.TextChoices):
    """What a party is asked (人民调解法 3, 20, 23; the extension by local rules)."""

    MEDIATION = "mediation", _("Being mediated")
    MEDIATOR = "mediator", _("This mediator")
    HELPER = "helper", _("A helper being invited")
    EXTENSION = "extension", _("A longer mediation term")


class ConsentAnswer(models.TextChoices):
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused by the party")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")


class TellingWay(models.TextChoices):
    """How a party said something, or was told."""

    WRITTEN = "written", _("In writing")
    ORAL = "oral", _("Orally, face to face")
    PHONE = "phone", _("By telephone")
    LINK = "link", _("On their own page")


class RecusalGround(models.TextChoices):
    """Why somebody should not mediate a dispute."""

    PARTY = "party", _("Is a party, or a near relative of one")
    INTEREST = "interest", _("Has an interest in the outcome")
    RELATION = "relation", _("Has another relation that may affect fairness")
    OTHER = "other", _("Another ground for recusal")


class RecusalState(models.TextChoices):
    ASKED = "asked", _("Recusal asked for")
    UPHELD = "upheld", _("Recusal upheld")
    REJECTED = "rejected", _("Recusal rejected")
    WITHDRAWN = "withdrawn", _("Taken back: recorded by mistake")


class ReportGround(models.TextChoices):
    """Why the police are told; no party is asked (人民调解法 25, 反家暴法 14)."""

    CRIME = "crime", _("A crime is possible")
    ESCALATION = "escalation", _("The conflict may become violent")
    DOMESTIC_VIOLENCE = "domestic", _("Domestic violence")


# Somebody still works on it.
OPEN = ("registered", "awaiting_consent", "accepted", "mediating", "reopened")
# It has ended; what is left is performance, follow-up and the file.
ENDED = ("agreed", "terminated", "closed", "archived", "declined", "referred")
# The agreement is followed up: visits, obligations, confirmation.
FOLLOWED_UP = ("agreed", "closed")
HIGHER = (DisputeTier.COMPLEX, DisputeTier.MAJOR)
