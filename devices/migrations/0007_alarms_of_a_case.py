"""A case may have several alarms: those of the cases that were merged into it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("devices", "0006_profile_versions")]

    operations = [migrations.RemoveConstraint(model_name="alarm", name="alarm_case_once")]
