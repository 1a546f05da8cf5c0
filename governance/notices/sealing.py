"""Secrets at rest: encrypted with a key derived from ``SECRET_KEY``, so that a copy of the database does not tell them.

Old keys in ``SECRET_KEY_FALLBACKS`` still open what they sealed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"jiceng notice channel address 1"


class CannotOpen(Exception):
    """The secret was sealed with a key this installation no longer has."""


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(raw)


def sealed(secret: str) -> str:
    """Encrypt a text."""
    return _box().encrypt(secret.encode()).decode()


def opened(token: str) -> str:
    """Decrypt what ``sealed`` made. Raises CannotOpen."""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen from error
