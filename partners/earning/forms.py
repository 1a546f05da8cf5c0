"""Forms of transitions of settlement sheets and of what is entered; one declaration for all doors."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.forms import TransitionForm, register_form


class SettleForm(TransitionForm):
    """How it was paid, in words: the number of the bank transfer, for example. No account numbers."""

    paid_by = forms.CharField(label=_("How it was paid"), max_length=120, help_text=_("such as the voucher's number"))


register_form("partners.settlementsheet", "settle", SettleForm)
