"""Addresses of channels at rest."""

from governance.sealing import Box, CannotOpen

_BOX = Box(b"jiceng notice channel address 1")

__all__ = ["CannotOpen", "opened", "sealed"]


def sealed(secret: str) -> str:
    """Encrypt a text."""
    return _BOX.sealed(secret.encode()).decode()


def opened(token: str) -> str:
    """Decrypt what ``sealed`` made. Raises CannotOpen."""
    return _BOX.opened(token.encode()).decode()
