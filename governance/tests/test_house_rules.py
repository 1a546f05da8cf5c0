"""Rules of the house that a machine can check."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.core.management import call_command

from governance.config.catalogues import CATALOGUE, ROOT, texts_in_sources

# One way down: an app may point (foreign keys included) at itself and what stands to its right.
ORDER = ["property", "partners", "mediation", "devices", "cases", "governance"]
SOURCES = [
    path
    for package in ORDER
    for path in (ROOT / package).rglob("*.py")
    if not {"tests", "migrations"} & set(path.parts)
]


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run")


def test_production_settings_pass_the_deployment_check(tmp_path):
    environment = os.environ | {
        "JICENG_PRODUCTION": "1",
        "JICENG_SECRET_KEY": "check-" + "0123456789abcdefghij" * 4,
        "ALLOWED_HOSTS": "jiceng.example",
        "WEB_ORIGINS": "https://jiceng.example",
        "JICENG_VAR": str(tmp_path),
        "SMS_GATEWAY": "https://relay.example/sms",
        "SMS_GATEWAY_SECRET": "shared with the relay",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_one_way():
    wrong = []
    for model in apps.get_models():
        mine = model._meta.app_label
        if mine not in ORDER:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if target is None or field.auto_created or target._meta.app_label not in ORDER:
                continue
            if ORDER.index(target._meta.app_label) < ORDER.index(mine):
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert not wrong


def test_every_text_is_translated():
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}
    missing = {
        text: sorted(found.places)
        for text, found in texts_in_sources().items()
        if text.strip()
        and (
            text not in catalogue
            or not catalogue[text].translated()
            or (found.plural or "") != catalogue[text].msgid_plural
        )
    }
    fuzzy = [entry.msgid for entry in catalogue.values() if entry.fuzzy]
    assert not missing
    assert not fuzzy


def test_placeholders_survive_translation():
    named = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
    wrong = []
    for entry in polib.pofile(str(CATALOGUE)):
        translations = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
        if any(set(named.findall(entry.msgid)) != set(named.findall(text)) for text in translations):
            wrong.append(entry.msgid)
    assert not wrong


def _calls(path: Path):
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def test_nobody_writes_a_state_past_perform():
    """``queryset.update(state=...)`` and ``bulk_update`` of states would pass every check of ``perform``."""
    wrong = []
    for path in SOURCES:
        for call in _calls(path):
            name = getattr(call.func, "attr", "")
            if name in ("update", "update_or_create") and any(word.arg == "state" for word in call.keywords):
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not wrong


def test_doors_read_through_visible_to():
    """``objects.all()`` in a door is allowed only as the ``queryset`` that a base class scopes."""
    wrong = []
    for path in SOURCES:
        if not {"admin", "api", "pages"} & set(path.parts) and path.name not in ("admin.py", "api.py"):
            continue
        scoped = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "queryset":
                scoped |= {inner.lineno for inner in ast.walk(node.value) if isinstance(inner, ast.Call)}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "within_reach":
                scoped |= {inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Call)}
        for call in _calls(path):
            func = call.func
            of_objects = getattr(getattr(func, "value", None), "attr", "") == "objects"
            if getattr(func, "attr", "") == "all" and of_objects and call.lineno not in scoped:
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not wrong


def test_no_filter_takes_nonsense_for_absent():
    """``BooleanFilter`` of django-filter shows everything for ``?placed=maybe``; ``YesNoFilter`` refuses that."""
    wrong = []
    for path in SOURCES:
        for call in _calls(path):
            if getattr(call.func, "attr", getattr(call.func, "id", "")) == "BooleanFilter":
                wrong.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not wrong


def test_files_and_functions_stay_small():
    long_files = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in SOURCES
        if (count := len(path.read_text().splitlines())) > 400
    ]
    long_functions = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 40
    ]
    assert not long_files
    assert not long_functions


def test_the_kernel_does_not_know_its_configuration():
    """The other rules of import are import-linter's; it cannot say "governance but for governance.config"."""
    wrong = []
    for path in (ROOT / "governance").rglob("*.py"):
        if {"tests", "config"} & set(path.parts) or path.name == "test_database.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(f"{name}.".startswith("governance.config.") for name in named):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong


def test_no_project_imports_inside_functions():
    wrong = []
    for path in SOURCES:
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                module = getattr(node, "module", None) or "" if isinstance(node, ast.ImportFrom) else ""
                if module.split(".")[0] in ORDER:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong
