"""Configuration rows (areas, units, people, appointments, standards ...): the one way to save them.

Who may is stated with ``governance.permissions.permit`` (verbs ``add`` and ``change``); where, with ``lies_in``: a
grant reaches a row when every area the row touches lies under the grant's area. Rows without an area hold for the whole
city and need a grant for all of it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.bulk import rows_insert, rows_update
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, Event
from governance.permissions import roles_allowed
from governance.scoping import EVERYWHERE, Grant, grants_of

CHANGED = events.register("config.changed", gettext_lazy("Configuration changed"))

Places = Iterable[Area] | None
Guard = Callable[[models.Model, models.Model | None, models.Model], None]
RowsGuard = Callable[[models.Model, models.Model], None]
_places: dict[str, Callable[[models.Model], Places]] = {}
_guards: dict[str, Guard] = {}
_rows_guards: dict[str, RowsGuard] = {}


def lies_in(label: str, places: Callable[[models.Model], Places]) -> None:
    """State which areas a row of model ``label`` touches: none = the whole city, None = any area will do."""
    _places[label] = places


def guards(label: str, guard: Guard, *, rows: RowsGuard | None = None) -> None:
    """Ask ``guard(new row, stored row or None, actor)`` before rows of ``label``, or rows that are part of them, are
    saved; it raises to refuse. ``rows(stored row, actor)``: asked in its place for rows that are part of one."""
    _guards[label] = guard
    if rows is not None:
        _rows_guards[label] = rows


def _area_of(obj: models.Model) -> list[Area]:
    area = getattr(obj, "area", None)
    return [area] if area is not None else []


def covers_city(grant: Grant) -> bool:
    """Tell whether a grant holds for a whole city (``/`` or the path of a root area)."""
    return grant.area_path.strip("/").count("/") == 0


def grants_giving(permission: str, user) -> list[Grant]:
    """Return those grants of ``user`` whose role holds ``permission`` (``governance.view_user``)."""
    roles = roles_allowed(permission)
    return [grant for grant in grants_of(user) if grant.role in roles]


def _reaches(grant: Grant, places: Places) -> bool:
    if places is None:
        return True
    places = list(places)
    if not places:
        return covers_city(grant)
    return all(place.path.startswith(grant.area_path) for place in places)


def configuration_grant(obj: models.Model, verb: str, user) -> Grant | None:
    """Return the grant with which ``user`` may ``view``, ``add`` or ``change`` this row, or None."""
    grants = grants_giving(f"{obj._meta.app_label}.{verb}_{obj._meta.model_name}", user)
    places = _places.get(obj._meta.label_lower, _area_of)(obj)
    places = None if places is None else list(places)
    return next((grant for grant in grants if _reaches(grant, places)), None)


def within_reach(rows: models.QuerySet, user, fields: Collection[str], verb: str = "view") -> models.QuerySet:
    """Filter ``rows`` to those one of whose area ``fields`` lies in a grant that gives ``verb``.

    Without fields, or for rows whose areas are empty, only a grant for the whole city reaches them.
    """
    grants = grants_giving(f"{rows.model._meta.app_label}.{verb}_{rows.model._meta.model_name}", user)
    city = any(covers_city(grant) for grant in grants)
    if city and not fields or any(grant.area_path == EVERYWHERE for grant in grants):
        return rows
    reach = Q(pk__in=[])
    for field in fields:
        for grant in grants:
            reach |= Q(**{f"{field}__path__startswith": grant.area_path})
        if city:
            reach |= Q(**{f"{field}__isnull": True})
    return rows.filter(reach)


@transaction.atomic
def configuration_save(obj: models.Model, *, actor, changed: Collection[str]) -> Event:
    """Save a new or changed configuration row and record ``config.changed`` with the changed fields' names.

    Raises NotPermitted (verb or area, judged on the stored row and on the new one), Invalid, or Conflict when the row
    breaks a rule of the database.
    """
    added = obj._state.adding
    stored = None if added else configuration_lock(obj)
    grant = configuration_judge(obj, stored, actor=actor)
    with _rules_of_the_database():
        obj.save(update_fields=None if added else _written(obj, stored))
    return _recorded(obj, grant, actor, changed, added=added)


def _written(obj: models.Model, stored: models.Model) -> list[str]:
    """Return which fields of a stored row are written: all but unchanged ones that others may refer to it by.

    PostgreSQL holds a row from new references as soon as an UPDATE names such a column, where the table has a trigger.
    """
    fields = [field for field in obj._meta.concrete_fields if not field.primary_key]
    return [
        field.name for field in fields
        if not field.unique or getattr(obj, field.attname) != getattr(stored, field.attname)
    ]  # fmt: skip


def configuration_lock(obj: models.Model) -> models.Model:
    """Return the row as it is stored now, locked until the end of the transaction.

    Others may refer to it meanwhile: no case waits until a file of areas is read. Not where a guard judges the row,
    for it may ask what refers to it.
    """
    guarded = obj._meta.label_lower in _guards
    return type(obj)._base_manager.select_for_update(of=("self",), no_key=not guarded).get(pk=obj.pk)


def configuration_judge(obj: models.Model, stored: models.Model | None, *, actor) -> Grant:
    """Return the grant with which a row may be saved as it is; ``stored``: as it was before, None for a new one.

    Nothing is locked or written. Raises NotPermitted or Invalid, as ``configuration_save``.
    """
    verb = "add" if stored is None else "change"
    grant = _permitted(obj, verb, actor)
    if stored is not None:
        _permitted(stored, verb, actor)
    if guard := _guards.get(obj._meta.label_lower):
        guard(obj, stored, actor)
    try:
        obj.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
    return grant


@dataclass(frozen=True)
class Judged:
    """A row that ``configuration_judge`` lets in with a grant, and the names of its fields that are new."""

    row: models.Model
    grant: Grant
    changed: tuple[str, ...]


def configuration_save_many(judged: Sequence[Judged], *, actor) -> None:
    """Save judged rows of one model in few statements, each with its Event; of stored ones the changed fields only.

    The caller holds the stored rows locked and knows that these fields are as they were when they were judged. Raises
    Conflict when a row breaks a rule of the database.
    """
    new = [one.row for one in judged if one.row._state.adding]
    known = [one for one in judged if not one.row._state.adding]
    with _rules_of_the_database():
        rows_insert(new)
        rows_update([one.row for one in known], sorted({name for one in known for name in one.changed}))
    added = set(map(id, new))
    for grant in dict.fromkeys(one.grant for one in judged):
        drafts = [_told(one.row, one.changed, id(one.row) in added) for one in judged if one.grant == grant]
        events.record_many(drafts, actor=actor, grant=grant)


@transaction.atomic
def configuration_rows_save(
    parent: models.Model, *, actor, name: str, saved: Iterable[models.Model], removed: Iterable[models.Model]
) -> Event | None:
    """Save and remove rows that are part of ``parent`` (the units of a standard); ``name`` is how the event calls them.

    Who may change the parent may change its rows. Returns None when there was nothing to do. Raises as
    ``configuration_save``.
    """
    saved, removed = list(saved), list(removed)
    if not saved and not removed:
        return None
    verb = "change" if configuration_grant(parent, "change", actor) else "add"
    grant = _permitted(parent, verb, actor)
    _ask_of_rows(parent, actor)
    for row in removed:
        row.delete()
    _save(saved)
    return _recorded(parent, grant, actor, [name], added=False)


def _ask_of_rows(parent: models.Model, actor) -> None:
    label = parent._meta.label_lower
    if label not in _guards:
        return
    stored = configuration_lock(parent)
    if label in _rows_guards:
        _rows_guards[label](stored, actor)
    else:
        _guards[label](parent, stored, actor)


def _permitted(obj, verb: str, actor) -> Grant:
    grant = configuration_grant(obj, verb, actor)
    if grant is None:
        raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
    return grant


def _save(rows: Iterable[models.Model]) -> None:
    with _rules_of_the_database():
        for row in rows:
            row.save()


@contextmanager
def _rules_of_the_database():
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(_("This does not fit what is stored already (the same row twice, or a broken rule).")) from error


def _recorded(obj, grant: Grant, actor, changed: Collection[str], *, added: bool) -> Event:
    told = _told(obj, changed, added)
    return events.record(told.name, obj, actor=actor, grant=grant, payload=told.payload)


def _told(obj, changed: Collection[str], added: bool) -> events.Draft:
    payload = {"model": obj._meta.label_lower, "pk": obj.pk, "fields": sorted(changed), "added": added}
    return events.Draft(CHANGED, obj, payload, timezone.now())
