"""What notices may say about disclosures and final statements that are late."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notices import notice_context
from property.models import CostPeriod, Disclosure

VARIABLES = {"estate": _("estate"), "what": _("what"), "days": _("first and last day"), "due": _("to be published by")}


def _words(obj, what: str, due, page: str) -> dict:
    return {
        "estate": obj.books.estate.name,
        "what": what,
        "days": f"{obj.first:%Y-%m-%d} – {obj.last:%Y-%m-%d}",
        "due": f"{due:%Y-%m-%d}" if due else "",
        "url": reverse(page, args=[obj.pk]),
    }


@notice_context("property.disclosure", variables=VARIABLES, rows=lambda: Disclosure.objects.with_rows())
def disclosure_words(disclosure: Disclosure, *, public: bool) -> dict:
    """Return a disclosure in texts."""
    page = "cost_pages:disclosure" if public else "admin:property_disclosure_change"
    return _words(disclosure, str(disclosure.get_kind_display()), disclosure.due_on, page)


@notice_context("property.costperiod", variables=VARIABLES, rows=lambda: CostPeriod.objects.with_rows())
def period_words(period: CostPeriod, *, public: bool) -> dict:
    """Return a cost period in texts."""
    page = "cost_pages:statement" if public else "admin:property_costperiod_change"
    return _words(period, period.name, period.disclose_by, page)
