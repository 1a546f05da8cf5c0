"""Shifts keep no positions of people any more; the place of a shift holds the longest its plan can say."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("property", "0010_subsidy_reversal")]

    operations = [
        migrations.RemoveField("shiftduty", "longitude"),
        migrations.RemoveField("shiftduty", "latitude"),
        migrations.RemoveField("shiftduty", "end_longitude"),
        migrations.RemoveField("shiftduty", "end_latitude"),
        migrations.AlterField("stewardshift", "place", models.CharField("place", max_length=210)),
    ]
