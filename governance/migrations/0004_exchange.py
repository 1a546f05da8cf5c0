"""Runs of imports."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_places")]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("importer", models.CharField(max_length=60, verbose_name="import of")),
                ("options", models.JSONField(default=dict, editable=False, verbose_name="settings")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checked", "Checked"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="checked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("lines", models.PositiveIntegerField(default=0, verbose_name="lines")),
                ("adds", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("changes", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("same", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("error_count", models.PositiveIntegerField(default=0, verbose_name="errors")),
                ("errors", models.JSONField(default=list, editable=False)),
                ("rows", models.JSONField(default=list, editable=False)),
                ("notes", models.JSONField(default=list, editable=False)),
                ("failure", models.CharField(blank=True, max_length=500, verbose_name="why it failed")),
                ("steps", models.PositiveIntegerField(default=0, editable=False)),
                ("done_steps", models.PositiveIntegerField(default=0, editable=False)),
                ("cancel_requested", models.BooleanField(default=False, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="brought at"),
                ),
                ("started_at", models.DateTimeField(editable=False, null=True, verbose_name="started at")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended at")),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["started_by", "-id"], name="importrun_own"),
                    models.Index(condition=models.Q(state="running"), fields=["state"], name="importrun_running"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="governance.importrun"
                    ),
                ),
            ],
            options={
                "verbose_name": "imported file",
                "verbose_name_plural": "imported files",
                "ordering": ["id"],
            },
        ),
    ]
