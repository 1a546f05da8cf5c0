"""Writing a practice package, reading one, telling what it would change here, and changing it.

A package is JSON: ``{"jiceng_practice": 1, "title", "exported_at", "parts": {key: [{"key", "fields", "children"}]}}``.
Rows that a package does not have stay as they are: it brings a practice, it does not take one away.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.configuration import configuration_rows_save, configuration_save, covers_city
from governance.errors import Invalid, NotPermitted
from governance.models import Role, User
from governance.practice.registry import Children, Part, parts
from governance.practice.rows import PracticeError, arguments, children_of, stored, values_of
from governance.scoping import grants_of
from governance.transactions import atomically

FORMAT = 1
LARGEST = 10 * 2**20  # bytes; a large city's catalogue of some thousand standards is under 2 MB


@dataclass(frozen=True)
class Difference:
    """What a row of a package means here.

    ``action``: add, change or same. ``fields``: (name, value here, value in the package) of what differs.
    """

    part: str
    key: tuple
    title: str
    action: str
    fields: tuple[tuple[str, str, str], ...] = ()


def check_administrator(user: User) -> None:
    """Raise NotPermitted unless ``user`` administers a whole city: a practice holds for all of it."""
    grants = [grant for grant in grants_of(user) if grant.role == Role.ADMINISTRATOR]
    if not any(covers_city(grant) for grant in grants):
        raise NotPermitted(_("Only administrators of the whole city move practices."))


def written(*, actor: User, title: str = "", only: Collection[str] = ()) -> dict:
    """Return a package of what is configured here; ``only``: keys of parts. Raises NotPermitted, Invalid."""
    check_administrator(actor)
    known = {part.key: part for part in parts()}
    if unknown := set(only) - known.keys():
        raise Invalid(_("There is no part “%(part)s”.") % {"part": min(unknown)}, field="parts", code="invalid_choice")
    chosen = [part for part in parts() if not only or part.key in only]
    return {
        "jiceng_practice": FORMAT,
        "title": title,
        "exported_at": timezone.now().isoformat(timespec="seconds"),
        "parts": {part.key: [_row(part, row) for row in _rows(part)] for part in chosen},
    }


def _rows(part: Part) -> list[models.Model]:
    """All rows of a part, parents before their children: the actor administers the city, which sees all of them."""
    relations = [name for name in part.fields if part.model._meta.get_field(name).is_relation]
    children = [children.related for children in part.children]
    rows = part.chosen(part.model._default_manager.order_by("pk"))
    rows = rows.select_related(*relations).prefetch_related(*children)
    own = next((name for name in relations if part.model._meta.get_field(name).related_model is part.model), None)
    return sorted(rows, key=lambda row: _depth(row, own))


def _depth(row: models.Model, parent: str | None) -> int:
    depth = 0
    while parent and (row := getattr(row, parent)) is not None:
        depth += 1
    return depth


def _row(part: Part, row: models.Model) -> dict:
    children = {one.related: children_of(row, one) for one in part.children}
    return {"key": part.key_of(row), "fields": values_of(row, part.fields), "children": children}


def read(content: bytes) -> dict:
    """Return the package in a file. Raises Invalid naming what is wrong with it."""
    if len(content) > LARGEST:
        raise Invalid(_("The file is too large."), field="file", code="too_large")
    try:
        package = json.loads(content)
    except ValueError as error:
        raise Invalid(_("The file is no practice package."), field="file", code="invalid") from error
    return checked(package)


def checked(package) -> dict:
    """Return a package that was read from JSON. Raises Invalid when it is none, or has parts not known here."""
    if not isinstance(package, dict) or package.get("jiceng_practice") != FORMAT:
        raise Invalid(_("The file is no practice package of this version."), field="file", code="invalid")
    given = package.get("parts")
    if not isinstance(given, dict) or not all(isinstance(rows, list) for rows in given.values()):
        raise Invalid(_("The file is no practice package."), field="file", code="invalid")
    if unknown := given.keys() - {part.key for part in parts()}:
        raise Invalid(_("There is no part “%(part)s”.") % {"part": min(unknown)}, field="file", code="unknown_part")
    return package


def differences(package: dict, *, actor: User) -> list[Difference]:
    """Return what the package would do here, row by row; nothing is kept. Raises as ``apply``."""
    with transaction.atomic():
        found = list(_applied(package, actor))
        # Rows may refer to rows that the same package brings: so it is done, told, and undone.
        transaction.set_rollback(True)
    return found


def apply(package: dict, *, actor: User) -> list[Difference]:
    """Make the rows of the package hold here, in one transaction; return what was done.

    Every row is saved as by hand: permission, scope, checks and an Event each. Raises NotPermitted, Conflict, or
    Invalid naming part and row; nothing has changed then.
    """
    with atomically():
        return list(_applied(package, actor))


def _applied(package: dict, actor: User) -> Iterator[Difference]:
    check_administrator(actor)
    for part in parts():
        for place, given in enumerate(package["parts"].get(part.key, []), start=1):
            try:
                yield _apply_row(part, given, actor)
            except PracticeError as error:
                words = {"part": part.label, "row": place, "why": error}
                raise Invalid(
                    _("%(part)s, row %(row)s: %(why)s") % words, field=f"{part.key}[{place - 1}]", code="invalid"
                ) from error
            except Invalid as error:
                words = {"part": part.label, "row": place, "why": error.detail}
                raise Invalid(
                    _("%(part)s, row %(row)s: %(why)s") % words, field=f"{part.key}[{place - 1}]", code=error.code
                ) from error


def _apply_row(part: Part, given, actor: User) -> Difference:
    if not isinstance(given, dict) or not isinstance(given.get("key"), list):
        raise PracticeError(_("a row needs a key"))
    row = stored(part, given["key"])
    added = row is None
    here = {} if added else values_of(row, part.fields)
    wanted = arguments(part.model, part.fields, given.get("fields", {}))
    if added:
        row = part.model()
        part.here(row, actor)
    elif part.versions and _differs(part, row, wanted, given):
        row = part.versions.opened(row, actor)
    for name, value in wanted.items():
        setattr(row, name, value)
    changed = [name for name in part.fields if name in wanted and here.get(name) != values_of(row, (name,))[name]]
    told = [(name, here.get(name, ""), values_of(row, (name,))[name]) for name in changed]
    if added or changed:
        configuration_save(row, actor=actor, changed=changed)
    if part.key_of(row) != given["key"]:
        raise PracticeError(_("key and fields do not agree"))
    for children in part.children:
        told += _apply_children(row, children, given.get("children", {}).get(children.related), actor)
    if added and part.versions:
        part.versions.done(row, actor)
    action = "add" if added else "change" if told else "same"
    return Difference(part.key, tuple(given["key"]), str(row), action, tuple(_shown(row, one) for one in told))


def _differs(part: Part, row: models.Model, wanted: dict, given: dict) -> bool:
    """Tell whether a package says anything else of a row, or of the rows under it, than is stored."""
    if any(getattr(row, name) != value for name, value in wanted.items()):
        return True
    rows = given.get("children", {})
    return any(
        rows.get(one.related) is not None and children_of(row, one) != _in_order(rows[one.related])
        for one in part.children
    )


def _in_order(given) -> list:
    """Return rows of a package in the order of ``children_of``; what cannot be rows as it is."""
    well_formed = isinstance(given, list) and all(isinstance(values, dict) for values in given)
    return sorted(given, key=lambda values: [str(value) for value in values.values()]) if well_formed else given


def _apply_children(parent: models.Model, children: Children, given, actor: User) -> list[tuple]:
    """Replace the rows under a parent where they differ; rows that stay the same row keep their key."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(values, dict) for values in given):
        raise PracticeError(f"{children.related}: {given!r}")
    here = children_of(parent, children)
    if here == _in_order(given):
        return []
    manager = getattr(parent, children.related)
    known = {_identity(children, values_of(row, children.fields)): row for row in manager.all()}
    saved = []
    for values in given:
        wanted = children.incoming(values)
        row = known.pop(_identity(children, wanted), None) or manager.model(**{manager.field.name: parent})
        for name, value in arguments(manager.model, children.fields, wanted).items():
            setattr(row, name, value)
        try:
            row.full_clean(validate_unique=False, validate_constraints=False)  # those that give way are still there
        except ValidationError as error:
            raise PracticeError("; ".join(error.messages)) from error
        saved.append(row)
    configuration_rows_save(parent, actor=actor, name=children.related, saved=saved, removed=known.values())
    getattr(parent, "_prefetched_objects_cache", {}).pop(children.related, None)
    return [(children.related, here, given)]


def _identity(children: Children, values: dict) -> str:
    return json.dumps([values.get(name) for name in children.identity or children.fields], ensure_ascii=False)


def _shown(row: models.Model, told: tuple) -> tuple[str, str, str]:
    """Return a difference as people read it."""
    name, before, after = told
    field = row._meta.get_field(name)
    label = field.related_model._meta.verbose_name_plural if field.auto_created else field.verbose_name
    return str(label), _text(before), _text(after)


def _text(value) -> str:
    if isinstance(value, list):
        return "；".join(_text(one) for one in value)
    if isinstance(value, dict):
        return " ".join(_text(one) for one in value.values() if one not in (None, ""))
    return "" if value is None else str(value)
