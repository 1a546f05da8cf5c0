"""Whether a case is work on the device itself is said by the status, no longer by the whole profile.

What a profile said goes to its statuses that open a case, but for those that storms are made of, and covers that were
moved: while water is pumped off, or a moved cover waits, that the cover is gone must be heard.
"""

from django.db import migrations, models
from django.db.models import Q

NOT_ON_THE_DEVICE = Q(storm_count__gt=0) | Q(profile__code="manhole_cover", code__in=["water_high", "moved"])


def to_statuses(apps, schema_editor):
    statuses = apps.get_model("devices", "ProfileStatus").objects.using(schema_editor.connection.alias)
    said = statuses.filter(profile__maintain_while_handled=True, opens_case=True).exclude(NOT_ON_THE_DEVICE)
    statuses.filter(pk__in=list(said.values_list("pk", flat=True))).update(maintain_while_handled=True)


def to_profiles(apps, schema_editor):
    profiles = apps.get_model("devices", "DeviceProfile").objects.using(schema_editor.connection.alias)
    profiles.filter(statuses__maintain_while_handled=True).update(maintain_while_handled=True)


class Migration(migrations.Migration):
    dependencies = [("devices", "0015_room_to_write")]

    operations = [
        migrations.AddField(
            model_name="profilestatus",
            name="maintain_while_handled",
            field=models.BooleanField(
                default=False,
                help_text="Such a case is work on the device itself: all its alarms are held back from the beginning "
                "of the work until the case is closed, a day at most.",
                verbose_name="in maintenance while its case is handled",
            ),
        ),
        migrations.RunPython(to_statuses, to_profiles),
        migrations.RemoveField(model_name="deviceprofile", name="maintain_while_handled"),
    ]
