"""Unified social credit codes of organisations in China (统一社会信用代码), GB 32100-2015.

18 characters of 0-9 and A-Z without I, O, S, V, Z: registering authority, kind of body, 6 digits of the division, 9 of
the organisation code, and a check character: 31 − Σ cᵢ·3^(i−1) mod 31 (mod 31) of the first 17.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def check_character(first: str) -> str:
    """Return the 18th character for the first 17. Raises ValueError for a character that is none of a code."""
    weighed = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first[:17]))
    return ALPHABET[-weighed % 31]


def normal(code: str) -> str:
    """Return a code as it is compared and stored: capitals, without spaces."""
    return "".join(code.split()).upper()


def is_credit_code(code: str) -> bool:
    """Whether it has the form and its last character fits the others."""
    return FORM.fullmatch(code) is not None and check_character(code) == code[17]


def validate_credit_code(code: str) -> None:
    """Raise ValidationError for what is no unified social credit code."""
    if not is_credit_code(code):
        raise ValidationError(_("This is no unified social credit code: look at the business licence."), code="invalid")
