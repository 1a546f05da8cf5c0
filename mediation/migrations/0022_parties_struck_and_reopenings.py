"""Parties struck, answers void or given by a legal agent; what a reopening and a slip at a visit need."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0014_roles_of_mediation"),
        ("mediation", "0021_followed_to_the_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="party",
            name="party_account_once",
        ),
        migrations.AddField(
            model_name="confirmationconsent",
            name="authorisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mediation.agentauthorisation",
                verbose_name="authorisation of the agent",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="authorisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mediation.agentauthorisation",
                verbose_name="authorisation of the agent",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="before_reopening",
            field=models.JSONField(
                blank=True, editable=False, null=True, verbose_name="as it was before it was reopened"
            ),
        ),
        migrations.AddField(
            model_name="followupvisit",
            name="logged_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="logged at"),
        ),
        migrations.AddField(
            model_name="party",
            name="answers_after",
            field=models.BigIntegerField(default=0, editable=False, verbose_name="last answer that no longer counts"),
        ),
        migrations.AddField(
            model_name="party",
            name="struck_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="struck at"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=models.Q(("struck_at__isnull", True), ("user__isnull", False)),
                fields=("dispute", "user"),
                name="party_account_once",
            ),
        ),
    ]
