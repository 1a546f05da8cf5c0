"""``manage.py train_dispatch``: a new version of the text classifier, from own cases or a labelled file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.models import Target
from cases.text_models import text_model_activate
from cases.text_training import own_rows, rows_of_file, text_model_train
from governance.errors import Refused
from governance.models import User


class Command(BaseCommand):
    help = "Train the text classifier and keep it as a new version. Without --activate it is not in use yet."

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, help="labelled texts (columns text, label); default: closed cases")
        parser.add_argument("--target", choices=Target.values, default=Target.FIELD.value)
        parser.add_argument("--precision", type=float, default=0.95, help="aim of what may be dispatched alone")
        parser.add_argument("--activate", action="store_true", help="take the new version into use; it only proposes")

    def handle(self, *, file, target, precision, activate, **options):
        actor = User.objects.system("training")
        try:
            rows = rows_of_file(file) if file else own_rows(target)
            for label, count in rows.left_out.items():
                self.stderr.write(_("Left out: %(label)s has only %(count)s texts.") % {"label": label, "count": count})
            model = text_model_train(actor=actor, target=target, rows=rows, precision=precision)
            if activate:
                model = text_model_activate(model, actor=actor)
        except Refused as error:
            raise CommandError(str(error.detail)) from error
        self.stdout.write(_told(model))


def _told(model) -> str:
    values = {
        "model": model, "rows": model.rows, "accuracy": f"{model.figures['accuracy']:.4f}",
        "macro_f1": f"{model.figures['macro_f1']:.4f}", "share_95": f"{model.figures['auto_share_95']:.1%}",
        "share_98": f"{model.figures['auto_share_98']:.1%}",
    }  # fmt: skip
    return (
        _(
            "%(model)s: %(rows)s texts, cross-validated accuracy %(accuracy)s, macro-F1 %(macro_f1)s, alone at 95 %%: "
            "%(share_95)s, at 98 %%: %(share_98)s."
        )
        % values
    )
