"""Who complained, as a keyed hash: one person counts once, and nobody is found by it without the signing key."""

import re
import unicodedata

from django.utils.crypto import salted_hmac

SALT = "mediation.complainant"
# Words as long as this say enough to be known again [J].
SHORTEST = 10
NO_WORD = re.compile(r"[\W_]+")


def complainant_hash(told: str) -> str:
    """Return the hash of a phone number, account or name as another system tells it; "" for nobody."""
    plain = NO_WORD.sub("", unicodedata.normalize("NFKC", told)).casefold()
    return salted_hmac(SALT, plain, algorithm="sha256").hexdigest() if plain else ""


def text_digest(text: str) -> str:
    """Return what the same words are known by, whatever their spaces and signs; "" for too few words."""
    plain = NO_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return salted_hmac("mediation.words", plain, algorithm="sha256").hexdigest() if len(plain) >= SHORTEST else ""
