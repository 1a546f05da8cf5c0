"""Names of what happens in the points bank. Payloads hold ids, codes and figures."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "points.account_opened": _("Points account opened"),
    "points.account_changed": _("Points account put in or out of use"),
    "points.earned": _("Points earned"),
    "points.spent": _("Points spent"),
    "points.given": _("Points given to another member"),
    "points.held": _("Points set aside"),
    "points.redeemed": _("Points set aside redeemed"),
    "points.released": _("Points set aside released"),
    "points.timed_out": _("Points set aside released, time is up"),
    "points.expired": _("Points expired"),
    "points.reversed": _("Points transfer reversed"),
    "points.adjusted": _("Points adjusted"),
    "points.settled": _("Points settled with the merchant"),
    "points.adjustment_proposed": _("Adjustment of points proposed"),
    "points.adjustment_declined": _("Adjustment of points declined"),
}.items():
    register(name, label)
