"""Devices, gateways, rounds and the retention of readings entered and changed by people: one way for all doors.

Where a device stands in its life is changed by its steps only (``devices.life``); here a new one is given its first
state. What the machines write on a row (newest status, last seen, lost since) is never written back: the row is read
anew, locked, and only what people change is set.

All of these raise NotPermitted; Invalid (a code twice, a place outside the area, a profile not in force); Conflict.

A profile is how everything of a device is judged and read, so it changes only while the device is registered: not in
place yet, nothing judged. Who sees later that it was the wrong one retires it, undoes that, and sets the right one.
"""

from django.utils.translation import gettext as _

from devices.models import CollectionRound, Device, Gateway, ReadingRetention
from devices.workflow import DeviceState
from governance.configuration import configuration_grant, configuration_save
from governance.errors import Conflict, NotPermitted
from governance.models import User
from governance.transactions import atomically

# What of a row stays as it was entered: labels, history and keys hang on it.
FIXED = {"code"}


def device_begins(device: Device, *, in_place: bool) -> None:
    """Say where a new device begins its life: in service at once, or registered until it is put in service.

    Raises ValueError for one that is stored already.
    """
    if not device._state.adding:
        raise ValueError(f"{device.code} is stored: its state is changed by its steps")
    # Protected: only new rows are given a state.
    device.__dict__["state"] = DeviceState.IN_SERVICE if in_place else DeviceState.REGISTERED


def device_register(*, actor: User, in_place: bool = True, **values) -> Device:
    """Enter a device. ``in_place``: it hangs where it should and is judged at once; else it waits to be put up."""
    device = Device(**values)
    device_begins(device, in_place=in_place)
    return _entered(device, actor, values)


def device_change(device: Device, *, actor: User, **values) -> Device:
    """Change what people say of a device; its code stays, and its profile once it is put up. Returns it."""
    return _changed(device, actor, values)


def gateway_register(*, actor: User, **values) -> Gateway:
    """Enter a gateway."""
    return _entered(Gateway(**values), actor, values)


def gateway_change(gateway: Gateway, *, actor: User, **values) -> Gateway:
    """Change what people say of a gateway; its code stays. Returns it."""
    return _changed(gateway, actor, values)


def round_register(*, actor: User, **values) -> CollectionRound:
    """Enter a collection round."""
    return _entered(CollectionRound(**values), actor, values)


def round_change(round_: CollectionRound, *, actor: User, **values) -> CollectionRound:
    """Change a collection round; its code stays. Plans made already stay as they are. Returns it."""
    return _changed(round_, actor, values)


def retention_register(*, actor: User, **values) -> ReadingRetention:
    """Say for how long raw readings are kept from a day on, today or later."""
    return _entered(ReadingRetention(**values), actor, values)


def retention_change(rule: ReadingRetention, *, actor: User, **values) -> ReadingRetention:
    """Change a rule that does not hold yet. Returns it."""
    return _changed(rule, actor, values)


def _entered(row, actor: User, values: dict):
    configuration_save(row, actor=actor, changed=sorted(values))
    return row


def _changed(row, actor: User, values: dict):
    """Set values on the row as it is stored now; without any change nothing is written."""
    with atomically():
        fresh = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
        changed = [name for name in sorted(values) if getattr(fresh, name) != values[name]]
        if FIXED & set(changed):
            raise ValueError(f"{fresh}: the code of a stored row stays")
        if configuration_grant(fresh, "change", actor) is None:
            raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
        if isinstance(fresh, Device) and "profile" in changed:
            _check_profile_free(fresh)
        for name in changed:
            setattr(fresh, name, values[name])
        if changed:
            configuration_save(fresh, actor=actor, changed=changed)
    return fresh


def _check_profile_free(device: Device) -> None:
    """Raise Conflict where the profile of a device (locked) stays."""
    if device.state != DeviceState.REGISTERED:
        raise Conflict(
            _("The device profile can only be changed while the device is registered and not put up."),
            field="profile", code="profile_stays",
        )  # fmt: skip
