"""Which questions of a questionnaire somebody is asked. Pure: questions and answers in, keys out.

A question may be shown under a condition (``show_if``), and may send on to a later one (``jumps``). Questions are gone
through in their order:

- one that a jump went past, or whose condition does not hold, is hidden; what was answered to it counts as not said;
- of the jumps of a question the first whose condition holds is taken: on to a later question, or to the end.

Conditions look at answers to questions on the way, so that there is one way for the same answers. Jumps lead forward
only (``checking``), so it always ends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

END = "end"
OTHER = "other"
SINGLE, MULTIPLE, SCALE5, SCALE10, NUMBER = "single", "multiple", "scale5", "scale10", "number"
SHORT, LONG, DATE, RANKING, MATRIX = "short", "long", "date", "ranking", "matrix"
# What of each kind a condition can ask beside whether it was answered at all.
CHOSEN, MEASURED = (SINGLE, MULTIPLE), (SCALE5, SCALE10, NUMBER)
SCALES = {SCALE5: (1, 5), SCALE10: (0, 10)}
IS, IS_NOT, AT_LEAST, AT_MOST, ANSWERED, UNANSWERED = "is", "is_not", "at_least", "at_most", "answered", "unanswered"
OPERATORS = (IS, IS_NOT, AT_LEAST, AT_MOST, ANSWERED, UNANSWERED)


def plain(number: Decimal) -> str:
    """Return a number as people write it: 10, 2.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Given:
    """An answer, judged: ``choices`` in the order of a ranking, ``text`` also of the option "other"."""

    choices: tuple[str, ...] = ()
    number: Decimal | None = None
    text: str = ""
    day: date | None = None
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Atom:
    """One thing asked of the answer to ``question``; ``value`` is an option or a number, as text."""

    question: str
    op: str
    value: str = ""


@dataclass(frozen=True)
class Condition:
    """``match`` all or any of the atoms; without atoms it holds."""

    match: str = "all"
    atoms: tuple[Atom, ...] = ()


@dataclass(frozen=True)
class Jump:
    """On to question ``to``, or to ``END``, when the condition holds (None: always)."""

    to: str
    when: Condition | None = None


@dataclass(frozen=True)
class Asked:
    """What the way through a questionnaire, and the judging of answers, need to know of a question.

    ``least`` and ``most``: of a number, or of how many are chosen. ``rows``: of a matrix; ``options`` are its columns.
    """

    key: str
    kind: str
    options: tuple[str, ...] = ()
    other: bool = False
    required: bool = False
    rows: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    show_if: Condition | None = None
    jumps: tuple[Jump, ...] = field(default=())

    @property
    def choosable(self) -> tuple[str, ...]:
        """The options, with "other" where it is offered."""
        return (*self.options, OTHER) if self.other else self.options


Answers = Mapping[str, Given]


def number_of(text: str) -> Decimal | None:
    """Return the number a text is, or None: a draft may hold what is none yet."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def holds(atom: Atom, answers: Answers) -> bool:
    """Tell whether an atom holds; but for ``unanswered`` none does of a question that was not answered."""
    given = answers.get(atom.question)
    if given is None:
        return atom.op == UNANSWERED
    if atom.op == IS:
        return atom.value in given.choices
    if atom.op == IS_NOT:
        return atom.value not in given.choices
    if atom.op in (AT_LEAST, AT_MOST):
        bound = number_of(atom.value)
        if given.number is None or bound is None:
            return False
        return given.number >= bound if atom.op == AT_LEAST else given.number <= bound
    return atom.op == ANSWERED


def satisfied(condition: Condition | None, answers: Answers) -> bool:
    """Tell whether a condition holds; None always does."""
    if condition is None or not condition.atoms:
        return True
    return (all if condition.match == "all" else any)(holds(atom, answers) for atom in condition.atoms)


def target_of(question: Asked, answers: Answers) -> str | None:
    """Return where a question sends on to, its own answer among ``answers``; None: to the next one."""
    return next((jump.to for jump in question.jumps if satisfied(jump.when, answers)), None)


def walk(questions: Sequence[Asked], answer: Callable[[Asked], Given | None]) -> Iterator[tuple[Asked, Given | None]]:
    """Go the way, asking ``answer`` of each question on it; yields the questions with what was answered."""
    taken: dict[str, Given] = {}
    going_to = None
    for question in questions:
        if going_to is not None and question.key != going_to:
            continue
        going_to = None
        if not satisfied(question.show_if, taken):
            continue
        given = answer(question)
        if given is not None:
            taken[question.key] = given
        yield question, given
        going_to = target_of(question, taken)
        if going_to == END:
            return


def path(questions: Sequence[Asked], answers: Answers) -> list[str]:
    """Return the keys of the questions that somebody with these answers is asked, in order."""
    return [question.key for question, _given in walk(questions, lambda one: answers.get(one.key))]


def next_key(questions: Sequence[Asked], answers: Answers, after: str | None) -> str | None:
    """Return the question asked after ``after`` (None: the first); None when there is none more, or it is not asked."""
    way = path(questions, answers)
    if after is None:
        return way[0] if way else None
    if after not in way:
        return None
    place = way.index(after) + 1
    return way[place] if place < len(way) else None
