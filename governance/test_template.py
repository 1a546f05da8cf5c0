"""The database that pytest-xdist workers copy: built once, by the migrations, while the workers start and collect.

Migrating takes several seconds, a copy a fraction of one. A process of its own builds it; the
last line it writes tells the workers, which wait for it, how it went.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from psycopg import sql

EXPECTED = "JICENG_TEST_TEMPLATE"  # the name of the database, told to the workers
LONGEST = 600  # seconds that a worker waits for it
READY, FAILED = "ready", "failed"
ROOT = Path(__file__).resolve().parents[1]
PROGRAM = f"""
import traceback
import django
from django.core.management import call_command
from django.db import connection
try:
    django.setup()
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    call_command("createcachetable", verbosity=0)
    connection.close()  # a database that somebody uses cannot be copied
except BaseException:
    traceback.print_exc()
    print("{FAILED}", flush=True)
else:
    print("{READY}", flush=True)
"""
_builder: subprocess.Popen | None = None


def begin() -> None:
    """Start building, before the workers are started."""
    global _builder
    os.environ[EXPECTED] = name = f"test_template_{os.getpid()}"
    _administer("CREATE DATABASE {}", name)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    with open(_log(), "wb") as log:
        _builder = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )


def _log() -> Path:
    return Path(os.environ["JICENG_VAR"]) / "template.log"


def _administer(statement: str, name: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL(statement).format(sql.Identifier(name)))


def use() -> None:
    """In a worker: wait for the database, and have this worker's made as a copy of it. Raises RuntimeError."""
    name = os.environ.get(EXPECTED)
    if name is None or "PYTEST_XDIST_WORKER" not in os.environ:
        return
    deadline = time.monotonic() + LONGEST
    while (said := _log().read_text().split()[-1:]) != [READY]:
        if said == [FAILED] or time.monotonic() > deadline:
            raise RuntimeError(f"the database of the tests could not be built:\n{_log().read_text()}")
        time.sleep(0.05)
    connection.settings_dict["TEST"] |= {"TEMPLATE": name, "MIGRATE": False}


def drop() -> None:
    """At the end: leave nothing on a server that stays."""
    global _builder
    if _builder is not None:
        _builder.wait()
        _administer("DROP DATABASE IF EXISTS {}", os.environ[EXPECTED])
        _builder = None
