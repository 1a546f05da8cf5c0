"""One meeting of an assembly, who is asked to it, and its minutes."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Booking, OrgUnit, User, Venue
from governance.models.venue import span_text
from governance.workflow import FSMField, WorkflowModel
from property.assembly.invitation_workflow import InvitationState, InvitationSteps
from property.assembly.querysets import InvitationQuerySet, SessionQuerySet
from property.assembly.session_workflow import TO_COME, SessionState, SessionSteps
from property.models.assembly import COUNTING, Assembly, Seat, SeatRole


class AssemblySession(SessionSteps, WorkflowModel):
    """A meeting. ``month`` is the first day of the month it counts for; one regular session a month.

    ``rule_day``: the day by the rule alone, before holidays moved it. ``unsuitable_since``: when a calendar of holidays
    came to be known by which its day will not do, and it was too late, or not ours, to move it. ``booking`` holds the
    venue; ``place`` says where else. Codes to sign in by are worked out, never stored (``sign_in.py``).
    """

    LOCK_WITH = ("area", "assembly", "assembly__area", "assembly__estate", "venue")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="sessions", verbose_name=_("assembly"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="assembly_sessions", verbose_name=_("area"))
    is_regular = models.BooleanField(_("regular"), default=True)
    month = models.DateField(_("month"))
    rule_day = models.DateField(_("day by the rule"), null=True, blank=True)
    unsuitable_since = models.DateTimeField(_("its day will not do, known since"), null=True, editable=False)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="assembly_sessions", verbose_name=_("venue")
    )
    place = models.CharField(_("other place"), max_length=120, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, null=True, blank=True, related_name="assembly_session", verbose_name=_("booking")
    )
    state = FSMField(_("state"), max_length=12, choices=SessionState, default=SessionState.DRAFT, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    noticed_at = models.DateTimeField(_("notice sent at"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("session closed at"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("minutes confirmed at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("assembly session")
        verbose_name_plural = _("assembly sessions")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assembly", "month"], condition=Q(is_regular=True), name="assembly_session_once_a_month"
            ),
            models.CheckConstraint(name="assembly_session_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="assembly_session_month_begins", condition=Q(month__day=1)),
        ]
        indexes = [
            models.Index(fields=["area", "-starts_at"], name="assembly_session_area"),
            models.Index(fields=["state", "starts_at"], name="assembly_session_state"),
        ]

    def __str__(self):
        kind = gettext("regular session") if self.is_regular else gettext("extra session")
        return f"{self.assembly} {self.month:%Y-%m} {kind}"

    @property
    def time_text(self) -> str:
        """From and to on the local clock."""
        return span_text(self.starts_at, self.ends_at)

    @property
    def place_text(self) -> str:
        """Where it is held; empty while nobody has said."""
        if self.venue is None:
            return self.place
        return " ".join(part for part in (self.venue.name, self.venue.address) if part)

    @property
    def venue_missing(self) -> bool:
        """Whether it is to be held in a venue that is not booked for its time, or not any more."""
        if self.venue_id is None or self.state not in TO_COME:
            return False
        held = self.booking
        return (
            held is None or held.state != "booked" or (held.starts_at, held.ends_at) != (self.starts_at, self.ends_at)
        )

    @property
    def moved_from(self):
        """The day by the rule where the session is on another one, else None."""
        moved = self.rule_day is not None and timezone.localtime(self.starts_at).date() != self.rule_day
        return self.rule_day if moved else None

    @property
    def notice_until(self):
        """Until when the notice has to be sent."""
        return self.starts_at - timedelta(days=self.assembly.notice_days)


class Invitation(InvitationSteps, WorkflowModel):
    """Who is asked to a session, what they answered, and whether they were there.

    ``stand_in``: whom a unit sent, or who came in somebody's place. ``attended_by``: the account that opened the code.
    """

    LOCK_WITH = ("area", "session", "unit", "person")

    session = models.ForeignKey(
        AssemblySession, models.PROTECT, related_name="invitations", verbose_name=_("assembly session")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    seat = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("seat")
    )
    role = models.CharField(_("sits there as"), max_length=20, choices=SeatRole)
    title = models.CharField(_("what it is called"), max_length=60, blank=True)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("unit")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("person")
    )
    name = models.CharField(_("name, without an account"), max_length=60, blank=True)
    stand_in = models.CharField(_("who comes"), max_length=60, blank=True)
    state = FSMField(
        _("state"), max_length=10, choices=InvitationState, default=InvitationState.INVITED, protected=True
    )
    signed_in_at = models.DateTimeField(_("signed in at"), null=True, blank=True)
    signed_in_way = models.CharField(
        _("signed in by"), max_length=4, blank=True, choices=[("code", _("the code")), ("hand", _("hand"))]
    )
    attended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed in as")
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["session", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "seat"], name="invitation_once_a_seat"),
            models.UniqueConstraint(fields=["session", "person"], name="invitation_once_a_person"),
            models.UniqueConstraint(fields=["session", "unit"], name="invitation_once_a_unit"),
        ]

    def __str__(self):
        return self.title or self.who

    @property
    def who(self) -> str:
        """The unit or person, and who comes for it."""
        who = str(self.unit or self.person or self.name)
        return f"{who}（{self.stand_in}）" if self.stand_in else who

    @property
    def counts(self) -> bool:
        """Whether this seat counts to the quorum."""
        return self.role in COUNTING


class Minutes(models.Model):
    """What was said beside the single topics. ``text_version`` grows with each text, and every party is asked anew."""

    session = models.OneToOneField(
        AssemblySession, models.PROTECT, related_name="minutes", verbose_name=_("assembly session")
    )
    text = models.TextField(_("minutes"), max_length=20_000)
    text_version = models.PositiveSmallIntegerField(_("version of the text"), default=1)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self):
        return str(self.session)


class MinutesAnswer(models.Model):
    """What one party said to one version of the minutes: confirmed, or objected with a reason. Never changed.

    ``role`` and ``unit`` name the party: the chair, each unit that was there, the residents as one.
    """

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="answers", verbose_name=_("minutes"))
    text_version = models.PositiveSmallIntegerField(_("version of the text"))
    role = models.CharField(_("party"), max_length=20, choices=SeatRole)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    agrees = models.BooleanField(_("agrees with it"))
    reason = models.CharField(_("reason"), max_length=2000, blank=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("answer to the minutes")
        verbose_name_plural = _("answers to the minutes")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="minutes_objection_reasoned", condition=Q(agrees=True) | ~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.get_role_display()} {self.unit or ''}".strip()
