"""Notices: who is told what, in which words, over which channel, and what became of each message."""

from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.area import Area
from governance.models.event import Event
from governance.models.organisation import OrgUnit, Role
from governance.models.person import User
from governance.notice_querysets import (
    ChannelQuerySet,
    DeliveryQuerySet,
    NoticeQuerySet,
    RuleQuerySet,
    TemplateQuerySet,
)

TITLE_LENGTH, BODY_LENGTH = 120, 1000
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]


class Urgency(models.TextChoices):
    NORMAL = "normal", _("Ordinary")
    URGENT = "urgent", _("Urgent")


class Recipient(models.TextChoices):
    """Whom a rule means."""

    ROLE = "role", _("People in a role")
    UNIT = "unit", _("A unit: its people and its group channels")
    PERSON = "person", _("One person")
    REPORTER = "reporter", _("Who reported it")
    ACTOR = "actor", _("Who did it")
    CHANNEL = "channel", _("One group channel")


class Part(models.TextChoices):
    """How people or units must stand to what happened."""

    AREA = "area", _("Responsible for its area")
    LEAD = "lead", _("Lead unit")
    ASSISTING = "assisting", _("Assisting unit")
    SUPERVISING = "supervising", _("Supervising unit")


class Reach(models.TextChoices):
    """How far a notice goes to a person."""

    OFF = "off", _("Not at all")
    PRODUCT = "product", _("In the product only")
    PHONE = "phone", _("Also to the phone")


class ChannelKind(models.TextChoices):
    WECOM = "wecom", _("WeCom group robot")
    DINGTALK = "dingtalk", _("DingTalk group robot")
    FEISHU = "feishu", _("Feishu group robot")
    MAIL = "mail", _("Mail")
    SMS = "sms", _("Text messages")
    WEBHOOK = "webhook", _("Webhook (JSON)")


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Held for quiet hours")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed, will be tried again")
    GIVEN_UP = "given_up", _("Given up")


class NoticeTemplate(models.Model):
    """The words of a notice in one language.

    Title and body are in Django's template syntax, variables and a few filters only (``governance.notices.wording``).
    ``context`` names what they speak about and so which variables there are.
    """

    key = models.SlugField(_("key"), max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES)
    context = models.CharField(_("speaks about"), max_length=60)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    body = models.TextField(_("text"), max_length=BODY_LENGTH)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice template")
        verbose_name_plural = _("notice templates")
        ordering = ["key", "language"]
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="notice_template_once")]

    def __str__(self):
        return f"{self.key} · {self.get_language_display()}"

    def natural_key(self):
        return self.key, self.language


