from django.db import migrations, models


def by_origin(apps, _schema_editor):
    """What was stored as by a rule without a rule went by what the case was opened for."""
    dispatches = apps.get_model("cases", "Dispatch").objects
    dispatches.filter(method="rule", rule__isnull=True).update(method="origin")


def by_rule(apps, _schema_editor):
    apps.get_model("cases", "Dispatch").objects.filter(method="origin").update(method="rule")


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_stewards")]

    operations = [
        migrations.AlterField(
            model_name="dispatch",
            name="method",
            field=models.CharField(
                choices=[
                    ("rule", "By a dispatch rule"),
                    ("origin", "By what it was opened for"),
                    ("standard", "By filing standard"),
                    ("classifier", "By the text"),
                    ("manual", "By a dispatcher"),
                    ("arbitration", "By arbitration"),
                ],
                max_length=12,
                verbose_name="how",
            ),
        ),
        migrations.RunPython(by_origin, by_rule),
    ]
