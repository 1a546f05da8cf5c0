"""Where needs are made out of answers: whoever keeps needs registers how; until then nobody is offered it.

``register_need_maker(fn)`` with ``fn(candidate, *, actor, survey) -> the need`` (a model object; its ``pk`` and
``str()`` are kept with the answer). It runs in the transaction of the step: when it refuses, nothing has happened.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

_makers: list[Callable] = []


@dataclass(frozen=True)
class Candidate:
    """What could become a need. ``sheet`` is the answer's (None: an option that ``count`` people chose).

    ``person_id`` and ``dwelling_id`` are those of the answer where it has them: an anonymous one yields nobody.
    """

    title: str
    text: str
    area_id: int
    estate_id: int | None
    question: str
    option: str = ""
    count: int = 1
    sheet: UUID | None = None
    person_id: int | None = None
    dwelling_id: int | None = None


def register_need_maker(maker: Callable) -> Callable:
    """Let ``maker(candidate, *, actor, survey)`` make needs; there is one at a time."""
    _makers[:] = [maker]
    return maker


def needs_are_kept(survey=None) -> bool:
    """Tell whether anybody makes needs."""
    return bool(_makers)


def need_make(candidate: Candidate, *, actor, survey):
    """Make a need and return it."""
    return _makers[0](candidate, actor=actor, survey=survey)
