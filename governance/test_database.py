"""pytest plugin: a real PostgreSQL for the tests, started before Django reads its settings.

With DATABASE_URL set, that server is used (its role must be allowed to create databases). Otherwise an embedded one is
started in a temporary folder, without fsync, and stopped at the end. pytest-xdist workers inherit the address, and copy
the one database that is built by migrations while they start (``governance.test_template``).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from governance import test_template
from governance.config.catalogues import compile_catalogue
from governance.config.embedded import EmbeddedPostgres


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="jiceng-test-"))
    (folder / "static").mkdir()
    os.environ["JICENG_VAR"] = str(folder)
    os.environ["JICENG_SECRET_KEY"] = "only for tests " * 4
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedPostgres(folder / "pg", durable=False)
        server.start()
        os.environ["DATABASE_URL"] = server.url()

    def clean_up():
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean_up)


if "PYTEST_XDIST_WORKER" not in os.environ:
    compile_catalogue()
    _start()
# Lets the tests empty the append-only event table between tests; see governance/migrations/0002_triggers.py.
os.environ["PGOPTIONS"] = "-c jiceng.test_database=yes"
# Tests fork processes and drop databases; a pool would carry connections over.
os.environ["DATABASE_POOL"] = "0"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    """Begin with the database that the workers will copy, where there are workers."""
    config = session.config
    is_controller = not hasattr(config, "workerinput") and config.getoption("tx", None)
    if is_controller and not config.getoption("collectonly") and not config.getoption("reuse_db"):
        test_template.begin()


def pytest_unconfigure(config):
    test_template.drop()
