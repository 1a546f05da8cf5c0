"""States and kinds of joint work (domain/mediation.md, "State machines"). Pure words: nothing reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EscalationState(models.TextChoices):
    REQUESTED = "requested", _("Asked to take over")
    ACCEPTED = "accepted", _("Accepted, the parties are asked")
    CARRIED_OUT = "carried_out", _("Taken over")
    DECLINED = "declined", _("Takeover declined")
    WITHDRAWN = "withdrawn", _("Request withdrawn")


class EscalationDirection(models.TextChoices):
    UP = "up", _("Escalation")
    DOWN = "down", _("Hand-down")


class TrackKind(models.TextChoices):
    """三调: each with its own organ, legal basis and document."""

    PEOPLE = "people", _("People's mediation")
    ADMINISTRATIVE = "administrative", _("Administrative mediation")
    JUDICIAL = "judicial", _("Judicial mediation")


class TrackState(models.TextChoices):
    INVITED = "invited", _("Organ invited")
    ACCEPTED = "accepted", _("Organ takes part")
    WORKING = "working", _("Track at work")
    RESULT = "result", _("Result handed in")
    DECLINED = "declined", _("Organ declined")
    GIVEN_UP = "given_up", _("Organ not waited for any more")
    ENDED = "ended", _("Ended without a result")


class TaskState(models.TextChoices):
    ASKED = "asked", _("Asked for an answer")
    OVERDUE = "overdue", _("Answer overdue")
    ANSWERED = "answered", _("Department answered")
    CLOSED = "closed", _("Task closed")


class SittingKind(models.TextChoices):
    ON_SITE = "on_site", _("On site")
    CENTRE = "centre", _("At the mediation centre")
    VIDEO = "video", _("By video link")


class SittingState(models.TextChoices):
    PLANNED = "planned", _("Sitting planned")
    HELD = "held", _("Sitting held")
    CANCELLED = "cancelled", _("Sitting cancelled")


class NoteKind(models.TextChoices):
    RECORD = "record", _("Mediation record")
    CAUCUS = "caucus", _("Caucus note (only its writer reads it)")


class HelperState(models.TextChoices):
    ACTIVE = "active", _("May be invited")
    SUSPENDED = "suspended", _("Not invited for now")
    LEFT = "left", _("Left the register")


class HelperStanding(models.TextChoices):
    """Why people listen to them (案例四: retired officials, teachers, entrepreneurs)."""

    OFFICIAL = "official", _("Retired official")
    TEACHER = "teacher", _("Teacher or retired teacher")
    ENTREPRENEUR = "entrepreneur", _("Entrepreneur of the place")
    ELDER = "elder", _("Respected elder")
    EXPERT = "expert", _("Expert of a trade")
    OTHER = "other", _("Respected otherwise")


class InvitationState(models.TextChoices):
    PROPOSED = "proposed", _("The parties are asked about the helper")
    INVITED = "invited", _("Helper invited")
    ACCEPTED = "accepted", _("Helper takes part")
    DECLINED = "declined", _("Helper declined")
    WITHDRAWN = "withdrawn", _("Invitation of the helper taken back")
    EXPIRED = "expired", _("Access expired")
    ENDED = "ended", _("Access ended early")
    THANKED = "thanked", _("Thanked and hours entered")


# Of such a track nothing came; another of its kind may take its place.
WITHOUT_RESULT = (TrackState.DECLINED, TrackState.GIVEN_UP, TrackState.ENDED)
