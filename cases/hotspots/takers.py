"""Who takes a hot-spot signal up as a need: an app above cases, which cases must not know.

That app calls ``register_taker(make, address)`` once, in a module it imports when it is ready:

- ``make(signal, *, actor, title, description, occurred_at)`` makes the need inside the transaction of the signal's step
  and returns it; what it refuses refuses the step. It has a ``number``.
- ``address(signal) -> (text, url) | None`` says what came of a signal, for its page.

Without a taker the button is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Taker:
    """What the app above has registered."""

    make: Callable[..., models.Model]
    address: Callable[[models.Model], tuple[str, str] | None]


_taken: list[Taker] = []


def register_taker(
    make: Callable[..., models.Model], address: Callable[[models.Model], tuple[str, str] | None]
) -> None:
    """Let an app take signals up. Raises ValueError where another one does already."""
    if _taken:
        raise ValueError("somebody takes hot-spot signals up already")
    _taken.append(Taker(make, address))


def taker() -> Taker | None:
    """Return who takes signals up, or None."""
    return _taken[0] if _taken else None


def has_taker(_signal) -> bool:
    """Whether a signal can be taken up at all."""
    return bool(_taken)
