"""What comes in together and what becomes of it: a request (``Parcel``) and its answer (``IngestResult``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.keys import Credential


@dataclass(frozen=True)
class Parcel:
    """One request: who sends, and messages: typed ones (``devices.wire``) or decoded JSON (``devices.messages``)."""

    credential: Credential
    messages: Sequence


@dataclass(frozen=True)
class Rejection:
    """A message that was not taken, or (a warning) was in spite of this; ``index`` is its place in the request, from 0.
    ``retry_after``: in how many seconds it may come again, where it only came too soon."""

    index: int
    code: str
    detail: str
    retry_after: int | None = None

    def told(self) -> dict:
        """Return what its sender is told."""
        own = {"index": self.index, "code": self.code, "detail": self.detail}
        return own if self.retry_after is None else own | {"retry_after": self.retry_after}


@dataclass
class IngestResult:
    """What became of a request: messages stored, messages that said nothing new, messages refused.

    ``warnings``: messages that were taken although something of them is odd; told only where there are any.
    ``commanded``: the devices it was about for which a command waits (``devices.commands``). ``key_gone``: nothing was
    taken, the sender has no key any more that lets somebody in.
    """

    accepted: int = 0
    duplicate: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[Rejection] = field(default_factory=list)
    commanded: set[int] = field(default_factory=set)
    key_gone: bool = False

    @property
    def retry_after(self) -> int | None:
        """In how many seconds all that came too soon may come again; None where nothing did."""
        return max((found.retry_after for found in self.rejected if found.retry_after is not None), default=None)

    def told(self) -> dict:
        """Return what the sender is told."""
        rejected = [found.told() for found in self.rejected]
        told = {"accepted": self.accepted, "duplicate": self.duplicate, "rejected": rejected}
        return told | {"warnings": [found.told() for found in self.warnings]} if self.warnings else told
