"""Every write of text models and training examples. Training itself is ``cases.text_training``."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.classifier import look_again
from cases.models import Case, ExampleOrigin, Target, TextModel, TrainingExample
from cases.querysets import SEES_CASE
from governance import events
from governance.classify.figures import PRECISIONS, Alone, alone_at
from governance.configuration import configuration_grant, lies_in
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.permissions import permit
from governance.scoping import Grant, grant_for
from governance.transactions import atomically

for name, label in {
    "text_model.trained": gettext_lazy("Text classifier trained"),
    "text_model.activated": gettext_lazy("Text classifier taken into use"),
    "text_model.let_alone": gettext_lazy("Text classifier dispatches by itself"),
    "text_model.restrained": gettext_lazy("Text classifier only proposes"),
    "text_model.retired": gettext_lazy("Text classifier taken out of use"),
    "training_example.added": gettext_lazy("Training example added"),
    "training_example.dropped": gettext_lazy("Training example taken back"),
}.items():
    events.register(name, label)

READERS = frozenset([Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE])
KEEPERS = frozenset([Role.ADMINISTRATOR, Role.SYSTEM])
permit("cases.textmodel", view=READERS, add=KEEPERS, change=KEEPERS)
permit("cases.trainingexample", view=READERS)


def places_of_model(_model: TextModel) -> list:
    """A model judges texts of the whole city."""
    return []


lies_in("cases.textmodel", places_of_model)
LEAST_PRECISION, MOST_PRECISION = 0.5, 0.999


def check_precision(precision: float) -> None:
    """Raise Invalid for a precision that cannot be stated."""
    if not LEAST_PRECISION <= precision <= MOST_PRECISION:
        raise Invalid(
            _("The precision must lie between %(least)s and %(most)s.")
            % {"least": LEAST_PRECISION, "most": MOST_PRECISION},
            field="precision",
            code="out_of_range",
        )


def _grant(model: TextModel, verb: str, actor: User) -> Grant:
    grant = configuration_grant(model, verb, actor)
    if grant is None:
        raise NotPermitted(_("Only administrators of the whole city decide about text classifiers."))
    return grant


def _told(model: TextModel, **more) -> dict:
    return {"target": model.target, "version": model.version} | more


def thresholds_of(confidence: Sequence[float], right: Sequence[bool], precision: float) -> dict:
    """Return, by precision, what may pass: plainly, and with a lower bound of the precision (``cautious``)."""
    found = {}
    for aim in sorted({*PRECISIONS, precision}):
        plain, cautious = (alone_at(aim, confidence, right, cautious=careful) for careful in (False, True))
        found[f"{aim:g}"] = _as_json(plain) | {"cautious": _as_json(cautious)}
    return found


def _as_json(alone: Alone) -> dict:
    return {"share": alone.share, "threshold": alone.threshold}


def text_model_store(*, actor: User, target: str, source: str, labels: Sequence[str], figures: dict,
                     confidence: Sequence[float], right: Sequence[bool], artefact: bytes,
                     precision: float = 0.95) -> TextModel:  # fmt: skip
    """Keep a trained model as the next version of its target; not in use yet. Raises NotPermitted, Invalid.

    ``figures``, ``confidence``, ``right`` are out of fold, one entry per text.
    """
    if target not in Target.values:
        raise Invalid(_("There is no target “%(target)s”.") % {"target": target}, field="target", code="invalid_choice")
    check_precision(precision)
    thresholds = thresholds_of(confidence, right, precision)
    with atomically():
        list(TextModel.objects.light().select_for_update().filter(target=target).values_list("pk"))
        last = TextModel.objects.filter(target=target).aggregate(last=Max("version"))["last"] or 0
        model = TextModel(
            target=target, version=last + 1, trained_at=timezone.now(), trained_by=actor, source=source[:200],
            rows=len(right), labels=list(labels), figures=figures, thresholds=thresholds, precision=precision,
            threshold=thresholds[f"{precision:g}"]["cautious"]["threshold"], artefact=artefact,
        )  # fmt: skip
        grant = _grant(model, "add", actor)
        model.save(force_insert=True)
        payload = _told(model, rows=model.rows, macro_f1=figures["macro_f1"], precision=precision)
        events.record("text_model.trained", model, actor=actor, grant=grant, payload=payload)
    return model


def _locked(model: TextModel) -> tuple[TextModel, list[TextModel]]:
    """Lock the versions of a target; returns the fresh row and those in use."""
    rows = list(TextModel.objects.light().select_for_update(of=("self",)).filter(target=model.target).order_by("pk"))
    return next(row for row in rows if row.pk == model.pk), [row for row in rows if row.is_active]


def _set(model: TextModel, *, is_active: bool, acts_alone: bool) -> None:
    model.is_active, model.acts_alone = is_active, acts_alone
    model.save(update_fields=["is_active", "acts_alone"])
    look_again()


def text_model_activate(model: TextModel, *, actor: User) -> TextModel:
    """Take a version into use instead of the present one. It only proposes until it is let act alone.

    Raises NotPermitted, Conflict (in use already).
    """
    with atomically():
        fresh, in_use = _locked(model)
        grant = _grant(fresh, "change", actor)
        if fresh.is_active:
            raise Conflict(_("This version is in use already."))
        for other in in_use:
            _set(other, is_active=False, acts_alone=False)
        _set(fresh, is_active=True, acts_alone=False)
        payload = _told(fresh, instead_of=in_use[0].version if in_use else None)
        events.record("text_model.activated", fresh, actor=actor, grant=grant, payload=payload)
    return fresh


def text_model_let_alone(model: TextModel, *, actor: User, alone: bool = True) -> TextModel:
    """Let the version in use dispatch by itself what passes its threshold, or only propose again.

    Raises NotPermitted, Conflict (not in use, stands so already, or no confidence reaches the stated precision).
    """
    with atomically():
        fresh, _in_use = _locked(model)
        grant = _grant(fresh, "change", actor)
        if not fresh.is_active or fresh.acts_alone == alone:
            raise Conflict(_("This is not possible now: the version is not in use, or it is set so already."))
        if alone and fresh.threshold is None:
            raise Conflict(_("No confidence of this version reaches the stated precision: it can only propose."))
        _set(fresh, is_active=True, acts_alone=alone)
        name = "text_model.let_alone" if alone else "text_model.restrained"
        events.record(name, fresh, actor=actor, grant=grant, payload=_told(fresh, threshold=fresh.threshold))
    return fresh


def text_model_retire(model: TextModel, *, actor: User) -> TextModel:
    """Take the version in use out of use; nothing is proposed then. Raises NotPermitted, Conflict (not in use)."""
    with atomically():
        fresh, _in_use = _locked(model)
        grant = _grant(fresh, "change", actor)
        if not fresh.is_active:
            raise Conflict(_("This version is not in use."))
        _set(fresh, is_active=False, acts_alone=False)
        events.record("text_model.retired", fresh, actor=actor, grant=grant, payload=_told(fresh))
    return fresh


def training_example_add(*, actor: User, case: Case, target: str, label: str, origin: str,
                         occurred_at: datetime | None = None) -> TrainingExample:  # fmt: skip
    """Remember the right label of a case; a later one replaces it. Call it in the transaction of what taught it.

    Raises Invalid naming the field, NotPermitted for a case the actor does not see.
    """
    for field, value, known in (("target", target, Target.values), ("origin", origin, ExampleOrigin.values)):
        if value not in known:
            raise Invalid(_("There is no “%(value)s” here.") % {"value": value}, field=field, code="invalid_choice")
    label = label.strip()
    if not 0 < len(label) <= TrainingExample._meta.get_field("label").max_length:
        raise Invalid(_("A label of 1 to 60 characters is needed."), field="label", code="invalid")
    grant = _teaching_grant(case, actor)
    at = occurred_at or timezone.now()
    with atomically():
        values = {"label": label, "origin": origin, "added_at": at}
        example, _new = TrainingExample.objects.update_or_create(case=case, target=target, defaults=values)
        payload = {"case": case.number, "target": target, "label": label, "origin": origin}
        events.record("training_example.added", example, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return example


def training_example_drop(*, actor: User, case: Case, target: str, occurred_at: datetime | None = None) -> None:
    """Take back what was remembered of a case, if anything: it no longer holds, and the right label is not known.

    Raises NotPermitted for a case the actor does not see.
    """
    grant = _teaching_grant(case, actor)
    with atomically():
        example = TrainingExample.objects.select_for_update().filter(case=case, target=target).first()
        if example is None:
            return
        payload = {"case": case.number, "target": target, "label": example.label}
        events.record(
            "training_example.dropped", example, actor=actor, grant=grant, payload=payload, occurred_at=occurred_at
        )
        example.delete()


def _teaching_grant(case: Case, actor: User) -> Grant:
    grant = grant_for(SEES_CASE, case, actor)
    if grant is None or grant.role == Role.RESIDENT:
        raise NotPermitted(_("You may not teach the classifier about this case."))
    return grant
