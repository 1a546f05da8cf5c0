"""What was brought in together as signals, to be withdrawn together."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0014_roles_of_mediation"),
        ("mediation", "0022_parties_struck_and_reopenings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="signal",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="withdrawn at"),
        ),
        migrations.CreateModel(
            name="SignalBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("brought_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="brought in at")),
                ("records", models.PositiveIntegerField(default=0, verbose_name="records brought in")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                ("withdrawn", models.PositiveIntegerField(default=0, verbose_name="records withdrawn")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signal_batches",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "brought_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signal_batches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="brought in by",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="mediation.signalsource",
                        verbose_name="source of signals",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "verbose_name": "signals brought in together",
                "verbose_name_plural": "signals brought in",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="signal",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signals",
                to="mediation.signalbatch",
                verbose_name="brought in with",
            ),
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None),
                    models.Q(
                        ("complainant", ""), ("duplicate_of", None), ("external_id", ""), ("hazard", None), ("text", "")
                    ),
                    _connector="OR",
                ),
                name="signal_withdrawn_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="signalbatch",
            index=models.Index(fields=["source", "-brought_at"], name="signal_batch_newest"),
        ),
        migrations.AddConstraint(
            model_name="signalbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn", 0), ("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn__gt", 0), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="signal_batch_withdrawn_whole",
            ),
        ),
    ]
