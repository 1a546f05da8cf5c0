"""``manage.py evaluate_dispatch FILE``: how well the text classifier does on labelled texts it has not seen."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.models import Target, TextModel
from cases.text_training import evaluated, rows_of_file
from governance.classify.training import FOLDS, cross_validate
from governance.errors import Refused

HEADLINES = ("accuracy", "macro_f1", "auto_share_95", "auto_share_98")


class Command(BaseCommand):
    help = (
        "Judge the classifier of responsible fields in use (the newest where none is) on a file with columns text and "
        "label. Shares: the largest part of the file, the surest first, of which 95 % (98 %) are right."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", dest="as_json", help="one line of JSON and nothing else")
        parser.add_argument("--target", choices=Target.values, default=Target.FIELD.value)
        parser.add_argument(
            "--cross-validate", action="store_true", help="train and judge by parts of the file; needs no stored model"
        )
        parser.add_argument("--folds", type=int, default=FOLDS, help="parts of --cross-validate")

    def handle(self, *, file, as_json, target, cross_validate, folds, **options):
        if folds < 2:
            raise CommandError(_("At least two folds are needed."))
        try:
            rows = rows_of_file(file)
            figures = self._crossed(rows, folds) if cross_validate else evaluated(self._model(target), rows)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        if as_json:
            self.stdout.write(json.dumps({name: figures[name] for name in HEADLINES}))
            return
        for name in HEADLINES:
            self.stdout.write(f"{name:14} {figures[name]:.4f}")
        self.stdout.write(f"\n{'precision':>9} {'recall':>7} {'f1':>7} {'texts':>6}  label")
        for row in figures["labels"]:
            self.stdout.write(
                f"{row['precision']:9.4f} {row['recall']:7.4f} {row['f1']:7.4f} {row['support']:6d}  {row['label']}"
            )

    def _crossed(self, rows, folds) -> dict:
        return cross_validate(rows.texts, rows.labels, folds=folds)

    def _model(self, target) -> TextModel:
        found = TextModel.objects.filter(target=target).order_by("-is_active", "-version").first()
        if found is None:
            raise CommandError(_("There is no trained classifier yet: run train_dispatch, or use --cross-validate."))
        return found
