"""Numbers by which the law knows a party: check characters, so that a slip of the pen is seen at once."""

import re

from django.utils.translation import gettext as _

from governance.errors import Invalid
from mediation.disputes.states import PartyKind

# GB 11643-1999: weights of the first 17 digits, check characters by remainder modulo 11.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
PERSON = re.compile(r"[0-9]{17}[0-9X]")
# A digit was missed or typed twice: no other paper has so many digits (the first kind of 1984 had 15).
NEARLY = re.compile(r"[0-9]{15,19}[0-9X]")
# GB 32100-2015: unified social credit code, 18 characters; letters I, O, S, V, Z are not used.
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
CREDIT = re.compile(rf"[{LETTERS}]{{18}}")


def identity_check(kind: str, written: str) -> str:
    """Return an identity number in its one form, "" for none. Raises Invalid naming ``identity``.

    A foreigner's passport or another paper is written as it is: 5 to 20 letters and digits. What has the form of a
    resident identity number but for its length is taken for none of these.
    """
    number = "".join(written.split()).upper()
    if not number:
        return ""
    if kind == PartyKind.ORGANISATION:
        if not CREDIT.fullmatch(number) or number[17] != credit_check(number[:17]):
            raise Invalid(_("This is no unified social credit code."), field="identity", code="invalid")
    elif len(number) == 18:
        if not PERSON.fullmatch(number) or number[17] != person_check(number[:17]):
            raise Invalid(_("This is no resident identity number."), field="identity", code="invalid")
    elif NEARLY.fullmatch(number):
        text = _("A resident identity number has 18 characters; these are %(count)s.") % {"count": len(number)}
        raise Invalid(text, field="identity", code="wrong_length")
    elif not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        raise Invalid(_("This is no identity number."), field="identity", code="invalid")
    return number


def person_check(first: str) -> str:
    """Return the check character of the first 17 digits of a resident identity number (GB 11643-1999)."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first, WEIGHTS, strict=True)) % 11]


def credit_check(first: str) -> str:
    """Return the check character of the first 17 characters of a unified credit code (GB 32100-2015)."""
    total = sum(LETTERS.index(letter) * weight for letter, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return LETTERS[(31 - total % 31) % 31]
