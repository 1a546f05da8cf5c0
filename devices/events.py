"""Names of what happens to devices and alarms."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "alarm.raised": _("Alarm raised"),
    "alarm.returned": _("Alarm came back"),
    "alarm.cleared": _("Alarm cleared"),
    "alarm.acknowledged": _("Alarm acknowledged"),
    "device.key_issued": _("Key issued"),
    "device.key_revoked": _("Key revoked"),
    "gateway.key_issued": _("Key issued to a gateway"),
    "gateway.key_revoked": _("Key of a gateway revoked"),
}.items():
    register(name, label)
