"""Sittings of a mediation (调解会) and the notes of it: the record, and what was said in caucus."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Booking, User, Venue
from governance.workflow import FSMField, WorkflowModel
from mediation.joint.querysets import NoteQuerySet, SittingQuerySet
from mediation.joint.sitting_workflow import SittingSteps
from mediation.joint.states import NoteKind, SittingKind, SittingState
from mediation.models.dispute import Dispute
from mediation.models.joint import OfDisputeMixin
from mediation.models.party import Party


class Sitting(OfDisputeMixin, SittingSteps, WorkflowModel):
    """One sitting of a mediation. ``together``: the parties sit at one table.

    In a case of domestic violence they do not, unless a reason says why (``together_reason``). ``present``: who came.
    """

    LOCK_WITH = ("dispute__area", "venue", "booking")

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="sittings", verbose_name=_("dispute"))
    kind = models.CharField(_("kind of sitting"), max_length=7, choices=SittingKind)
    starts_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    place = models.CharField(_("place of the sitting"), max_length=160, blank=True)
    link = models.URLField(_("video link"), max_length=300, blank=True)
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="sittings", verbose_name=_("venue")
    )
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("booking")
    )
    together = models.BooleanField(_("parties sit together"), default=True)
    together_reason = models.CharField(_("why together in spite of violence"), max_length=500, blank=True)
    state = FSMField(_("state"), max_length=9, choices=SittingState, default=SittingState.PLANNED, protected=True)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sitting planned by"))
    planned_at = models.DateTimeField(_("sitting planned at"), default=timezone.now)
    held_at = models.DateTimeField(_("recorded as held at"), null=True, blank=True)
    present = models.ManyToManyField(Party, blank=True, related_name="sittings", verbose_name=_("parties present"))

    objects = SittingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sitting of a mediation")
        verbose_name_plural = _("sittings of mediations")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(name="sitting_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="sitting_video_has_link", condition=~Q(kind="video") | ~Q(link="")),
            models.CheckConstraint(
                name="sitting_booked_venue", condition=Q(booking__isnull=True) | Q(venue__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["dispute", "starts_at"], name="sitting_of_dispute")]

    def __str__(self):
        return f"{self.dispute.number} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def place_text(self) -> str:
        """Where it is: the room, the place in words, or the link."""
        return str(self.venue) if self.venue_id else self.place or self.link

    @property
    def place_short(self) -> str:
        """Where it is, for rows: a link may be 300 characters long, so only that it is by video is told."""
        return str(self.venue) if self.venue_id else self.place or str(self.get_kind_display())


class MediationNote(OfDisputeMixin, models.Model):
    """A note of a mediation, whose words are never changed: a correction is another note.

    ``record`` goes into the file (人民调解法 27). ``caucus``: what one side told the mediator alone, and concessions:
    read by its writer only, in no export, no event and no document. Its writer may make a record a caucus note.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="notes", verbose_name=_("dispute"))
    sitting = models.ForeignKey(
        Sitting, models.PROTECT, null=True, blank=True, related_name="notes", verbose_name=_("sitting of a mediation")
    )
    kind = models.CharField(_("kind of note"), max_length=6, choices=NoteKind)
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("talked with")
    )
    text = models.TextField(_("text of the note"), max_length=8000)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written at"), default=timezone.now)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of a mediation")
        verbose_name_plural = _("notes of mediations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["dispute", "kind"], name="note_of_dispute")]

    def __str__(self):
        return f"{self.dispute.number} {self.get_kind_display()}"
