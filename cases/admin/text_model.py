"""Admin of the text classifier: its versions with their figures, what is in use, and what it learns from."""

from collections.abc import Collection

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from cases.models import CaseCategory, Target, TextModel, TrainingExample
from cases.text_models import text_model_activate, text_model_let_alone, text_model_retire
from governance.admin.base import ReadOnlyAdmin
from governance.admin.refusals import refusal_page
from governance.configuration import configuration_grant
from governance.errors import Refused
from governance.templatetags.jiceng import badge

# What can be pressed on a version: the service and its further arguments.
DECISIONS = {
    "activate": (text_model_activate, {}),
    "let-alone": (text_model_let_alone, {"alone": True}),
    "restrain": (text_model_let_alone, {"alone": False}),
    "retire": (text_model_retire, {}),
}


def percent(share: float) -> str:
    """Show a share as people read it."""
    return f"{share:.1%}"


@admin.register(TextModel)
class TextModelAdmin(ReadOnlyAdmin):
    """Versions of the text classifier; administrators of the whole city decide which is in use."""

    list_display = [
        "version_of_target", "standing", "rows", "accuracy", "macro_f1", "alone_95", "alone_98", "source", "trained_at",
    ]  # fmt: skip
    list_filter = ["target", "is_active"]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).light().select_related("trained_by")

    def get_urls(self):
        view = self.admin_site.admin_view(self.decision_view)
        return [
            path("<int:object_id>/decide/<str:decision>/", view, name="cases_textmodel_decision"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("version"), ordering="version")
    def version_of_target(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"))
    def standing(self, obj):
        if not obj.is_active:
            return badge(_("Not taken into use"), "grey")
        return badge(_("Dispatches by itself"), "green") if obj.acts_alone else badge(_("Only proposes"), "blue")

    @display(description=gettext_lazy("accuracy"))
    def accuracy(self, obj):
        return percent(obj.figures["accuracy"])

    @display(description=gettext_lazy("macro-F1"))
    def macro_f1(self, obj):
        return f"{obj.figures['macro_f1']:.3f}"

    @display(description=gettext_lazy("alone at 95 %"))
    def alone_95(self, obj):
        return percent(obj.figures["auto_share_95"])

    @display(description=gettext_lazy("alone at 98 %"))
    def alone_98(self, obj):
        return percent(obj.figures["auto_share_98"])

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The figures of one version, with the buttons its reader may press."""
        model = self.get_object(request, object_id)
        if model is None or not self.has_view_permission(request, model):
            raise Http404
        names = names_of(model.target, model.labels)
        context = {
            **self.admin_site.each_context(request),
            "title": str(model),
            "opts": self.opts,
            "original": model,
            "object": model,
            "standing": self.standing(model),
            "may_decide": configuration_grant(model, "change", request.user) is not None,
            "facts": _facts(model),
            "label_rows": _label_rows(model.figures, names),
            "curve": [_shown(point, "threshold", "share", "precision") for point in model.figures["curve"]],
            "reliability": [_shown(row, "confidence", "right") | {"count": row["count"]} for row in
                            model.figures["reliability"]],
            "confusion": _confusion(model.figures, names),
        }  # fmt: skip
        return TemplateResponse(request, "cases/admin/text_model.html", context)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def decision_view(self, request, object_id, decision):
        """Take a version into or out of use, or let it act alone or only propose."""
        model = self.get_object(request, str(object_id))
        if model is None or not self.has_view_permission(request, model) or decision not in DECISIONS:
            raise Http404
        back = reverse("admin:cases_textmodel_change", args=[model.pk])
        service, given = DECISIONS[decision]
        try:
            service(model, actor=request.user, **given)
        except Refused as error:
            return refusal_page(self, request, error, back=back)
        messages.success(request, _("Done."))
        return HttpResponseRedirect(back)


def _facts(model: TextModel) -> list[tuple[str, str]]:
    stated = model.thresholds[f"{model.precision:g}"]["cautious"]
    needed = _("none is enough") if model.threshold is None else percent(model.threshold)
    return [
        (_("learnt from"), model.source),
        (_("texts"), model.rows),
        (_("trained at"), model.trained_at),
        (_("trained by"), model.trained_by),
        (_("accuracy"), percent(model.figures["accuracy"])),
        (_("macro-F1"), f"{model.figures['macro_f1']:.3f}"),
        (_("alone at 95 %"), percent(model.figures["auto_share_95"])),
        (_("alone at 98 %"), percent(model.figures["auto_share_98"])),
        (_("stated precision"), percent(model.precision)),
        (_("confidence needed"), needed),
        (_("share that passes"), percent(stated["share"])),
    ]


def _shown(row: dict, *names: str) -> dict:
    return {name: percent(row[name]) for name in names}


def names_of(target: str, labels: Collection[str]) -> dict[str, str]:
    """Return how people read labels: a category's code with its name, a field as it is; at most one statement."""
    if target != Target.CATEGORY:
        return {label: label for label in labels}
    names = dict(CaseCategory.objects.filter(code__in=labels).order_by("is_active", "pk").values_list("code", "name"))
    return {label: f"{label} {names.get(label, '')}".strip() for label in labels}


def _label_rows(figures: dict, names: dict[str, str]) -> list[dict]:
    named = [{"label": names[row["label"]], "support": row["support"]} for row in figures["labels"]]
    return [
        one | _shown(row, "precision", "recall") | {"f1": f"{row['f1']:.3f}"}
        for one, row in zip(named, figures["labels"], strict=True)
    ]


def _confusion(figures: dict, names: dict[str, str]) -> list[dict]:
    """Return the ten most frequent mix-ups: (true, guessed, count)."""
    shown = [names[row["label"]] for row in figures["labels"]]
    cells = [
        {"true": shown[row], "guessed": shown[column], "count": count}
        for row, counts in enumerate(figures["confusion"])
        for column, count in enumerate(counts)
        if row != column and count
    ]
    return sorted(cells, key=lambda cell: -cell["count"])[:10]


@admin.register(TrainingExample)
class TrainingExampleAdmin(ReadOnlyAdmin):
    """What people said is right; the next version learns from it."""

    list_display = ["case", "target", "right_label", "origin", "added_at"]
    export_display = ("case", "get_target_display", "label", "get_origin_display", "added_at")
    list_filter = ["target", "origin"]
    list_filter_submit = True
    list_select_related = ["case"]
    search_fields = ["label", "case__number"]
    fields = ["case", "target", "label", "origin", "added_at"]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        codes = {row.label for row in changelist.result_list if row.target == Target.CATEGORY}
        names = names_of(Target.CATEGORY, codes)
        for row in changelist.result_list:
            row.shown = names[row.label] if row.target == Target.CATEGORY else row.label
        return changelist

    @display(description=gettext_lazy("right label"), ordering="label")
    def right_label(self, obj):
        return obj.shown
