"""What a path of a mapping has wrong is told when it is saved, in words, before any message comes."""

import pytest

from cases.intake.mapping import read, rules_of
from cases.intake.paths import fault_of
from governance.errors import Invalid


@pytest.mark.parametrize("path", [
    "data.number", "数据.编号", "items[0].name", "join('：', [\"标题\", \"内容\"])", "not_null(\"甲\", \"乙\", '无')",
    "rows[?kind=='a'].name | [0]", "@.\"编号\"", "to_string(@)",
])  # fmt: skip
def test_a_good_path_has_no_fault(path):
    assert fault_of(path) == ""


@pytest.mark.parametrize(("path", "told"), [
    ("a.[", "第 4 个字符"), ("a b", "第 3 个字符"), ("'", "第 1 个字符"), ("a..b", "第 3 个字符"),
    ("concat(a, b)", "没有函数“concat”"), ("a[?concat(b, c)].d", "没有函数“concat”"), ("length(concat(a))", "concat"),
    ("join('x')", "需要 2 个参数，现为 1 个"),
    ("length(a, b)", "需要 1 个参数，现为 2 个"), ("not_null()", "现为 0 个"),
])  # fmt: skip
def test_a_fault_is_told_in_words_where_the_mapping_is_saved(path, told):
    with pytest.raises(Invalid) as refused:
        rules_of({"fields": {"description": {"path": path}}})
    assert refused.value.field == "mapping" and str(refused.value.detail).startswith("fields.description.path: ")
    assert told in str(refused.value.detail) and "xpression" not in str(refused.value.detail)


def test_a_function_that_gets_another_kind_of_value_is_told_by_the_columns_it_reads():
    rules = rules_of({"fields": {"description": {"path": 'join(\'：\', ["标题", "内容"])'}}})
    error = read(rules, {"标题": "漏水", "内容": None}).errors
    assert [(one["field"], one["code"]) for one in error] == [("description", "path")]
    assert "标题、内容" in error[0]["detail"]
