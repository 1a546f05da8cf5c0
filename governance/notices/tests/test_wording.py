"""Templates: only declared variables and three filters; nothing can be called, loaded or reached into."""

import pytest
from django.core.exceptions import ValidationError

from governance.models import NoticeTemplate
from governance.notices import wording

CASE = "cases.case"


@pytest.mark.parametrize(
    "text",
    [
        "案件 {{ number }}",
        '{{ category|default:"未分类" }} {{ area|truncatechars:5 }}',
        "{{ number|default:state }}",
        "{# 说明 #}{{ url }}",
        "没有变量",
    ],
)
def test_a_template_may_use_what_was_declared(text):
    wording.check(text, CASE)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ reporter }}", "reporter"),
        ("{{ number.upper }}", "number.upper"),
        ("{{ number|default:phone }}", "phone"),
        ("{{ description }}", "description"),
    ],
)
def test_another_variable_is_an_error_that_names_it(text, named):
    with pytest.raises(ValidationError) as caught:
        wording.check(text, CASE)
    assert caught.value.code == "unknown_variable" and named in caught.value.messages[0]


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'admin/base.html' %}", "{% load static %}", "{% debug %}", "{% extends 'x' %}", "{% if number %}x",
        "{% for a in number %}{% endfor %}", "{{ number|safe }}", "{{ number|pprint }}", "{{ }}",
        "{{ number.__class__ }}",
        "{{ _private }}", "{% now 'Y' %}", "{{ number|date:'Y' }}", "{% url 'admin:index' %}",
    ],
)  # fmt: skip
def test_tags_and_other_filters_are_refused(text):
    with pytest.raises(ValidationError):
        wording.check(text, CASE)


def test_an_unknown_context_is_refused():
    with pytest.raises(ValidationError):
        wording.check("x", "cases.nothing")


def test_text_is_plain_and_no_longer_than_allowed():
    values = {"number": "<b>&C1\x00\x1b", "area": "长" * 50}
    assert wording.rendered("{{ number }}", values, longest=50) == "<b>&C1"
    assert wording.rendered("{{ area }}", values, longest=10) == "长" * 9 + "…"
    assert wording.rendered("[{{ url }}]", values, longest=50) == "[]"


@pytest.mark.django_db
def test_everything_shipped_is_whole(shipped):
    """Each shipped template passes its own check, each shipped rule its own, and both languages are there."""
    from_fixture = NoticeTemplate.objects.all()
    keys = {(row.key, row.language) for row in from_fixture}
    assert {key for key, _language in keys} == {key for key, language in keys if language == "en"}
    assert {key for key, _language in keys} == {key for key, language in keys if language == "zh-hans"}
    for row in from_fixture:
        for text in (row.title, row.body):
            wording.check(text, row.context)
            assert "‹" in wording.preview(row.title + row.body, row.context) or "{{" not in row.title + row.body
