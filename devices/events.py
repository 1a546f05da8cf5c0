"""Names of what happens to devices and alarms."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "alarm.raised": _("Alarm raised"),
    "alarm.returned": _("Alarm came back"),
    "alarm.cleared": _("Alarm cleared"),
    "alarm.held_back": _("Alarm held back"),
    "alarm.released": _("Alarm held back no more"),
    "alarm.severity_changed": _("Severity of the alarm changed"),
    "alarm.normal_again": _("Normal again, awaiting verification"),
    "alarm.reset": _("Alarm reset after a look"),
    "alarm.shelved": _("Alarm shelved"),
    "alarm.unshelved": _("Alarm unshelved"),
    "alarm.acknowledged": _("Alarm acknowledged"),
    "device.put_in_service": _("Device put in service"),
    "device.maintenance_begun": _("Maintenance begun"),
    "device.maintenance_ended": _("Maintenance ended"),
    "device.disabled": _("Device disabled"),
    "device.retired": _("Device retired"),
    "device.key_issued": _("Key issued"),
    "device.key_revoked": _("Key revoked"),
    "device.emptied": _("Bin emptied"),
    "device.not_emptied": _("Bin was not emptied after all"),
    "collection.planned": _("Collection planned"),
    "gateway.lost": _("Gateway lost"),
    "gateway.back": _("Gateway heard again"),
    "profile.drafted": _("Draft of a device profile begun"),
    "profile.tried": _("Draft tried on past readings"),
    "profile.published": _("Version of a device profile put in force"),
    "profile.discarded": _("Draft of a device profile discarded"),
    "gateway.key_issued": _("Key issued to a gateway"),
    "gateway.key_revoked": _("Key of a gateway revoked"),
}.items():
    register(name, label)
