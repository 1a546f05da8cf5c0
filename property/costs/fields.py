"""Fields of the forms of an estate's money: yuan, days, dwellings, accounts of households."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Dwelling
from governance.search.places import address_q
from property.models.household import HouseholdAccount

AMOUNT = _("Amount (yuan)")


def amount_field(label=AMOUNT, **options) -> forms.DecimalField:
    """Return a field of yuan, exact to the fen."""
    options.setdefault("min_value", Decimal("0.01"))
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, **options)


class DayField(forms.DateField):
    """A day."""

    def __init__(self, **options):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class DwellingField(forms.CharField):
    """A dwelling of ``estate_id`` by its code, or by its address as people write it."""

    estate_id: int | None = None

    def clean(self, value):
        text = super().clean(value)
        rows = Dwelling.objects.filter(building__estate=self.estate_id).with_address()
        found = list(rows.filter(code=text)[:2])
        wanted = address_q(text) if not found else None
        if wanted is not None:
            found = list(rows.filter(wanted).distinct()[:2])
        if len(found) != 1:
            told = _("More than one dwelling is called so: add building, entrance and room.") if found else _(
                "There is no such dwelling in this estate."
            )  # fmt: skip
            raise forms.ValidationError(told, code="ambiguous" if found else "does_not_exist")
        return found[0]


class AccountField(forms.CharField):
    """An account of ``estate_id`` by its number, such as GY-1-1-101/2; left empty: of who owned it on the day."""

    estate_id: int | None = None

    def __init__(self, **options):
        told = _("Such as GY-1-1-101/2, for a former owner; left empty: of who owned the dwelling on that day.")
        super().__init__(label=_("Account"), max_length=72, required=False, help_text=told, **options)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        code, _slash, number = text.rpartition("/")
        rows = HouseholdAccount.objects.filter(books__estate=self.estate_id, dwelling__code=code).with_owners()
        found = rows.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
        if found is None:
            raise forms.ValidationError(_("There is no such account in this estate."), code="does_not_exist")
        return found
