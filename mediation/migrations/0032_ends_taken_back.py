"""An end by mistake is taken back; a helper's access that ends before its last day says so; a warning rarer than
anything simulated too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0031_former_answers")]

    operations = [
        migrations.AddField(
            "dispute", "before_end",
            models.JSONField(blank=True, editable=False, null=True, verbose_name="as it was before it ended"),
        ),
        migrations.AddField(
            "dispute", "ends_taken_back",
            models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="times an end was taken back"),
        ),
        migrations.AddField(
            "routestold", "ending",
            models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="times an end was taken back"),
        ),
        migrations.RemoveConstraint("routestold", "routes_told_once_a_round"),
        migrations.AddConstraint(
            "routestold",
            models.UniqueConstraint(fields=["party", "round", "ending"], name="routes_told_once_an_end"),
        ),
        migrations.AlterField(
            "helperinvitation", "state",
            models.CharField(
                choices=[
                    ("proposed", "The parties are asked about the helper"), ("invited", "Helper invited"),
                    ("accepted", "Helper takes part"), ("declined", "Helper declined"),
                    ("withdrawn", "Invitation of the helper taken back"), ("expired", "Access expired"),
                    ("ended", "Access ended early"), ("thanked", "Thanked and hours entered"),
                ],
                default="proposed", max_length=9, verbose_name="state",
            ),
        ),
        migrations.AddField(
            "earlywarning", "recurrence_at_least",
            models.BooleanField(default=False, verbose_name="rarer than anything simulated"),
        ),
    ]  # fmt: skip
