"""Room in the pages of devices, their alarms and newest values: each row is written beside itself, in no other page.

They are written with nearly every message, many rows of a page in one transaction. In another page a row goes into each
of the table's indexes anew (ten of them for devices and for alarms); beside itself into none.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE devices_device SET (fillfactor = 45);
ALTER TABLE devices_latestvalue SET (fillfactor = 45);
ALTER TABLE devices_alarm SET (fillfactor = 50);
"""
BACK = """
ALTER TABLE devices_device RESET (fillfactor);
ALTER TABLE devices_latestvalue SET (fillfactor = 70);
ALTER TABLE devices_alarm RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0014_refusals_and_listening")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
