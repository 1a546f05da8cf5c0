"""Who complained, as a keyed hash: one person counts once, and nobody is found by it without the signing key."""

import re
import unicodedata

from django.utils.crypto import salted_hmac

SALT = "mediation.complainant"
# Words as long as this say enough to be known again [J].
SHORTEST = 10
NO_WORD = re.compile(r"[\W_]+")
# A mobile number of the mainland, with what systems write before it: +86, 0086, 86, or 0 (from elsewhere).
MOBILE = re.compile(r"(?:0{0,2}86|0)?(1[3-9][0-9]{9})")


def complainant_hash(told: str) -> str:
    """Return the hash of a phone number, account or name as another system tells it; "" for nobody. A mobile number is
    the same with and without the country's prefix: systems differ in writing it, and one caller is one person."""
    plain = NO_WORD.sub("", unicodedata.normalize("NFKC", told)).casefold()
    if mobile := MOBILE.fullmatch(plain):
        plain = mobile.group(1)
    return salted_hmac(SALT, plain, algorithm="sha256").hexdigest() if plain else ""


def text_digest(text: str) -> str:
    """Return what the same words are known by, whatever their spaces and signs; "" for too few words."""
    plain = NO_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return salted_hmac("mediation.words", plain, algorithm="sha256").hexdigest() if len(plain) >= SHORTEST else ""
