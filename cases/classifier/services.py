"""Every write of text models: training a version, taking it into use, retiring it."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.classifier.reading import forget
from cases.models import TextModel
from governance import events
from governance.classify import artefact, training
from governance.classify.figures import alone_at
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant, grants_of
from governance.transactions import atomically

TRAINED = events.register("text_model.trained", gettext_lazy("Text model trained"))
ACTIVATED = events.register("text_model.activated", gettext_lazy("Text model taken into use"))
RETIRED = events.register("text_model.retired", gettext_lazy("Text model retired"))
MAY = (Role.SYSTEM, Role.ADMINISTRATOR)


def _grant(actor: User) -> Grant:
    found = next((grant for grant in grants_of(actor) if grant.role in MAY), None)
    if found is None:
        raise NotPermitted(_("Only administrators manage text models."))
    return found


def text_model_train(*, actor: User, target: str, texts: Sequence[str], labels: Sequence[str], source: str,
                     precision: Decimal = Decimal("0.95")) -> TextModel:  # fmt: skip
    """Learn from labelled texts and keep the next version for ``target``; it is not in use yet.

    The threshold is the confidence at which the out-of-fold guesses reach ``precision`` by Wilson's lower bound.
    Raises Invalid for too few texts of a label, NotPermitted for anybody but administrators and processes.
    """
    grant = _grant(actor)
    if not 0 < precision < 1:
        raise Invalid(_("The precision lies between 0 and 1."), field="precision", code="out_of_range")
    learnt = training.train(texts, list(labels))
    alone = alone_at(float(precision), learnt.confidence, learnt.right, cautious=True)
    with atomically():
        last = TextModel.objects.filter(target=target).aggregate(last=Max("version"))["last"] or 0
        model = TextModel.objects.create(
            target=target, version=last + 1, source=source[:200], trained_by=actor, rows=len(texts),
            figures=learnt.figures, precision=precision, threshold=alone.threshold,
            artefact=artefact.written(learnt.model),
        )  # fmt: skip
        payload = {"target": target, "version": model.version, "rows": model.rows}
        payload |= {name: round(learnt.figures[name], 4) for name in ("accuracy", "macro_f1")}
        events.record(TRAINED, model, actor=actor, grant=grant, payload=payload)
    return model


def text_model_activate(model: TextModel, *, actor: User, acts_alone: bool = False) -> TextModel:
    """Take a version into use instead of the one before; with ``acts_alone`` the hub dispatches by it.

    Raises Conflict when it shall act alone and no confidence reaches its precision.
    """
    grant = _grant(actor)
    if acts_alone and model.threshold is None:
        raise Conflict(_("No confidence of this model reaches the precision asked for: it can only propose."))
    with atomically():
        in_use = TextModel.objects.select_for_update().filter(target=model.target, is_active=True)
        in_use.update(is_active=False, acts_alone=False)
        model.is_active, model.acts_alone = True, acts_alone
        model.save(update_fields=["is_active", "acts_alone"])
        payload = {"target": model.target, "version": model.version, "acts_alone": acts_alone}
        events.record(ACTIVATED, model, actor=actor, grant=grant, payload=payload)
    forget()
    return model


def text_model_retire(model: TextModel, *, actor: User) -> TextModel:
    """Use no model for this target any more. Raises Conflict when the version is not in use."""
    grant = _grant(actor)
    with atomically():
        locked = TextModel.objects.select_for_update().get(pk=model.pk)
        if not locked.is_active:
            raise Conflict(_("This model is not in use."))
        locked.is_active = locked.acts_alone = False
        locked.save(update_fields=["is_active", "acts_alone"])
        payload = {"target": locked.target, "version": locked.version}
        events.record(RETIRED, locked, actor=actor, grant=grant, payload=payload)
    forget()
    return locked
