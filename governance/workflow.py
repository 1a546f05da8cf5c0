"""``perform()``: the one door through which any state changes.

A model states its transitions as methods decorated with ``@step`` (in the app's ``workflow.py``): from which states, to
which, who may (role → relation), whether a reason is compulsory, which event it writes. ``perform`` locks the row,
re-reads it, checks version, permission, scope, state, guards and reason, runs the method, saves, and records the Event,
all in one transaction; otherwise it raises a typed refusal and nothing has changed.

Where a transition needs more rows than its own object (units, clocks, timers), a service carries it out and calls
``perform`` inside; ``@carries_out`` names it, and doors call ``act()``, which finds it.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django_fsm import FSMField as _FSMField
from django_fsm import can_proceed, transition

from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted, UnknownTransition
from governance.scoping import Grant, Rule, ScopedQuerySet, grant_for
from governance.transactions import atomically


@dataclass(frozen=True)
class Step:
    """One transition as people know it.

    ``backward`` steps undo somebody's work: they look it (red button) and always need a reason. ``quiet`` steps are
    carried out by a process or another door and get no button.
    """

    name: str
    method: str
    label: str
    sources: tuple[str, ...]
    target: str | None
    allow: Rule
    event: str
    reason: bool
    backward: bool
    quiet: bool


def step(*, label, source: Sequence[str], target: str | None, allow: Rule, event: str, backward=False, reason=False,
         quiet=False, guards: Sequence[Callable] = (), name: str | None = None):  # fmt: skip
    """Declare the decorated method as a transition; ``target`` None keeps the state.

    ``name`` is needed only where the word is no Python identifier (``return``).
    """

    def decorate(method):
        spec = Step(
            name or method.__name__, method.__name__, label, tuple(source), target, allow, event,
            reason or backward, backward, quiet,
        )  # fmt: skip
        return transition(
            field="state", source=list(source), target=target, conditions=list(guards), custom={"step": spec}
        )(method)

    return decorate


class FSMField(_FSMField):
    """The state of a workflow model. Migrations know it as plain text: the models they make up have no transitions, and
    looking for some in each of thousands of them took half of the time in which a database is set up.
    """

    def deconstruct(self):
        name, _path, args, options = super().deconstruct()
        options.pop("protected", None)
        return name, "django.db.models.CharField", args, options


class WorkflowQuerySet(ScopedQuerySet):
    """Scoped rows of a workflow model."""

    def lock(self, pk):
        """Return the row locked until the end of the transaction, freshly read, with what relations need."""
        return self.select_for_update(of=("self",)).select_related(*self.model.LOCK_WITH).get(pk=pk)


class WorkflowModel(models.Model):
    """Base of everything with states. ``version`` counts the changes, so that a stale screen is told so.

    Subclasses define ``state = FSMField(protected=True, ...)``. ``LOCK_WITH`` names the relations that permission
    checks need.
    """

    LOCK_WITH: tuple[str, ...] = ("area",)

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def clean_fields(self, exclude=None):
        """Judge all fields but the state, which no form sets."""
        super().clean_fields({*(exclude or ()), "state"})

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        """Re-read the row; a protected state may be loaded from the database, never assigned by code."""
        if fields is None or "state" in fields:
            self.__dict__.pop("state", None)
        super().refresh_from_db(using, fields, from_queryset)


def steps_of(model: type[models.Model]) -> dict[str, Step]:
    """Return the transitions of a model by name, in the order they were written."""
    if "_steps" not in model.__dict__:
        found = {}
        for _method_name, method in inspect.getmembers(model, lambda member: hasattr(member, "_django_fsm")):
            for edge in method._django_fsm.transitions.values():
                found[edge.custom["step"].name] = edge.custom["step"]
        order = {name: place for place, name in enumerate(_definition_order(model))}
        model._steps = dict(sorted(found.items(), key=lambda item: order[item[1].method]))
    return model._steps


def _definition_order(model) -> list[str]:
    return [name for base in reversed(model.__mro__) for name in vars(base)]


def available(obj: models.Model, user) -> list[Step]:
    """Return the transitions ``user`` may do to ``obj`` now (buttons and the API's ``transitions``); no statements
    beyond what the relations need loaded."""
    return [
        found
        for found in steps_of(type(obj)).values()
        if not found.quiet and obj.state in found.sources and grant_for(found.allow, obj, user)
        and can_proceed(getattr(obj, found.method))
    ]  # fmt: skip


def perform(obj: models.Model, name: str, *, actor, version: int | None = None, reason: str = "",
            payload: dict | None = None, occurred_at: datetime | None = None, **data):  # fmt: skip
    """Carry out transition ``name`` on ``obj`` as ``actor`` and return ``(fresh object, event)``.

    ``version``: what the caller saw; a different one now is a Conflict. ``reason`` is compulsory on backward steps.
    ``data`` goes to the transition method. ``payload`` adds figures to the event (see ``events.record``).

    Raises UnknownTransition, NotPermitted, Conflict or Invalid; nothing has changed then.
    """
    model = type(obj)
    found = steps_of(model).get(name)
    if found is None:
        raise UnknownTransition(_("There is no transition “%(name)s”.") % {"name": name})
    with atomically():
        fresh = model._default_manager.lock(obj.pk)
        grant = _checked(fresh, found, actor, version, reason)
        before = fresh.state
        getattr(fresh, found.method)(**data)
        fresh.version += 1
        fresh.save()
        event = events.record(
            found.event,
            fresh,
            actor=actor,
            grant=grant,
            payload={"from": before, "to": fresh.state} | (payload or {}),
            occurred_at=occurred_at,
            text=reason.strip(),
        )
    return fresh, event


def _checked(obj, found: Step, actor, version, reason: str) -> Grant:
    grant = grant_for(found.allow, obj, actor)
    if grant is None:
        raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": found.label})
    if version is not None and obj.version != version:
        raise Conflict(_("Somebody changed this in the meantime. Look at it again."), field="version")
    if obj.state not in found.sources or not can_proceed(getattr(obj, found.method)):
        raise Conflict(
            _("“%(label)s” is not possible now: the state is “%(state)s”.")
            % {"label": found.label, "state": obj.get_state_display()}
        )
    if found.reason and not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    return grant


_carriers: dict[tuple[str, str], Callable] = {}


def carries_out(label: str, name: str):
    """Name the decorated service as what a door calls for transition ``name`` of model ``label`` (``cases.case``).

    The service takes ``(obj, *, actor, version, reason, **data)`` and returns the fresh object.
    """

    def remember(service):
        _carriers[label, name] = service
        return service

    return remember


def act(obj: models.Model, name: str, *, actor, version=None, reason="", occurred_at=None, **data):
    """What doors call: the service that carries out the transition, or ``perform`` itself. Returns the fresh object."""
    service = _carriers.get((obj._meta.label_lower, name))
    if service is not None:
        return service(obj, actor=actor, version=version, reason=reason, occurred_at=occurred_at, **data)
    return perform(obj, name, actor=actor, version=version, reason=reason, occurred_at=occurred_at, **data)[0]


__all__ = [
    "FSMField",
    "Step",
    "WorkflowModel",
    "WorkflowQuerySet",
    "act",
    "available",
    "carries_out",
    "perform",
    "step",
]
