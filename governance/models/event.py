"""The append-only record of everything that happened."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.masking import masked_name
from governance.models.area import Area
from governance.models.organisation import OrgUnit, Role
from governance.models.person import User


class TransactionId(models.Field):
    """PostgreSQL's 64-bit transaction id (xid8): orders events for the live relay without skipping late commits."""

    def db_type(self, connection):
        return "xid8"

    def from_db_value(self, value, expression, connection):
        return None if value is None else int(value)


class CurrentTransactionId(models.Func):
    function = "pg_current_xact_id"
    arity = 0


# Events that the system writes down for somebody outside, who did it on a page of their own (``events.on_own_page``).
ON_OWN_PAGE: set[str] = set()


class Event(models.Model):
    """Something that happened to something, by somebody in some role. Never changed, never deleted (database trigger).

    ``name`` is registered in ``governance.events``; ``subject_type`` is a model label such as ``cases.case``.
    ``payload`` holds ids, codes, states, times and figures, never names, phones or words of a person: those stay in
    their own rows, where they can be erased. ``occurred_at`` is when it happened (also for replayed history),
    ``recorded_at`` when we stored it. ``area`` and ``unit`` say where and for which unit the actor acted.
    """

    tx = TransactionId(db_default=CurrentTransactionId(), editable=False)
    name = models.CharField(_("event"), max_length=60)
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("actor"))
    role = models.CharField(_("acted as"), max_length=20, choices=Role)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acted for")
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area"))
    payload = models.JSONField(_("details"), default=dict)
    occurred_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["tx", "id"], name="event_tx"),
            models.Index(fields=["name", "occurred_at"], name="event_name_time"),
        ]

    def __str__(self):
        return f"{self.name} {self.subject_type}:{self.subject_id}"

    @property
    def who(self) -> str:
        """Who acted, as a trail shows it: whoever acted for themselves (a resident, a party to a dispute) is masked; by
        a link, without an account, it is said so."""
        if self.role == Role.SYSTEM and self.name in ON_OWN_PAGE:
            return gettext("on the party's own page")
        return masked_name(str(self.actor)) if self.role == Role.RESIDENT else str(self.actor)


class Remark(models.Model):
    """What somebody wrote with an event (a reason, a note). Apart from the Event so that it can be erased."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="remark")
    text = models.TextField(_("text"), max_length=2000)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self):
        return self.text[:40]
