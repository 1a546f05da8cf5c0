"""The newest cases of a place are counted from the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_unit_parts")]

    operations = [
        migrations.RemoveIndex("casespot", "spot_place"),
        migrations.AddIndex(
            "casespot",
            models.Index(
                fields=["place", "day"],
                include=["case", "area", "category", "category_class", "cases"],
                name="spot_place",
            ),
        ),
    ]
