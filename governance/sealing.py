"""Secrets at rest: encrypted with keys derived from ``SECRET_KEY``, so that a copy of the database does not tell them.

Old keys in ``SECRET_KEY_FALLBACKS`` still open what they sealed. Each purpose has a key of its own.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """The secret was sealed with a key this installation no longer has."""


class Box:
    """Seals and opens for one purpose."""

    def __init__(self, purpose: bytes):
        self.purpose = purpose

    def sealed(self, content: bytes) -> bytes:
        """Encrypt; about a third longer."""
        return self._keys().encrypt(content)

    def opened(self, token: bytes) -> bytes:
        """Decrypt what ``sealed`` made. Raises CannotOpen."""
        try:
            return self._keys().decrypt(token)
        except InvalidToken as error:
            raise CannotOpen from error

    def _keys(self) -> MultiFernet:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet([Fernet(self._derived(key)) for key in keys])

    def _derived(self, key: str) -> bytes:
        raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=self.purpose).derive(key.encode())
        return base64.urlsafe_b64encode(raw)
