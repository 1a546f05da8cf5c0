"""Names of what happens to an estate's money. Payloads hold keys, days and figures, never who owes what by name."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "books.account_closed": _("Account of a household closed: the dwelling changed hands"),
    "books.opened": _("Books of an estate opened"),
    "books.payment_recorded": _("Payment recorded"),
    "books.payment_refunded": _("Money given back to a household"),
    "books.payment_reversed": _("Payment reversed"),
    "books.income_recorded": _("Public income recorded"),
    "books.income_cost_recorded": _("Cost of public income recorded"),
    "books.income_reversed": _("Entry of public income reversed"),
    "books.period_opened": _("Cost period drawn up"),
    "books.fund_opened": _("Maintenance fund registered"),
    "books.entrusted": _("Books entrusted to another company"),
    "books.closed": _("Books of an estate closed"),
    "books.reopened": _("Books of an estate opened again"),
    "fund.deposited": _("Maintenance fund: money came in"),
    "fund.use_proposed": _("Maintenance fund: use put to a resolution"),
    "fund.used": _("Maintenance fund used"),
    "fund.reversed": _("Maintenance fund: entry reversed"),
    "cost_period.line_added": _("Cost line added"),
    "cost_period.line_dropped": _("Cost line struck out"),
    "cost_period.terms_set": _("Said who bears what"),
    "cost_period.published": _("Cost period published for objections"),
    "cost_period.collecting": _("Cost period is collected"),
    "cost_period.settled": _("Cost period settled"),
    "cost_period.disclosed": _("Cost period disclosed"),
    "cost_period.corrected": _("Cost line corrected"),
    "cost_period.subsidy_recorded": _("Subsidy recorded after settlement"),
    "cost_period.subsidy_reversed": _("Subsidy after settlement reversed"),
    "cost_period.discarded": _("Cost period discarded"),
    "cost_period.overdue": _("Final statement of a cost period is overdue"),
    "disclosure.published": _("Figures disclosed"),
    "disclosure.overdue": _("Disclosure is overdue"),
}.items():
    register(name, label)
