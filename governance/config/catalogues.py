"""Translations without system tools: compiling catalogues, and finding every text that needs one.

Bare machines have no gettext programs, so the catalogue is compiled with polib on the way up, and the test that finds
missing entries reads the sources itself.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "governance" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGES = ("governance", "cases", "devices", "mediation", "partners", "property")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_TEXT = r"""(?:u?'((?:[^'\\]|\\.)*)'|u?"((?:[^"\\]|\\.)*)")"""
_TEMPLATE_CALL = re.compile(rf"(?:\b(?:gettext|_)\(|\bngettext\()\s*{_TEXT}", re.DOTALL)


def compile_catalogue(source: Path = CATALOGUE) -> Path:
    """Write the .mo beside a .po when it is missing or older, in one move; returns its path."""
    target = source.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
    return target


def texts_in_sources() -> dict[str, set[str]]:
    """Return every translatable text of our packages with the files it stands in."""
    found = defaultdict(set)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                for text in _texts_of_python(path):
                    found[text].add(str(path.relative_to(ROOT)))
        for suffix in ("html", "txt"):
            for path in sorted((ROOT / package).rglob(f"templates/**/*.{suffix}")):
                for text in _texts_of_template(path):
                    found[text].add(str(path.relative_to(ROOT)))
    return dict(found)


def _texts_of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", None))
        if name in CALLS:
            for argument in node.args[: 2 if name.startswith("ngettext") else 1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _texts_of_template(path: Path) -> Iterator[str]:
    for match in _TEMPLATE_CALL.finditer(templatize(path.read_text())):
        text = match.group(1) if match.group(1) is not None else match.group(2)
        yield ast.literal_eval(f'"""{text}"""') if "\\" in text else text
