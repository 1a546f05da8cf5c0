"""The text models of dispatch: versions, what they can, and how sure they must be."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cases.models import TextModel
from governance.admin.base import ReadOnlyAdmin


def percent(share: float) -> str:
    return f"{share * 100:.1f}%"


@admin.register(TextModel)
class TextModelAdmin(ReadOnlyAdmin):
    """Trained and taken into use by ``manage.py train_dispatch``."""

    list_display = ["__str__", "is_active", "acts_alone", "rows", "accuracy", "macro_f1", "alone_95", "trained_at"]
    list_filter = ["target", "is_active"]
    fields = [
        "target", "version", "source", "trained_at", "trained_by", "rows", "precision", "threshold", "is_active",
        "acts_alone", "accuracy", "macro_f1", "alone_95", "alone_98", "labels",
    ]  # fmt: skip
    readonly_fields = ["accuracy", "macro_f1", "alone_95", "alone_98", "labels"]
    ordering = ["target", "-version"]

    @display(description=_("accuracy"))
    def accuracy(self, obj):
        return percent(obj.figures["accuracy"])

    @display(description=_("macro-F1"))
    def macro_f1(self, obj):
        return percent(obj.figures["macro_f1"])

    @display(description=_("alone at 95 %"))
    def alone_95(self, obj):
        return percent(obj.figures["auto_share_95"])

    @display(description=_("alone at 98 %"))
    def alone_98(self, obj):
        return percent(obj.figures["auto_share_98"])

    @display(description=_("per label: F1 (texts)"))
    def labels(self, obj):
        rows = ((row["label"], percent(row["f1"]), row["support"]) for row in obj.figures["labels"])
        return format_html_join("", "<div>{}: {} ({})</div>", rows)
