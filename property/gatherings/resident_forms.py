"""What residents fill in on their pages of events."""

from django import forms

from property.gatherings.feedback import MOST_WORDS
from property.gatherings.signing import MOST_CHILDREN, NEEDS


class SignUpForm(forms.Form):
    """Who comes along; nobody where it is left empty."""

    companions = forms.IntegerField(min_value=0, max_value=20, required=False)
    children = forms.IntegerField(min_value=0, max_value=MOST_CHILDREN, required=False)
    needs = forms.CharField(max_length=NEEDS, required=False)

    def clean_companions(self) -> int:
        return self.cleaned_data["companions"] or 0

    def clean_children(self) -> int:
        return self.cleaned_data["children"] or 0


class FeedbackForm(forms.Form):
    """Stars and words."""

    stars = forms.IntegerField(min_value=1, max_value=5)
    words = forms.CharField(max_length=MOST_WORDS, required=False)
