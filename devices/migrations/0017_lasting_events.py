from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0016_work_on_the_device"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="lasts_from",
            field=models.DateTimeField(editable=False, null=True, verbose_name="lasts from"),
        ),
    ]
