"""Search: pairs of neighbouring characters, and their indexes."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from governance.search.text import CREATE_FUNCTION, DROP_FUNCTION, Pairs, joined


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_notices")]

    operations = [
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
        migrations.AddIndex("area", GinIndex(Pairs(joined("name")), name="area_text")),
        migrations.AddIndex("user", GinIndex(Pairs(joined("name", "username")), name="user_text")),
        migrations.AddIndex("estate", GinIndex(Pairs(joined("name", "address")), name="estate_text")),
        migrations.AddIndex("dwelling", GinIndex(Pairs(joined("code")), name="dwelling_text")),
        migrations.AddIndex("ownership", GinIndex(Pairs(joined("owner_name")), name="ownership_text")),
        migrations.AddIndex(
            "ownership",
            models.Index(
                fields=["owner_phone"], condition=models.Q(("owner_phone", ""), _negated=True), name="ownership_phone"
            ),
        ),
    ]
