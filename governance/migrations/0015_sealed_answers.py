"""Answers kept under an Idempotency-Key are sealed; an import's content is found among those stored."""

import json

from django.db import migrations, models


def seal_what_is_kept(apps, schema_editor):
    from governance.models.idempotency import ANSWERS

    for record in apps.get_model("governance", "IdempotencyRecord").objects.filter(told__isnull=False).iterator():
        record.body = ANSWERS.sealed(json.dumps(record.told).encode())
        record.save(update_fields=["body"])


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0014_roles_of_mediation"),
    ]

    operations = [
        migrations.RenameField("idempotencyrecord", "body", "told"),
        migrations.AddField("idempotencyrecord", "body", models.BinaryField(null=True)),
        migrations.RunPython(seal_what_is_kept, migrations.RunPython.noop),
        migrations.RemoveField("idempotencyrecord", "told"),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(condition=models.Q(("state", "done")), fields=["sha256"], name="importrun_content"),
        ),
    ]
