"""What a command's parameters are refused for is said in Chinese, naming where."""

import pytest
from django.utils import translation

from devices.command_shapes import misfit

SECONDS = {"type": "integer", "minimum": 60, "maximum": 86400}
SCHEMA = {
    "type": "object", "required": ["seconds"], "additionalProperties": False,
    "properties": {"seconds": SECONDS, "mode": {"enum": ["day", "night"]}, "words": {"type": "array", "maxItems": 1,
                   "items": {"type": ["string", "null"], "minLength": 2}}, "code": {"pattern": "^a"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"seconds": 60}, ""),
        ({}, "缺少“seconds”"),
        ({"seconds": 59}, "seconds: 不得小于60"),
        ({"seconds": 86401}, "seconds: 不得大于86400"),
        ({"seconds": "60"}, "seconds: 应为整数"),
        ({"seconds": 60, "loud": 1}, "不认识“loud”"),
        ({"seconds": 60, "mode": "noon"}, "mode: 应为下列之一：day, night"),
        ({"seconds": 60, "words": ["a"]}, "words/0: 至少2个字符"),
        ({"seconds": 60, "words": [3]}, "words/0: 应为文本 / 空值"),
        ({"seconds": 60, "words": ["aa", "bb"]}, "words: 至多1项"),
        ({"seconds": 60, "code": "b"}, "code: 不符合规则“pattern”"),
    ],
)
def test_a_misfit_is_told_in_chinese(payload, told):
    with translation.override("zh-hans"):
        assert misfit(SCHEMA, payload) == told
