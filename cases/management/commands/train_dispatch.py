"""``manage.py train_dispatch``: learn what texts are about, and keep it as the next version of the text model."""

from decimal import Decimal

from django.core.management.base import BaseCommand, CommandError

from cases.classifier.rows import rows_of_cases, rows_of_file
from cases.classifier.services import text_model_activate, text_model_train
from cases.models import TextTarget
from governance.errors import Refused
from governance.models import User


class Command(BaseCommand):
    help = "Train the text model of dispatch from a file (text,label) or from the closed cases, and take it into use."

    def add_arguments(self, parser):
        parser.add_argument("--file", help="CSV with the columns text and label; may be gzipped")
        parser.add_argument("--target", choices=TextTarget.values, help="field with a file, category without one")
        parser.add_argument("--precision", type=Decimal, default=Decimal("0.95"))
        parser.add_argument("--keep-only", action="store_true", help="keep the version without taking it into use")
        parser.add_argument("--acts-alone", action="store_true", help="let the hub dispatch by it, not only propose")

    def handle(self, *args, file=None, target=None, precision, keep_only, acts_alone, **options):
        target = target or (TextTarget.FIELD if file else TextTarget.CATEGORY)
        if target == TextTarget.FIELD and not file:
            raise CommandError("the responsible field is learnt from a file: cases carry categories only")
        actor = User.objects.system("dispatch")
        try:
            texts, labels = rows_of_file(file) if file else rows_of_cases()
            source = file.rsplit("/", 1)[-1] if file else "closed cases"
            model = text_model_train(
                actor=actor, target=target, texts=texts, labels=labels, source=source, precision=precision
            )
            if not keep_only:
                text_model_activate(model, actor=actor, acts_alone=acts_alone)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        figures = model.figures
        self.stdout.write(
            f"version {model.version} of {target}: {model.rows} texts, cross-validated accuracy "
            f"{figures['accuracy']:.4f}, macro-F1 {figures['macro_f1']:.4f}, alone at 95 %: "
            f"{figures['auto_share_95']:.3f}, at 98 %: {figures['auto_share_98']:.3f}"
        )
