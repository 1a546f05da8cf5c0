"""What must be there before the first request: tables, reference data and, in a demo, the fictional city.

Fixtures are numbered in the order of loading: 00xx is what the product needs anywhere, the rest is the demo city.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import StageLimit
from governance.config import demo
from governance.config.catalogues import compile_catalogue
from governance.models import User
from governance.notices import planning

# Key of the database lock that lets one preparation run at a time: "jiceng" in ASCII.
LOCK = 0x6A6963656E67


def prepare(*, say: Callable[[str], None] = lambda line: None, share: float = 1.0) -> None:
    """Bring the database up to date; a second call finds everything done and changes nothing.

    ``say`` gets a line for each thing that takes time, ``share`` is the part of the demo history to write. What is
    loaded is loaded whole or not at all.
    """
    with _alone():
        compile_catalogue()
        if _pending_migrations():
            say("正在建立数据表 · creating tables")
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        User.objects.all_systems()
        if not StageLimit.objects.exists():
            load(reference_fixtures())
        if demo.wanted():
            demo.ensure(demo_fixtures(), load=load, say=say, share=share)
        planning.begin()


def reference_fixtures() -> list[Path]:
    """Return the files that every installation needs, in order."""
    return sorted((settings.BASE_DIR / "fixtures").glob("00[0-9][0-9]_*.json"))


def demo_fixtures() -> list[Path]:
    """Return the files of the fictional city, in order."""
    return sorted((settings.BASE_DIR / "fixtures").glob("0[1-9][0-9][0-9]_*.json"))


def load(files: list[Path]) -> None:
    """Load fixtures in one transaction."""
    call_command("loaddata", *map(str, files), verbosity=0)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process prepares the same database; a lock of a killed one ends with its session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    # Where all that a squashed migration replaces is done, nothing is pending, so ``migrate`` would never note it.
    executor.check_replacements()
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
