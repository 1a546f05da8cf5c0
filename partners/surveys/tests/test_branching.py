"""The way through a questionnaire, against an oracle that goes it differently; pure."""

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from partners.surveys.answers import judged
from partners.surveys.branching import END, Asked, Atom, Condition, Given, Jump, next_key, path
from partners.surveys.checking import problems, reachable

OPTIONS = ("a", "b", "c")
ONE = {"single": [Given(choices=(option,)) for option in OPTIONS],
       "scale5": [Given(number=Decimal(value)) for value in range(1, 6)],
       "multiple": [Given(choices=chosen) for chosen in (("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c"),
                                                         ("a", "b", "c"))]}  # fmt: skip


def atoms(keys: list[str]):
    """Any atom about one of the questions, also such as do not fit its kind."""
    value = st.sampled_from(["a", "b", "c", "1", "2", "3", "4", "5"])
    ops = st.sampled_from(["is", "is_not", "at_least", "at_most", "answered", "unanswered"])
    return st.builds(Atom, st.sampled_from(keys), ops, value)


def conditions(keys: list[str]):
    return st.builds(
        Condition, st.sampled_from(["all", "any"]), st.lists(atoms(keys), min_size=1, max_size=3).map(tuple)
    )


@st.composite
def questionnaires(draw, most=5):
    """Questions whose conditions look back and whose jumps lead forward."""
    count = draw(st.integers(1, most))
    keys = [f"q{number}" for number in range(count)]
    made = []
    for place, key in enumerate(keys):
        kind = draw(st.sampled_from(["single", "scale5", "multiple"]))
        show_if = draw(st.none() | conditions(keys[:place])) if place else None
        targets = st.sampled_from([*keys[place + 1 :], END])
        jumps = st.lists(st.builds(Jump, targets, st.none() | conditions(keys[: place + 1])), max_size=2)
        made.append(Asked(key, kind, OPTIONS if kind != "scale5" else (), required=draw(st.booleans()),
                          show_if=show_if, jumps=tuple(draw(jumps))))  # fmt: skip
    return made


def possible(question: Asked) -> list[Given | None]:
    return ONE[question.kind] + ([] if question.required else [None])


@st.composite
def answered(draw):
    """A questionnaire with an answer to each question, asked or not."""
    questions = draw(questionnaires())
    answers = {one.key: draw(st.sampled_from(possible(one))) for one in questions}
    return questions, {key: value for key, value in answers.items() if value is not None}


def true_of(atom: Atom, answers: dict) -> bool:
    """The oracle's own reading of an atom, from the answer's side."""
    answer = answers.get(atom.question)
    said = set(answer.choices) if answer else set()
    number = answer.number if answer else None
    return {
        "answered": answer is not None, "unanswered": answer is None, "is": atom.value in said,
        "is_not": answer is not None and atom.value not in said,
        "at_least": number is not None and atom.value.isdecimal() and number >= int(atom.value),
        "at_most": number is not None and atom.value.isdecimal() and number <= int(atom.value),
    }[atom.op]  # fmt: skip


def fulfilled(condition: Condition, answers: dict) -> bool:
    truths = [true_of(atom, answers) for atom in condition.atoms]
    return False not in truths if condition.match == "all" else True in truths


def oracle(questions: list[Asked], answers: dict, at: int = 0, taken: dict | None = None) -> list[str]:
    """The way from question ``at`` on, by recursion: the head, then the way from where it leads."""
    taken = taken or {}
    if at >= len(questions):
        return []
    head = questions[at]
    if head.show_if is not None and not fulfilled(head.show_if, taken):
        return oracle(questions, answers, at + 1, taken)
    if head.key in answers:
        taken = taken | {head.key: answers[head.key]}
    places = {one.key: place for place, one in enumerate(questions)} | {END: len(questions)}
    for jump in head.jumps:
        if jump.when is None or fulfilled(jump.when, taken):
            return [head.key, *oracle(questions, answers, places[jump.to], taken)]
    return [head.key, *oracle(questions, answers, at + 1, taken)]


@given(answered())
@settings(max_examples=120, deadline=None)
def test_the_way_is_that_of_the_oracle_and_goes_forward(case):
    questions, answers = case
    way = path(questions, answers)
    assert way == oracle(questions, answers)
    places = [[one.key for one in questions].index(key) for key in way]
    assert places == sorted(set(places))
    # asked one after the other it is the same way
    stepped, key = [], next_key(questions, answers, None)
    while key is not None:
        stepped.append(key)
        key = next_key(questions, answers, key)
    assert stepped == way


