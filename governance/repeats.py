"""What a form makes is made once: the same person sending the same words again within minutes is asked whether they
mean it, and the same form sent once more says yes.

A form that the browser shows again after its back button has a token of its own and would store everything twice. Of
what was said only a keyed digest is kept, with the number of what was made, sealed (``IdempotencyRecord``).
"""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from django import forms
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import IdempotencyRecord, User
from governance.transactions import atomically

AGAIN = "again"
ASKED_WITHIN = timedelta(minutes=10)  # [J]: coming back and pressing once more; later it is likelier meant
Made = TypeVar("Made")


class AskedOnceForm(forms.Form):
    """Base of forms that make something: ``again`` is empty until the person was asked, and then what they were asked
    about. It is none of the cleaned values."""

    again = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        self.confirmed = self.cleaned_data.pop(AGAIN, "")
        return cleaned

    def add_error(self, field, error):
        """What is asked stands on top of the form: its own field is hidden."""
        super().add_error(None if field == AGAIN else field, error)

    def ask(self, mark: str) -> None:
        """Let the form that is shown again say yes when it is sent."""
        self.data = self.data.copy()
        self.data[self.add_prefix(AGAIN)] = mark


def made_once(form: AskedOnceForm, *, user: User, what: str, said: Iterable, make: Callable[[], Made],
              number: Callable[[Made], str] = str) -> Made:  # fmt: skip
    """Return what ``make`` makes of a valid form. ``said``: what is the same when it is sent a second time.

    Raises Invalid (``repeated``) where the person made the same within ``ASKED_WITHIN`` and was not asked yet; nothing
    was made then. A second sending at the same moment waits for the first.
    """
    words = json.dumps([str(part).strip() for part in said])
    mark = salted_hmac("governance.repeats", f"{what}:{user.pk}:{words}", algorithm="sha256").hexdigest()
    with atomically():
        record, is_new = IdempotencyRecord.objects.get_or_create(scope=f"made {what} user:{user.pk}", key=mark)
        lately = not is_new and record.created_at > timezone.now() - ASKED_WITHIN
        if lately and form.confirmed != mark:
            form.ask(mark)
            text = _("You sent this a moment ago (%(number)s). If you do mean it twice, press once more.")
            raise Invalid(text % {"number": record.answer["number"]}, field=AGAIN, code="repeated")
        made = make()
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=timezone.now())
        record.keep(HTTPStatus.CREATED, {"number": number(made)})
    return made
