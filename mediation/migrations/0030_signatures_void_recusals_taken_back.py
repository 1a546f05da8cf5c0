"""A former mediator's signature is void and kept; recusals taken back; authorisations of agents struck."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mediation", "0029_urged_and_replies_corrected"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="agreementsignature",
            name="agreement_signature_office_once",
        ),
        migrations.RemoveConstraint(
            model_name="recusal",
            name="recusal_decided_whole",
        ),
        migrations.AddField(
            model_name="agentauthorisation",
            name="struck_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="authorisation struck at"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="mediator_turn",
            field=models.PositiveSmallIntegerField(
                default=1, editable=False, verbose_name="which signature of the mediator counts"
            ),
        ),
        migrations.AddField(
            model_name="agreementsignature",
            name="turn",
            field=models.PositiveSmallIntegerField(
                default=1, editable=False, verbose_name="which signature of the mediator it is"
            ),
        ),
        migrations.AlterField(
            model_name="recusal",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "Recusal asked for"),
                    ("upheld", "Recusal upheld"),
                    ("rejected", "Recusal rejected"),
                    ("withdrawn", "Taken back: recorded by mistake"),
                ],
                default="asked",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementsignature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("of", "party"), _negated=True),
                fields=("agreement", "of", "turn"),
                name="agreement_signature_office_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="recusal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("state", "asked")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["upheld", "rejected", "withdrawn"]),
                    ),
                    _connector="OR",
                ),
                name="recusal_decided_whole",
            ),
        ),
    ]
