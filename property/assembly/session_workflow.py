"""States and transitions of a session of an assembly. Nothing here reads or writes data.

draft → collecting topics → noticed (the agenda is frozen) → in session → minuting → confirmed (by the chair and each
party) → published → archived; postponed, inquorate, cancelled (domain/property.md, "State machines").
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models.organisation import Role
from governance.workflow import step
from property.assembly.querysets import ASKED, IN_AREA, RUNS, SYSTEM


class SessionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    COLLECTING = "collecting", _("Collecting topics")
    NOTICED = "noticed", _("Noticed")
    IN_SESSION = "in_session", _("In session")
    MINUTING = "minuting", _("Writing the minutes")
    CONFIRMED = "confirmed", _("Minutes confirmed")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")
    POSTPONED = "postponed", _("Postponed")
    INQUORATE = "inquorate", _("No quorum")
    CANCELLED = "cancelled", _("Cancelled")


S = SessionState
HELD = (S.IN_SESSION, S.MINUTING, S.CONFIRMED, S.PUBLISHED, S.ARCHIVED)
READ_BY_ALL = (S.PUBLISHED, S.ARCHIVED)
BEFORE_NOTICE = (S.DRAFT, S.COLLECTING)
TO_COME = (*BEFORE_NOTICE, S.NOTICED)
# Who confirms the minutes: the chair, the units and the residents that were there.
PARTIES = {Role.PARTY_SECRETARY: IN_AREA} | ASKED


class SessionSteps(models.Model):
    """The transitions; ``AssemblySession`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Set time and venue"), source=BEFORE_NOTICE, target=None, allow=RUNS, event="session.planned")
    def plan(self, *, starts_at, ends_at, venue, place):
        """Another time or venue than the rule says; before the notice only."""
        self.unsuitable_since = None
        self.starts_at, self.ends_at, self.venue, self.place = starts_at, ends_at, venue, place

    @step(label=_("Moved by the rule"), source=BEFORE_NOTICE, target=None, allow=SYSTEM, event="session.replanned",
          quiet=True)  # fmt: skip
    def replan(self, *, starts_at, ends_at):
        """A calendar of holidays came to be known; nobody was told of the old day yet."""
        self.starts_at, self.ends_at, self.unsuitable_since = starts_at, ends_at, None

    @step(label=_("Collect topics"), source=[S.DRAFT], target=S.COLLECTING, allow=RUNS | SYSTEM,
          event="session.collecting")  # fmt: skip
    def collect(self):
        """征集议题: residents may put topics forward for it."""

    @step(label=_("Add a topic"), source=[*TO_COME, S.IN_SESSION], target=None, allow=RUNS, event="session.topic_added")
    def add_item(self):
        """A topic of the chair, or from a case; added after the notice it can be talked about, not decided."""

    @step(label=_("Invite a guest"), source=[*TO_COME, S.IN_SESSION], target=None, allow=RUNS, event="session.invited")
    def invite(self):
        """Somebody besides the standing seats."""

    @step(label=_("Send the notice"), source=[S.COLLECTING], target=S.NOTICED, allow=RUNS, event="session.noticed")
    def notice(self, *, noticed_at):
        """发出通知: the agenda is frozen, the seats are invited."""
        self.noticed_at = noticed_at

    @step(label=_("Open the session"), source=[S.NOTICED], target=S.IN_SESSION, allow=RUNS, event="session.opened")
    def open(self, *, opened_at):
        """The quorum is there."""
        self.opened_at = opened_at

    @step(label=_("Close the session"), source=[S.IN_SESSION], target=S.MINUTING, allow=RUNS, event="session.closed")
    def close(self, *, closed_at):
        """散会: what was not decided goes to the next one; the minutes are written."""
        self.closed_at = closed_at

    @step(label=_("Write the minutes"), source=[S.MINUTING], target=None, allow=RUNS, event="session.minuted")
    def write(self):
        """What was said; a new text asks every party anew."""

    @step(label=_("Confirm the minutes"), source=[S.MINUTING], target=None, allow=PARTIES, event="session.approved")
    def approve(self):
        """One party confirms; the last one makes the minutes confirmed."""

    @step(label=_("Object to the minutes"), source=[S.MINUTING], target=None, allow=PARTIES,
          event="session.objected", backward=True)  # fmt: skip
    def object(self):
        """One party says what is wrong."""

    @step(label=_("Minutes confirmed"), source=[S.MINUTING], target=S.CONFIRMED, allow=SYSTEM,
          event="session.confirmed", quiet=True)  # fmt: skip
    def confirm(self, *, confirmed_at):
        """Every party has confirmed the same text."""
        self.confirmed_at = confirmed_at

    @step(label=_("Publish the minutes"), source=[S.CONFIRMED], target=S.PUBLISHED, allow=RUNS,
          event="session.published")  # fmt: skip
    def publish(self, *, published_at):
        """公示: residents read them."""
        self.published_at = published_at

    @step(label=_("Archive"), source=[S.PUBLISHED], target=S.ARCHIVED, allow=RUNS, event="session.archived")
    def archive(self):
        """归档."""

    @step(label=_("Postpone"), source=TO_COME, target=S.POSTPONED, allow=RUNS, event="session.postponed", backward=True)
    def postpone(self):
        """Not now; the venue is free again, the topics stay."""

    @step(label=_("Set a new date"), source=[S.POSTPONED, S.INQUORATE], target=S.COLLECTING, allow=RUNS,
          event="session.rescheduled")  # fmt: skip
    def reschedule(self, *, starts_at, ends_at, venue, place):
        """A new date, for the same month whatever month it lies in: a new notice is needed."""
        self.unsuitable_since = None
        self.starts_at, self.ends_at, self.venue, self.place = starts_at, ends_at, venue, place
        self.noticed_at = self.opened_at = None

    @step(label=_("Break off: no quorum"), source=[S.NOTICED, S.IN_SESSION], target=S.INQUORATE, allow=RUNS,
          event="session.inquorate", backward=True)  # fmt: skip
    def fall_short(self):
        """流会: too few came, or too many left."""

    @step(label=_("Cancel"), source=[*TO_COME, S.POSTPONED, S.INQUORATE], target=S.CANCELLED, allow=RUNS,
          event="session.cancelled", backward=True)  # fmt: skip
    def cancel(self):
        """It will not be held; its topics go to the next one."""
