"""Search of cases by their words and by a reporter's telephone; no case with half a point."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from governance.search.text import Pairs, joined


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_patrols"), ("governance", "0008_search")]

    operations = [
        migrations.AddIndex("case", GinIndex(Pairs(joined("description", "address")), name="case_text")),
        # A comparison with NULL passes a check: half a point was let through.
        migrations.RemoveConstraint("case", "case_place_whole"),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                name="case_place_whole",
                condition=models.Q(longitude__isnull=True, latitude__isnull=True)
                | models.Q(longitude__isnull=False, longitude__range=(-180, 180))
                & models.Q(latitude__isnull=False, latitude__range=(-90, 90)),
            ),
        ),
        migrations.AddIndex(
            "casereporter",
            models.Index(fields=["phone"], condition=models.Q(("phone", ""), _negated=True), name="reporter_phone"),
        ),
    ]
