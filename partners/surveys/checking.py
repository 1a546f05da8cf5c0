"""What is wrong with the questions of a draft: each problem names the question and says what to mend.

Whether every question can be asked of somebody is found by going all ways at once: of each answer only what later
conditions ask is kept. It is exact up to ``MOST_WAYS``; beyond it a question is taken to be reachable.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from django.utils.translation import gettext as _

from partners.surveys.branching import (
    ANSWERED,
    AT_LEAST,
    AT_MOST,
    CHOSEN,
    END,
    IS,
    IS_NOT,
    MATRIX,
    MEASURED,
    MULTIPLE,
    NUMBER,
    RANKING,
    SCALES,
    SINGLE,
    UNANSWERED,
    Asked,
    Atom,
    Condition,
    Given,
    holds,
    number_of,
    satisfied,
    target_of,
)

MOST_WAYS = 2_000
SMALLEST = Decimal("0.001")  # numbers have three decimal places at most


class TooManyWays(Exception):
    """There are more ways than are gone."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with the question ``key`` ("": with the questionnaire), as a code and in words."""

    key: str
    code: str
    detail: str


def problems(questions: Sequence[Asked]) -> list[Problem]:
    """Return everything that keeps a questionnaire from being opened, in the order of the questions."""
    if not questions:
        return [Problem("", "empty", _("There are no questions yet."))]
    found = []
    for place, question in enumerate(questions):
        found += _of_options(question)
        found += _of_conditions(question, questions[:place], questions[place + 1 :])
    if not found:
        reached = reachable(questions)
        text = _("Nobody is ever asked this question: look at the conditions and jumps before it.")
        found = [Problem(one.key, "unreachable", text) for one in questions if one.key not in reached]
    return found


def _of_options(question: Asked) -> Iterable[Problem]:
    key = question.key
    if question.kind in (*CHOSEN, RANKING, MATRIX) and len(question.choosable) < 2:
        yield Problem(key, "options", _("At least two options are needed."))
    if question.kind == MATRIX and not question.rows:
        yield Problem(key, "rows", _("At least one row is needed."))
    if question.least is not None and question.most is not None and question.least > question.most:
        yield Problem(key, "bounds", _("The least is more than the most."))
    if question.kind == MULTIPLE:
        for bound in (question.least, question.most):
            if bound is not None and not (1 <= bound <= len(question.choosable) and bound == int(bound)):
                yield Problem(key, "bounds", _("As many can be chosen as there are options, and at least one."))
                return


def _of_conditions(question: Asked, before: Sequence[Asked], after: Sequence[Asked]) -> Iterable[Problem]:
    earlier = {one.key: one for one in before}
    yield from _of_condition(question.key, question.show_if, earlier)
    later = {one.key for one in after} | {END}
    for jump in question.jumps:
        yield from _of_condition(question.key, jump.when, earlier | {question.key: question})
        if jump.to not in later:
            yield Problem(question.key, "jump", _("A jump leads to a later question or to the end."))


def _of_condition(key: str, condition: Condition | None, known: dict[str, Asked]) -> Iterable[Problem]:
    for atom in condition.atoms if condition else ():
        if atom.question not in known:
            yield Problem(key, "later", _("A condition asks of a question that does not come before."))
        elif not fits(atom, known[atom.question]):
            yield Problem(key, "condition", _("A condition asks what this question cannot answer."))


def fits(atom: Atom, question: Asked) -> bool:
    """Tell whether an atom can be asked of a question."""
    if atom.op in (ANSWERED, UNANSWERED):
        return True
    if atom.op in (IS, IS_NOT):
        return question.kind in CHOSEN and atom.value in question.choosable
    return atom.op in (AT_LEAST, AT_MOST) and question.kind in MEASURED and number_of(atom.value) is not None


def reachable(questions: Sequence[Asked]) -> set[str]:
    """Return the keys of the questions that some answers lead to; all of them where there are too many ways."""
    try:
        return _reachable(questions)
    except TooManyWays:
        return {one.key for one in questions}


