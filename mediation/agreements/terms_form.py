"""Clauses and obligations typed into a form: one clause a paragraph, one obligation a line.

An obligation is typed as ``debtor | what | YYYY-MM-DD | amount | creditor``: parties by their number in the list below
the field (1, 2 ...); amount and creditor may be left out. ``owed_lines`` reads it.
"""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.booking_forms import date_input
from mediation.agreements.drafting import Owed, Terms
from mediation.agreements.owed_lines import owed_of
from mediation.models import Agreement, Dispute, Party


def parties_of(dispute: Dispute) -> list[Party]:
    """Return the parties in the order in which a form counts them."""
    return list(Party.objects.filter(dispute=dispute).named().order_by("id"))


class TermsFields(forms.Form):
    """What an agreement says. Call ``use_dispute`` before it is validated."""

    subject = forms.CharField(
        label=gettext_lazy("Main facts and matter in dispute"), max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("In words that both sides accept: they read it, and the court where they apply to it. "
                               "Neither what a reporter said nor notes of a visit."),
    )  # fmt: skip
    clauses = forms.CharField(
        label=gettext_lazy("Clauses"), max_length=20000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One clause a line."),
    )  # fmt: skip
    obligations = forms.CharField(
        label=gettext_lazy("Who owes what until when"), required=False, max_length=20000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    performance = forms.CharField(
        label=gettext_lazy("Way, place and term of performance"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    made_on = forms.DateField(label=gettext_lazy("Day of the agreement"), required=False, widget=date_input(),
                              help_text=gettext_lazy("Empty: today."))  # fmt: skip

    def use_dispute(self, dispute: Dispute) -> None:
        """Say whose parties the obligations name."""
        self.parties = parties_of(dispute)
        listed = "; ".join(f"{n} {party}" for n, party in enumerate(self.parties, start=1))
        self.fields["obligations"].help_text = _(
            "One a line: debtor | what | day | amount | creditor, such as “2 | repairs the pipe | 2026-07-01” or "
            "“2 | pays | 2026-07-01 | 3000 | 1”. Parties: %(parties)s."
        ) % {"parties": listed}

    @staticmethod
    def values_of(agreement: Agreement) -> dict:
        """Return what the form shows of a draft."""
        order = {party.pk: n for n, party in enumerate(parties_of(agreement.dispute), start=1)}
        lines = [
            " | ".join([
                str(order[row.debtor_id]), row.what, row.due_on.isoformat(),
                "" if row.amount is None else str(row.amount),
                str(order[row.creditor_id]) if row.creditor_id else "",
            ]).rstrip(" |")
            for row in agreement.obligations.order_by("id")
        ]  # fmt: skip
        return {
            "subject": agreement.subject, "performance": agreement.performance, "made_on": agreement.made_on,
            "clauses": "\n".join(row.text for row in agreement.clauses.order_by("order")),
            "obligations": "\n".join(lines),
        }  # fmt: skip

    def clean_clauses(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["clauses"].splitlines() if line.strip()]

    def clean_obligations(self) -> list[Owed]:
        lines = [line for line in self.cleaned_data["obligations"].splitlines() if line.strip()]
        return [owed_of(line, number, self.parties) for number, line in enumerate(lines, start=1)]

    def terms(self) -> Terms:
        """Return the terms that were typed."""
        names = ("subject", "clauses", "obligations", "performance", "made_on")
        return Terms(**{name: self.cleaned_data[name] for name in names})
