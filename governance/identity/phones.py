"""Phone numbers as people write them, brought to the one form that is stored."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from governance.errors import Invalid
from governance.models.person import phone_validator

_BETWEEN = re.compile(r"[\s\-‐-―()]")
_MAINLAND = re.compile(r"^(?:\+86|0086)(?=1[3-9]\d{9}$)")


def normalised(written: str) -> str:
    """Return a number without spaces, dashes, brackets and full-width digits, a mainland mobile number without +86."""
    return _MAINLAND.sub("", _BETWEEN.sub("", unicodedata.normalize("NFKC", written)))


def phone_of(written: str) -> str:
    """Return the stored form of a phone number; raises Invalid naming ``phone``."""
    phone = normalised(written)
    try:
        phone_validator(phone)
    except ValidationError as error:
        raise Invalid(error.messages[0], field="phone", code="invalid") from error
    return phone
