"""Compiling the catalogue on the way up."""

import os

import pytest
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation.reloader import translation_file_changed

from governance.config.catalogues import compile_catalogue

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "only in this test"\nmsgstr "{}"\n'


@pytest.fixture
def source(tmp_path, settings):
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    settings.LOCALE_PATHS = [tmp_path]
    translation_file_changed(None, path.with_suffix(".mo"))
    yield path
    settings.LOCALE_PATHS = []
    translation_file_changed(None, path.with_suffix(".mo"))


def said() -> str:
    with translation.override("zh-hans"):
        return gettext("only in this test")


def test_a_process_that_compiles_the_catalogue_speaks_it_at_once(source):
    # given a fresh copy of the product, in which somebody has asked for a text already
    source.write_text(PO.format("仅在此测试"))
    assert said() == "only in this test"
    # when the catalogue is compiled, then the text is there: what is stored on the first start is not English
    compile_catalogue(source)
    assert said() == "仅在此测试"
    # nor is it old after an update
    source.write_text(PO.format("新的说法"))
    os.utime(source, (source.stat().st_atime, source.stat().st_mtime + 5))
    compile_catalogue(source)
    assert said() == "新的说法"