def _reachable(questions: Sequence[Asked]) -> set[str]:
    places = {one.key: place for place, one in enumerate(questions)} | {END: len(questions)}
    asked = _asked_later(questions)
    ways: list[set[tuple]] = [set() for _place in range(len(questions) + 1)]
    ways[0].add(())
    reached = set()
    for place, question in enumerate(questions):
        if len(ways[place]) > MOST_WAYS:
            raise TooManyWays
        classes = _classes(question, asked[question.key])
        for way in ways[place]:
            # what nothing asks any more is forgotten: ways that differ in nothing else are one
            taken = {key: given for key, given in way if any(at >= place for at, _atom in asked[key])}
            if not satisfied(question.show_if, taken):
                ways[place + 1].add(tuple(sorted(taken.items(), key=_by_key)))
                continue
            reached.add(question.key)
            for given in classes:
                after = taken | ({} if given is None else {question.key: given})
                target = target_of(question, after)
                ways[place + 1 if target is None else places[target]].add(tuple(sorted(after.items(), key=_by_key)))
    return reached


def _by_key(item):
    return item[0]


def _asked_later(questions: Sequence[Asked]) -> dict[str, set[tuple[int, Atom]]]:
    """Return, by question, which atoms ask of it, and at which place."""
    found = defaultdict(set)
    for place, question in enumerate(questions):
        for condition in (question.show_if, *(jump.when for jump in question.jumps)):
            for atom in condition.atoms if condition else ():
                found[atom.question].add((place, atom))
    return found


def _classes(question: Asked, asked: set[tuple[int, Atom]]) -> list[Given | None]:
    """Return one possible answer for each way in which the atoms can come out together."""
    atoms = sorted({atom for _place, atom in asked}, key=lambda atom: (atom.op, atom.value))
    by_outcome = {}
    for given in _samples(question, atoms):
        answers = {} if given is None else {question.key: given}
        by_outcome.setdefault(tuple(holds(atom, answers) for atom in atoms), given)
    return list(by_outcome.values())


def _samples(question: Asked, atoms: Sequence[Atom]) -> Iterable[Given | None]:
    if not question.required:
        yield None
    if question.kind in CHOSEN:
        yield from _choices(question, {atom.value for atom in atoms if atom.op in (IS, IS_NOT)})
    elif question.kind in SCALES:
        first, last = SCALES[question.kind]
        yield from (Given(number=Decimal(value)) for value in range(first, last + 1))
    elif question.kind == NUMBER:
        yield from (Given(number=value) for value in _numbers(question, atoms))
    else:
        yield Given(text="*")


def _choices(question: Asked, named: set[str]) -> Iterable[Given]:
    some = [option for option in question.choosable if option in named]
    rest = [option for option in question.choosable if option not in named]
    if question.kind == SINGLE:
        yield from (Given(choices=(option,)) for option in [*some, *rest[:1]])
        return
    if len(some) > 12:
        raise TooManyWays
    least = max(1, int(question.least or 1))
    most = int(question.most or len(question.choosable))
    for size in range(len(some) + 1):
        for chosen in combinations(some, size):
            filled = (*chosen, *rest[: max(0, least - size)])
            if least <= len(filled) <= most:
                yield Given(choices=filled)


def _numbers(question: Asked, atoms: Sequence[Atom]) -> Iterable[Decimal]:
    bounds = [Decimal(atom.value) for atom in atoms if atom.op in (AT_LEAST, AT_MOST)]
    near = {bound + step for bound in bounds for step in (-SMALLEST, Decimal(0), SMALLEST)}
    near |= {bound for bound in (question.least, question.most) if bound is not None}
    for value in sorted(near or {Decimal(0)}):
        below = question.least is not None and value < question.least
        if not below and (question.most is None or value <= question.most):
            yield value