@given(answered())
@settings(max_examples=80, deadline=None)
def test_what_is_answered_off_the_way_changes_nothing(case):
    questions, answers = case
    way = path(questions, answers)
    kept = {key: value for key, value in answers.items() if key in way}
    assert path(questions, kept) == way
    # and judged as somebody would send it, exactly the answers on the way are kept
    raws = {key: _raw(value) for key, value in answers.items()}
    found = judged(questions, raws)
    assert found.answers == kept and not set(found.wrong) - set(way)


def _raw(value: Given) -> dict:
    return {"number": int(value.number)} if value.number is not None else {"choices": list(value.choices)}


@given(questionnaires(most=4))
@settings(max_examples=50, deadline=None)
def test_reachable_is_what_any_answers_at_all_lead_to(questions):
    everything = product(*(possible(one) for one in questions))
    found = set()
    for values in everything:
        answers = {one.key: value for one, value in zip(questions, values, strict=True) if value is not None}
        found |= set(oracle(questions, answers))
    assert reachable(questions) == found


def question(key: str, kind: str = "single", **more) -> Asked:
    return Asked(key, kind, () if kind == "scale5" else OPTIONS, **more)


def codes(*questions: Asked) -> list[tuple[str, str]]:
    return [(one.key, one.code) for one in problems(questions)]


def on(key: str, op: str, value: str = "", match: str = "all") -> Condition:
    return Condition(match, (Atom(key, op, value),))


def test_problems_name_the_question_and_what_is_wrong():
    first = question("q1")
    assert codes() == [("", "empty")]
    assert codes(first) == []
    assert codes(Asked("q1", "single", ("a",))) == [("q1", "options")]
    assert codes(Asked("q1", "matrix", OPTIONS)) == [("q1", "rows")]
    assert codes(question("q1", "multiple", least=Decimal(3), most=Decimal(2))) == [("q1", "bounds")]
    assert codes(question("q1", "multiple", most=Decimal(4))) == [("q1", "bounds")]
    assert codes(question("q1", "multiple", most=Decimal("1.5"))) == [("q1", "bounds")]
    assert codes(Asked("q1", "number", least=Decimal(3), most=Decimal(2))) == [("q1", "bounds")]
    # conditions on a later question, on itself, on what it cannot answer
    assert codes(question("q1", show_if=on("q2", "is", "a")), question("q2")) == [("q1", "later")]
    assert codes(question("q1", show_if=on("q1", "is", "a"))) == [("q1", "later")]
    assert codes(first, question("q2", show_if=on("q1", "is", "z"))) == [("q2", "condition")]
    assert codes(first, question("q2", show_if=on("q1", "at_least", "1"))) == [("q2", "condition")]
    assert codes(question("q1", "scale5"), question("q2", show_if=on("q1", "at_least", "x"))) == [("q2", "condition")]
    # jumps back, to itself, to nowhere
    for target in ("q1", "q2", "q9"):
        assert codes(first, question("q2", jumps=(Jump(target),))) == [("q2", "jump")]
    # nobody gets there
    assert codes(question("q1", jumps=(Jump("q3"),)), question("q2"), question("q3")) == [("q2", "unreachable")]
    never = Condition("all", (Atom("q1", "is", "a"), Atom("q1", "is", "b")))
    assert codes(first, question("q2", show_if=never)) == [("q2", "unreachable")]
    assert codes(question("q1", "multiple"), question("q2", show_if=never)) == []
    assert codes(question("q1", "multiple", most=Decimal(1)), question("q2", show_if=never)) == [("q2", "unreachable")]
    beyond = on("q1", "at_least", "10")
    assert codes(Asked("q1", "number", most=Decimal(9)), question("q2", show_if=beyond)) == [("q2", "unreachable")]


def test_where_there_are_too_many_ways_a_question_is_taken_to_be_reachable():
    many = [Asked(f"q{number}", "multiple", OPTIONS) for number in range(14)]
    everything = Condition("any", tuple(Atom(f"q{number}", "is", option) for number in range(14) for option in OPTIONS))
    assert reachable([*many, question("q99", show_if=everything)]) == {*(one.key for one in many), "q99"}
