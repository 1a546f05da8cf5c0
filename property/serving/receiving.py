"""A form that names a dwelling: by its code, among those the person sees."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import Dwelling


class DwellingCodeForm(forms.Form):
    """Cleaned to the dwelling."""

    dwelling = forms.CharField(label=_("Code of the dwelling"), max_length=60, help_text=_("For example GZY-2-1-301."))

    def __init__(self, data=None, files=None, *, user):
        self.user = user
        super().__init__(data, files)

    def clean_dwelling(self):
        rows = Dwelling.objects.visible_to(self.user).filter(is_active=True).with_address()
        found = rows.filter(code=self.cleaned_data["dwelling"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no such dwelling in your area."), code="does_not_exist")
        return found
