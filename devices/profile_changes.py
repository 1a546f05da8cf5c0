"""Changing what a version of a device profile says, with its statuses, metrics and commands, all of it or nothing.

The same rules as in the admin's form: of the version in force only what does not judge, of a draft everything
(``devices.profiles.guard_version``), and the rows of a draft only.
"""

from collections.abc import Iterable, Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from devices.models import DeviceProfile, ProfileState
from devices.profile_content import PARTS
from governance.configuration import configuration_grant, configuration_rows_save, configuration_save
from governance.errors import Invalid, NotPermitted
from governance.models import User
from governance.transactions import atomically

Rows = Iterable[Mapping]


def profile_add(*, actor: User, parts: Mapping[str, Rows] | None = None, **values) -> DeviceProfile:
    """Enter a new profile: a draft until it is published. Returns it.

    Raises NotPermitted; Invalid for a code that there is already, or a value that cannot be.
    """
    if DeviceProfile.objects.filter(code=values.get("code")).exists():
        raise Invalid(_("There is a profile with this code already."), field="code", code="unique")
    with atomically():
        profile = DeviceProfile(state=ProfileState.DRAFT, **values)
        configuration_save(profile, actor=actor, changed=sorted(values))
        _parts_change(profile, parts or {}, actor)
    return profile


def profile_change(profile: DeviceProfile, *, actor: User, parts: Mapping[str, Rows] | None = None,
                   **values) -> DeviceProfile:  # fmt: skip
    """Change what is given of a version. Returns it.

    ``parts``: all rows of ``statuses``, ``metrics`` or ``commands``, each known by its code, metric or name: what a row
    does not say stays as it is stored, what is not among them is removed. Raises NotPermitted; Conflict for a version
    that does not change any more; Invalid naming the field, or the part with the row.
    """
    with atomically():
        fresh = DeviceProfile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
        if configuration_grant(fresh, "change", actor) is None:
            raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
        changed = [name for name in sorted(values) if getattr(fresh, name) != values[name]]
        for name in changed:
            setattr(fresh, name, values[name])
        if changed:
            configuration_save(fresh, actor=actor, changed=changed)
        _parts_change(fresh, parts or {}, actor)
    return fresh


def _parts_change(profile: DeviceProfile, parts: Mapping[str, Rows], actor: User) -> None:
    """Statuses come first: metrics raise them."""
    for related, key, _names in PARTS:
        if related in parts:
            _rows_change(profile, related, key, parts[related], actor)
    _check_raised(profile, parts)


def _check_raised(profile: DeviceProfile, parts: Mapping[str, Rows]) -> None:
    """Judge also the metrics that stay as they are: the status one raises may be gone, or over by itself now."""
    known = dict(profile.statuses.values_list("code", "over_after"))
    for metric in profile.metrics.all() if "statuses" in parts else ():
        metric.known = known
        try:
            metric.clean()
        except ValidationError as error:
            part = "metrics" if "metrics" in parts else "statuses"
            raise Invalid(f"{metric.metric}.alarm: {error.messages[0]}", field=part, code="invalid") from error


def _rows_change(profile: DeviceProfile, related: str, key: str, given: Rows, actor: User) -> None:
    manager = getattr(profile, related)
    stored = {getattr(row, key): row for row in manager.all()}
    saved, named = [], set()
    for values in given:
        word = values[key]
        if word in named:
            raise Invalid(_("“%(word)s” is there twice.") % {"word": word}, field=related, code="unique")
        named.add(word)
        row = stored.get(word) or manager.model(profile=profile)
        changed = [name for name in values if row.pk is None or getattr(row, name) != values[name]]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            _judge(row, related, word)
            saved.append(row)
    removed = [row for word, row in stored.items() if word not in named]
    configuration_rows_save(profile, actor=actor, name=related, saved=saved, removed=removed)


def _judge(row: models.Model, related: str, word: str) -> None:
    """Raise Invalid where a row cannot be; whether it is the only one of its kind is judged when it is saved."""
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
        for constraint in row._meta.constraints:
            if not isinstance(constraint, models.UniqueConstraint):
                constraint.validate(type(row), row)
    except ValidationError as error:
        field = next(iter(error.error_dict)) if hasattr(error, "error_dict") else ""
        of = f"{word}.{field}" if field and field != NON_FIELD_ERRORS else word
        raise Invalid(f"{of}: {error.messages[0]}", field=related, code="invalid") from error
