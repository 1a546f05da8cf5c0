"""The interface of everything that can say who somebody is."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

Credential = TypeVar("Credential", contravariant=True)


@dataclass(frozen=True)
class Identity:
    """Who somebody is: ``subject`` is the provider's name for the person, ``phone`` a number proven to be theirs."""

    provider: str
    subject: str
    phone: str | None = None


class IdentityProvider(Protocol[Credential]):
    """Exchanges what a person shows (a code) for who they are.

    Raises Invalid naming the field when the credential is wrong, Unavailable when the provider does not answer.
    """

    name: str

    def exchange(self, credential: Credential) -> Identity: ...
