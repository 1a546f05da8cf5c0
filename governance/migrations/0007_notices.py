"""Notices and their delivery."""

import datetime

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_signin")]

    operations = [
        migrations.CreateModel(
            name="NoticeCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.TextField()),
                ("server_started", models.DateTimeField()),
            ],
            options={
                "verbose_name": "place of the notices",
                "verbose_name_plural": "places of the notices",
            },
        ),
        migrations.CreateModel(
            name="NoticeChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom group robot"),
                            ("dingtalk", "DingTalk group robot"),
                            ("feishu", "Feishu group robot"),
                            ("mail", "Mail"),
                            ("sms", "Text messages"),
                            ("webhook", "Webhook (JSON)"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("address_sealed", models.TextField(blank=True, editable=False, verbose_name="address")),
                (
                    "rate",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="messages a minute at most",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "failing_since",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="failing since"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_channels",
                        to="governance.area",
                        verbose_name="area served",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_channels",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice channel",
                "verbose_name_plural": "notice channels",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="NoticePreference",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_preference",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "quiet_from",
                    models.TimeField(blank=True, default=datetime.time(22, 0), null=True, verbose_name="quiet from"),
                ),
                (
                    "quiet_to",
                    models.TimeField(blank=True, default=datetime.time(7, 0), null=True, verbose_name="quiet until"),
                ),
                (
                    "urgent_any_time",
                    models.BooleanField(default=False, verbose_name="urgent notices also in quiet hours"),
                ),
                ("choices", models.JSONField(blank=True, default=dict, verbose_name="choices")),
            ],
            options={
                "verbose_name": "notice preferences",
                "verbose_name_plural": "notice preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_to__isnull", True)),
                            models.Q(
                                ("quiet_from__isnull", False),
                                ("quiet_to__isnull", False),
                                models.Q(("quiet_from", models.F("quiet_to")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notice_quiet_hours_whole",
                        violation_error_message="Quiet hours need a beginning and another end.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("event", models.CharField(max_length=60, verbose_name="event")),
                ("condition", models.JSONField(blank=True, default=dict, verbose_name="only when")),
                (
                    "recipient",
                    models.CharField(
                        choices=[
                            ("role", "People in a role"),
                            ("unit", "A unit: its people and its group channels"),
                            ("person", "One person"),
                            ("reporter", "Who reported it"),
                            ("actor", "Who did it"),
                            ("channel", "One group channel"),
                        ],
                        max_length=10,
                        verbose_name="tells",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("administrator", "Administrator"),
                            ("operations_centre", "Operations centre"),
                            ("registrar", "Registrar"),
                            ("dispatcher", "Dispatcher"),
                            ("handler", "Department handler"),
                            ("supervisor", "Supervisor"),
                            ("grid_worker", "Grid worker"),
                            ("community_staff", "Community staff"),
                            ("resident", "Resident"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("area", "Responsible for its area"),
                            ("lead", "Lead unit"),
                            ("assisting", "Assisting unit"),
                            ("supervising", "Supervising unit"),
                        ],
                        max_length=12,
                        verbose_name="who is",
                    ),
                ),
                ("template", models.SlugField(max_length=60, verbose_name="template")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("normal", "Ordinary"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="urgency",
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        choices=[("product", "In the product only"), ("phone", "Also to the phone")],
                        default="product",
                        max_length=7,
                        verbose_name="reaches people",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_rules",
                        to="governance.area",
                        verbose_name="only in",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="governance.noticechannel",
                        verbose_name="notice channel",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice rule",
                "verbose_name_plural": "notice rules",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("body", models.TextField(max_length=2000, verbose_name="text")),
                ("url", models.CharField(blank=True, max_length=200, verbose_name="page")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("normal", "Ordinary"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="urgency",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="told at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="governance.noticerule",
                        verbose_name="notice rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="NoticeTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60, verbose_name="key")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("context", models.CharField(max_length=60, verbose_name="speaks about")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("body", models.TextField(max_length=1000, verbose_name="text")),
            ],
            options={
                "verbose_name": "notice template",
                "verbose_name_plural": "notice templates",
                "ordering": ["key", "language"],
                "constraints": [models.UniqueConstraint(fields=("key", "language"), name="notice_template_once")],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("body", models.TextField(max_length=2000, verbose_name="text")),
                (
                    "urgency",
                    models.CharField(
                        choices=[("normal", "Ordinary"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="urgency",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("held", "Held for quiet hours"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed, will be tried again"),
                            ("given_up", "Given up"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("next_try_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="next try")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="last tried at")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                ("last_error", models.CharField(blank=True, max_length=300, verbose_name="last error")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="told at")),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="governance.notice",
                        verbose_name="notice",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="governance.noticechannel",
                        verbose_name="notice channel",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "held", "sending", "failed"])),
                        fields=["next_try_at", "channel"],
                        name="delivery_open",
                    ),
                    models.Index(fields=["channel", "taken_at"], name="delivery_taken"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("notice__isnull", False)),
                        fields=("notice", "channel"),
                        name="delivery_once_for_notice",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("event__isnull", False), ("notice__isnull", True)),
                        fields=("event", "channel"),
                        name="delivery_once_for_group",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="delivery_sent_when_sent",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["person", "-id"], name="notice_of_person"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("read_at__isnull", True)), fields=["person"], name="notice_unread"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("event", "person"), name="notice_once"),
        ),
    ]
