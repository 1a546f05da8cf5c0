"""Good and bad input to every type of question; pure."""

from datetime import date
from decimal import Decimal

import pytest

from governance.errors import Invalid
from partners.surveys.answers import judge, judged
from partners.surveys.branching import Asked, Atom, Condition, Given, Jump

OPTIONS = ("a", "b", "c")
SINGLE = Asked("q", "single", OPTIONS, other=True)
MULTIPLE = Asked("q", "multiple", OPTIONS, least=Decimal(2), most=Decimal(2))
NUMBER = Asked("q", "number", least=Decimal(0), most=Decimal("10.5"))
MATRIX = Asked("q", "matrix", OPTIONS, rows=("r1", "r2"))
KINDS = {
    "single": SINGLE, "multiple": MULTIPLE, "scale5": Asked("q", "scale5"), "scale10": Asked("q", "scale10"),
    "number": NUMBER, "short": Asked("q", "short"), "long": Asked("q", "long"), "date": Asked("q", "date"),
    "ranking": Asked("q", "ranking", OPTIONS), "matrix": MATRIX,
}  # fmt: skip
GOOD = [
    ("single", {"choices": ["a"]}, Given(choices=("a",))),
    ("single", {"choices": "a", "other": "不算"}, Given(choices=("a",))),
    ("single", {"choices": ["other"], "other": " 别的 "}, Given(choices=("other",), text="别的")),
    ("multiple", {"choices": ["c", "a"]}, Given(choices=("a", "c"))),
    ("scale5", {"number": 5}, Given(number=Decimal(5))),
    ("scale5", {"number": "1"}, Given(number=Decimal(1))),
    ("scale10", {"number": 0}, Given(number=Decimal(0))),
    ("number", {"number": "10.5"}, Given(number=Decimal("10.5"))),
    ("number", {"number": 0.25}, Given(number=Decimal("0.25"))),
    ("short", {"text": " 好 "}, Given(text="好")),
    ("long", {"text": "很\n好"}, Given(text="很\n好")),
    ("date", {"date": "2026-01-31"}, Given(day=date(2026, 1, 31))),
    ("ranking", {"choices": ["c", "a", "b"]}, Given(choices=("c", "a", "b"))),
    ("matrix", {"cells": {"r2": "b", "r1": ""}}, Given(cells=(("r2", "b"),))),
]
NOTHING = [
    ("single", {}), ("single", {"choices": []}), ("multiple", {"choices": [""]}), ("scale5", {"number": ""}),
    ("number", {"number": None}), ("short", {"text": "  "}), ("date", {"date": ""}), ("ranking", {"choices": []}),
    ("matrix", {"cells": {}}), ("single", None),
]  # fmt: skip
HUGE = "9" * 4000
BAD = {
    "single": [{"choices": ["z"]}, {"choices": ["a", "b"]}, {"choices": ["a", "a"]}, {"choices": [1]},
               {"choices": {"a": 1}}, {"choices": [["a"]]}, {"choices": ["other"]},
               {"choices": ["other"], "other": "长" * 101}, {"choices": ["other"], "other": "\0"},
               {"choices": ["other"], "other": 5}, {"choices": 7}],
    "multiple": [{"choices": ["a"]}, {"choices": ["a", "b", "c"]}, {"choices": ["a", "z"]}, {"choices": [None, True]}],
    "scale5": [{"number": 0}, {"number": 6}, {"number": "2.5"}, {"number": True}, {"number": "NaN"}, {"number": [3]},
               {"number": float("inf")}, {"number": HUGE}],
    "scale10": [{"number": 11}, {"number": -1}, {"number": "x"}],
    "number": [{"number": "10.6"}, {"number": "-0.1"}, {"number": "1e3"}, {"number": HUGE}, {"number": "1.2345"},
               {"number": "٣"}, {"number": {}}, {"number": float("nan")}, {"number": int(HUGE)}],
    "short": [{"text": "长" * 201}, {"text": "a\0b"}, {"text": 5}, {"text": ["a"]}],
    "long": [{"text": "长" * 2001}, {"text": {}}],
    "date": [{"date": "31.1.2026"}, {"date": "2026-02-30"}, {"date": "1899-12-31"}, {"date": "9999-12-31"},
             {"date": 20260131}, {"date": "2026-01-31T10:00"}],
    "ranking": [{"choices": ["a"]}, {"choices": ["a", "b", "b"]}, {"choices": ["a", "b", "z"]}],
    "matrix": [{"cells": {"r9": "a"}}, {"cells": {"r1": "z"}}, {"cells": {"r1": ["a"]}}, {"cells": {"r1": 1}},
               {"cells": [["r1", "a"]]}],
}  # fmt: skip


def test_every_kind_takes_what_fits_it():
    for kind, raw, wanted in GOOD:
        assert judge(KINDS[kind], raw) == wanted, (kind, raw)
    for kind, raw in NOTHING:
        assert judge(KINDS[kind], raw) is None, (kind, raw)
    assert set(KINDS) == set(BAD)


@pytest.mark.parametrize("kind", BAD)
def test_every_kind_refuses_what_does_not_fit_it(kind):
    misshapen = [5, "a", [], {"nothing": 1}, True]
    for raw in [*BAD[kind], *misshapen]:
        with pytest.raises(Invalid) as refused:
            judge(KINDS[kind], raw)
        assert refused.value.field == "q", raw
    needed = Asked(**vars(KINDS[kind]) | {"required": True})
    with pytest.raises(Invalid) as refused:
        judge(needed, {})
    assert refused.value.code == "required"


def test_a_table_that_must_be_answered_is_answered_in_each_row():
    needed = Asked(**vars(MATRIX) | {"required": True})
    with pytest.raises(Invalid):
        judge(needed, {"cells": {"r1": "a"}})
    assert judge(needed, {"cells": {"r1": "a", "r2": "c"}}).cells == (("r1", "a"), ("r2", "c"))


def test_what_is_not_on_the_way_is_left_out_by_whatever_door_and_not_even_judged():
    gone = Condition("all", (Atom("q1", "is", "a"),))
    questions = [
        Asked("q1", "single", OPTIONS, jumps=(Jump("q3", gone),)), Asked("q2", "number", required=True),
        Asked("q3", "short", show_if=Condition("all", (Atom("q1", "is", "b"),)), required=True),
    ]  # fmt: skip
    found = judged(questions, {"q1": {"choices": ["a"]}, "q2": {"number": "x"}, "q3": {"text": 5}})
    assert (list(found.answers), found.wrong) == (["q1"], {})
    found = judged(questions, {"q1": {"choices": ["b"]}})
    assert set(found.wrong) == {"q2", "q3"}
    # a wrong answer counts as none for what follows: everything wrong is told at once
    found = judged(questions, {"q1": {"choices": ["z"]}})
    assert set(found.wrong) == {"q1", "q2"}
    with pytest.raises(Invalid) as refused:
        judged(questions, {"q9": {}})
    assert refused.value.code == "unknown_question"
