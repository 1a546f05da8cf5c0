"""Translations without system tools: compiling catalogues, and finding every text that needs one.

Bare machines have no gettext programs, so the catalogue is compiled with polib on the way up, and the test that finds
missing entries reads the sources itself.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "governance" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGES = ("governance", "cases", "devices", "mediation", "partners", "property")
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
_STRING = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
_TEMPLATE_CALL = re.compile(rf"\b(?:gettext|_)\(\s*{_STRING}|\bngettext\(\s*{_STRING}\s*,\s*{_STRING}", re.DOTALL)


@dataclass
class Text:
    """A translatable text: its plural form, if it has one, and the files it stands in."""

    plural: str | None = None
    places: set[str] = field(default_factory=set)


def compile_catalogue(source: Path = CATALOGUE) -> Path:
    """Write the .mo beside a .po when it is missing or older, in one move; returns its path.

    This process forgets what it read before: the first start would otherwise write all its texts in English.
    """
    target = source.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        fresh.replace(target)
        translation_file_changed(None, target)
    return target


def texts_in_sources() -> dict[str, Text]:
    """Return every translatable text of our packages."""
    found: dict[str, Text] = defaultdict(Text)
    for path in _sources():
        read = _texts_of_python if path.suffix == ".py" else _texts_of_template
        for text, plural in read(path.read_text()):
            found[text].plural = found[text].plural or plural
            found[text].places.add(str(path.relative_to(ROOT)))
    return dict(found)


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        for pattern in ("**/*.py", "**/templates/**/*.html", "**/templates/**/*.txt"):
            for path in sorted((ROOT / package).glob(pattern)):
                if not {"tests", "migrations"} & set(path.parts):
                    yield path


def _texts_of_python(source: str) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", None))
        texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        if name in SINGLE and texts and isinstance(texts[0], str):
            yield texts[0], None
        elif name in PLURAL and len(texts) >= 2:
            yield texts[0], texts[1]


def _texts_of_template(source: str) -> Iterator[tuple[str, str | None]]:
    for single, singular, plural in _TEMPLATE_CALL.findall(templatize(source)):
        yield ast.literal_eval(single or singular), ast.literal_eval(plural) if plural else None
