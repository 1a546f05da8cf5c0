"""Names of what happens in the points bank. Payloads hold ids, codes and figures."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "points.account_opened": _("Points account opened"),
    "points.account_changed": _("Points account put in or out of use"),
    "points.earn": _("Points earned"),
    "points.spend": _("Points spent"),
    "points.give": _("Points given to another member"),
    "points.hold": _("Points set aside"),
    "points.post": _("Points set aside redeemed"),
    "points.void": _("Points set aside released"),
    "points.time_out": _("Points set aside released, time is up"),
    "points.expire": _("Points expired"),
    "points.reverse": _("Points transfer reversed"),
    "points.adjust": _("Points adjusted"),
    "points.settle": _("Points settled with the merchant"),
    "points.adjustment_proposed": _("Adjustment of points proposed"),
    "points.adjustment_declined": _("Adjustment of points declined"),
}.items():
    register(name, label)
