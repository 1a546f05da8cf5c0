"""``manage.py evaluate_dispatch FILE``: how well the text model in use sorts the texts of a file."""

import json

from django.core.management.base import BaseCommand, CommandError

from cases.classifier.rows import rows_of_file
from cases.models import TextModel, TextTarget
from governance.classify import artefact, training
from governance.classify.figures import figures_of
from governance.errors import Refused

SHORT = ("accuracy", "macro_f1", "auto_share_95", "auto_share_98")


class Command(BaseCommand):
    help = (
        "Print accuracy, macro-F1, a table per label, and the largest shares of the texts, the surest first, that are "
        "right in at least 95 % and 98 % of cases."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--target", choices=TextTarget.values, default=TextTarget.FIELD)
        parser.add_argument("--json", action="store_true", help="one line with the four figures")
        parser.add_argument("--cross-validate", action="store_true", help="5 folds of the file instead of the model")

    def handle(self, *args, file, target, cross_validate, **options):
        try:
            texts, labels = rows_of_file(file)
            figures = training.cross_validate(texts, labels) if cross_validate else self._judged(texts, labels, target)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        if options["json"]:
            self.stdout.write(json.dumps({name: figures[name] for name in SHORT}))
            return
        for name in SHORT:
            self.stdout.write(f"{name:14} {figures[name]:.4f}")
        self.stdout.write(f"{'precision':>10} {'recall':>7} {'f1':>7} {'texts':>6}  label")
        for row in figures["labels"]:
            told = f"{row['precision']:10.4f} {row['recall']:7.4f} {row['f1']:7.4f} {row['support']:6}"
            self.stdout.write(f"{told}  {row['label']}")

    def _judged(self, texts, labels, target) -> dict:
        stored = TextModel.objects.filter(target=target, is_active=True).first()
        if stored is None:
            raise CommandError("no text model is in use: run train_dispatch first, or give --cross-validate")
        guesses = list(map(artefact.read(bytes(stored.artefact)).guess, texts))
        return figures_of(labels, [guess.label for guess in guesses], [guess.confidence for guess in guesses])
