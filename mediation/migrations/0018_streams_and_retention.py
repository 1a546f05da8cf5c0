"""Streams of early warning by origin; years after which archived files are emptied of contact data."""

import django.core.validators
from django.db import migrations, models

STREAMS = [
    ("reports", "All reports together"),
    ("hotline", "12345 hotline alone"),
    ("petition", "Petitions alone"),
    ("opinion", "Public opinion alone"),
    ("patrols", "Hazards found on patrols, by rounds walked"),
]


class Migration(migrations.Migration):
    dependencies = [("mediation", "0017_figures_of_types")]

    operations = [
        migrations.AlterField(
            model_name="earlywarning",
            name="stream",
            field=models.CharField(choices=STREAMS, max_length=8, verbose_name="what is counted"),
        ),
        migrations.AlterField(
            model_name="streamnull", name="stream", field=models.CharField(choices=STREAMS, max_length=8)
        ),
        migrations.AddField(
            model_name="mediationrule",
            name="contact_years",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty: nothing is taken out.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="archived files tell identity, phone and caucus notes for (years)",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="emptied_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="emptied of contact data at"
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("state", "archived")), fields=["archived_at"], name="dispute_archived"
            ),
        ),
    ]