class NoticeChannel(models.Model):
    """A way out of the product: a group's robot, a mailbox, a text message gateway, a webhook.

    ``unit`` is whose it is; without one it serves all of ``area``. ``address_sealed`` holds the address, which is a
    secret, encrypted (``governance.notices.sealing``). A text message channel without an address uses the gateway of
    the installation's settings. ``failing_since``: a message was given up and none has gone through since.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="notice_channels", verbose_name=_("area served"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="notice_channels", verbose_name=_("unit")
    )
    address_sealed = models.TextField(_("address"), blank=True, editable=False)
    rate = models.PositiveSmallIntegerField(
        _("messages a minute at most"), default=20, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    is_active = models.BooleanField(_("in use"), default=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice channel")
        verbose_name_plural = _("notice channels")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class NoticeRule(models.Model):
    """When ``event`` happens, tell somebody.

    ``condition``: figures and codes that the event's details must have, such as ``{"stage": "handling"}``. ``area``:
    only what happens in it; empty: anywhere. ``part`` ties a role or unit to what happened. Whoever is meant is told
    only of what they may see. ``reach`` holds for people who have chosen nothing themselves.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    event = models.CharField(_("event"), max_length=60)
    condition = models.JSONField(_("only when"), default=dict, blank=True)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="notice_rules", verbose_name=_("only in")
    )
    recipient = models.CharField(_("tells"), max_length=10, choices=Recipient)
    role = models.CharField(
        _("role"), max_length=20, blank=True, choices=[choice for choice in Role.choices if choice[0] != "system"]
    )
    part = models.CharField(_("who is"), max_length=12, choices=Part, blank=True)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person"))
    channel = models.ForeignKey(
        NoticeChannel, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name=_("notice channel")
    )
    template = models.SlugField(_("template"), max_length=60)
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency, default=Urgency.NORMAL)
    reach = models.CharField(_("reaches people"), max_length=7, choices=Reach.choices[1:], default=Reach.PRODUCT)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice rule")
        verbose_name_plural = _("notice rules")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class Notice(models.Model):
    """What one person is told, in the person's language, as it was when it happened.

    ``event`` is what it came from: at most one notice for a person and an event. Empty for what an app told people by
    itself. ``url`` is an address of ours.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("person"))
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event"))
    rule = models.ForeignKey(NoticeRule, models.SET_NULL, null=True, related_name="+", verbose_name=_("notice rule"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=2000)
    url = models.CharField(_("page"), max_length=200, blank=True)
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency, default=Urgency.NORMAL)
    created_at = models.DateTimeField(_("told at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self):
        return self.title


class Delivery(models.Model):
    """One message on its way out over a channel: to the phone of a notice's person, or to the channel's group.

    A sender takes it by setting ``sending`` and its next try to when it is taken for dead; so a killed sender's message
    is tried again. Of a phone no number is kept here.
    """

    OPEN = ("waiting", "held", "sending", "failed")

    channel = models.ForeignKey(
        NoticeChannel, models.PROTECT, related_name="deliveries", verbose_name=_("notice channel")
    )
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("notice"))
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event"))
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=2000)
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency, default=Urgency.NORMAL)
    state = models.CharField(_("state"), max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    taken_at = models.DateTimeField(_("last tried at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("told at"), default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], condition=Q(notice__isnull=False), name="delivery_once_for_notice"
            ),
            models.UniqueConstraint(
                fields=["event", "channel"],
                condition=Q(notice__isnull=True, event__isnull=False),
                name="delivery_once_for_group",
            ),
            models.CheckConstraint(
                name="delivery_sent_when_sent",
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "channel"],
                condition=Q(state__in=["waiting", "held", "sending", "failed"]),
                name="delivery_open",
            ),
            models.Index(fields=["channel", "taken_at"], name="delivery_taken"),
        ]

    def __str__(self):
        return self.title


class NoticePreference(models.Model):
    """What a person chose: language, quiet hours of the phone, and how far which notices reach.

    ``choices`` maps a group of events (``case``) or a rule (``rule:<code>``, stronger) to a ``Reach``. Quiet hours run
    from ``quiet_from`` to ``quiet_to`` (Asia/Shanghai), across midnight where the first is the later; none when both
    are empty. ``urgent_any_time``: urgent notices reach the phone also then.
    """

    QUIET_FROM, QUIET_TO = time(22), time(7)

    person = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="notice_preference", verbose_name=_("person")
    )
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, default="zh-hans")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=QUIET_FROM)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True, default=QUIET_TO)
    urgent_any_time = models.BooleanField(_("urgent notices also in quiet hours"), default=False)
    choices = models.JSONField(_("choices"), default=dict, blank=True)

    class Meta:
        verbose_name = _("notice preferences")
        verbose_name_plural = _("notice preferences")
        constraints = [
            models.CheckConstraint(
                name="notice_quiet_hours_whole",
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to")),
                violation_error_message=_("Quiet hours need a beginning and another end."),
            )
        ]

    def __str__(self):
        return str(self.person)


class NoticeCursor(models.Model):
    """Up to where events were turned into notices: one row. ``position`` is a snapshot (``governance.live.cursor``).

    ``server_started``: of the database server then; after a restart a little is read again.
    """

    position = models.TextField()
    server_started = models.DateTimeField()

    class Meta:
        verbose_name = _("place of the notices")
        verbose_name_plural = _("places of the notices")

    def __str__(self):
        return self.position
