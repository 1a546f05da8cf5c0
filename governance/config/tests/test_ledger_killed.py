"""Clients killed, and the database stopped at once, in mid-load: what was acknowledged is there, and nothing twice."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from governance.config.embedded import EmbeddedPostgres

pytestmark = pytest.mark.processes
PROGRAM = "governance.config.tests.spending"
CLIENTS, SPENT_BEFORE, WITHIN = 4, 150, 120


class Ledger:
    """A durable database of its own, and programs that use it."""

    def __init__(self, folder):
        self.server = EmbeddedPostgres(folder / "pg")
        self.server.start()
        self.env = os.environ | {"DATABASE_URL": self.server.url(), "JICENG_VAR": str(folder)}
        self.env.pop("PGOPTIONS", None)

    def run(self, *arguments: str, told: str = "") -> str:
        done = subprocess.run([sys.executable, *arguments], cwd=settings.BASE_DIR, env=self.env, input=told, text=True,
                              capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def begin(self, name: str, path) -> subprocess.Popen:
        with path.open("w") as file:
            return subprocess.Popen(
                [sys.executable, "-m", PROGRAM, "spend", name], stdout=file, cwd=settings.BASE_DIR, env=self.env,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def stop_at_once(self) -> None:
        """End the database as if the power went: no checkpoint, every connection cut."""
        self.server.process.send_signal(signal.SIGQUIT)
        self.server.process.wait(60)

    def restart(self) -> None:
        self.server = EmbeddedPostgres(self.server.data)
        self.server.start()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    made = Ledger(tmp_path_factory.mktemp("killed"))
    try:
        made.run("manage.py", "migrate", "--verbosity=0")
        made.run("-m", PROGRAM, "furnish")
        yield made
    finally:
        made.server.stop()


def acknowledged(paths) -> dict[str, str]:
    """Return key → transfer of every whole line."""
    rows = [line for path in paths for line in path.read_text().split("\n")[:-1] if line != "ready"]
    return dict(line.split() for line in rows)


def begun(ledger, paths) -> list[subprocess.Popen]:
    """Start the clients, and wait until they have spent for a while."""
    running = [ledger.begin(path.stem, path) for path in paths]
    until = time.monotonic() + WITHIN
    while len(acknowledged(paths)) < SPENT_BEFORE:
        assert time.monotonic() < until and all(one.poll() is None for one in running)
        time.sleep(0.05)
    return running


def replayed(ledger, paths, before: dict[str, str]) -> None:
    """Wish every key again, those of which nobody heard too: the answers are the same, and the books are right."""
    after = {}
    for path in paths:
        count = sum(key.startswith(f"{path.stem}:") for key in before)
        keys = "".join(f"{path.stem}:{number}\n" for number in range(count + 2))
        after |= dict(line.split() for line in ledger.run("-m", PROGRAM, "replay", told=keys).split("\n")[:-1])
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after)
    assert ledger.run("-m", PROGRAM, "check").strip() == ""


def test_clients_killed_in_mid_load_leave_whole_transfers_only(ledger, tmp_path):
    # given clients that spend
    paths = [tmp_path / f"killed{number}" for number in range(CLIENTS)]
    running = begun(ledger, paths)
    # when all are killed
    for one in running:
        one.kill()
        one.wait()
    # then what they heard of is there, and wishing all of it again changes nothing
    replayed(ledger, paths, acknowledged(paths))


def test_a_database_stopped_at_once_keeps_what_it_acknowledged(ledger, tmp_path):
    # given clients that spend
    paths = [tmp_path / f"stopped{number}" for number in range(CLIENTS)]
    running = begun(ledger, paths)
    # when the database is gone from one moment to the next
    ledger.stop_at_once()
    for one in running:
        assert one.wait(60) != 0
    # then after its recovery everything acknowledged is there, and wishing all of it again changes nothing
    ledger.restart()
    replayed(ledger, paths, acknowledged(paths))
