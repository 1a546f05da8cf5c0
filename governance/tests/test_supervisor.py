"""The supervisor, with real processes: what it refuses, keeps running, and leaves behind (nothing)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from governance.config import preflight
from governance.config.banner import text as banner_text
from governance.config.embedded import database_url
from governance.config.preflight import RefusedError
from governance.config.processes import LOG_LIMIT, Child, last_lines, rotate, started_at, wait_until
from governance.config.supervisor import commands, environment

pytestmark = pytest.mark.processes
BASE_DIR = Path(__file__).resolve().parents[2]

# A supervisor of the children named on its command line instead of the product's.
PROGRAM = """
import json, os, sys
from pathlib import Path
from governance.config.embedded import EmbeddedPostgres
from governance.config.supervisor import Supervisor, environment, supervise
plan = json.loads(sys.argv[1])

def make(env, pause):
    var = Path(env["JICENG_VAR"])
    database = EmbeddedPostgres(var / "pg", log=var / "log" / "postgres.log") if plan["database"] else None
    if database:
        env["DATABASE_URL"] = database.url()
    options = {"database": database, "prepare": plan["prepare"], "grace": plan["grace"]}
    return Supervisor(var, plan["children"], env=env, pause=pause, **options)

sys.exit(supervise(environment(os.environ), make))
"""
SLEEPER = ["sleep", "1000"]
# Says at the end whether the database was still there after it had been asked to stop.
FLUSHER = """
import os, signal, sys, time
import psycopg

def flush(*_):
    time.sleep(0.5)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE flushed AS SELECT 1 AS one")
    sys.exit(0)

signal.signal(signal.SIGTERM, flush)
print("ready", flush=True)
time.sleep(1000)
"""
# Leaves a process of its own behind when it is killed.
PARENT = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '1000']).pid, flush=True); time.sleep(1000)"


class Running:
    """A supervisor under test and what it runs."""

    def __init__(self, var: Path, children: dict[str, list[str]], **options):
        self.var = var
        plan = json.dumps({"children": children, "database": False, "prepare": [], "grace": 15} | options)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, plan],
            cwd=BASE_DIR,
            env=clean_environment(JICENG_VAR=str(var)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def children(self) -> dict[str, int]:
        """Return the process ids by name, waiting until all were started."""
        assert wait_until((self.var / "run.json").exists, 20), self.output()
        return {name: pid for name, (pid, _) in json.loads((self.var / "run.json").read_text()).items()}

    def postmaster(self) -> int | None:
        """Return the id of the database's first process; None while there is none, or its file is being written."""
        try:
            return int((self.var / "pg" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def said(self, name: str) -> list[str]:
        return last_lines(self.var / "log" / f"{name}.log", 100)

    def output(self) -> str:
        self.process.kill()
        return self.process.communicate()[0]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; return the exit code and all that was printed."""
        self.process.send_signal(number)
        output = self.process.communicate(timeout=30)[0]
        return self.process.returncode, output


def clean_environment(**values: str) -> dict[str, str]:
    """Return our environment without what the test run itself set, and with ``values``."""
    ours = (
        "PORT",
        "LIVE_PORT",
        "HOST",
        "DATABASE_URL",
        "JICENG_VAR",
        "SIMULATE",
        "PGOPTIONS",
        "DJANGO_SETTINGS_MODULE",
    )
    return {name: value for name, value in os.environ.items() if name not in ours} | values


@pytest.fixture
def run(tmp_path):
    """Start supervisors on one data folder; none of them outlives the test."""
    started = []

    def start(children, **options):
        started.append(Running(tmp_path / "var", children, **options))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.communicate()


def gone(*pids: int) -> bool:
    return all(started_at(pid) is None for pid in pids)


def run_product(**values: str) -> subprocess.CompletedProcess:
    """Run the product's supervisor, which is expected to refuse."""
    command = [sys.executable, "-m", "governance.config.supervisor"]
    env = clean_environment(**values)
    return subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=30, check=False)


def free_port() -> int:
    """Return a port such that it and the next one are free."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            try:
                two.bind(("127.0.0.1", one.getsockname()[1] + 1))
            except (OSError, OverflowError):
                continue
            return one.getsockname()[1]


def test_sigterm_stops_the_database_last_and_leaves_no_process(run):
    # given a child that still has something to write when it is asked to stop
    running = run({"flusher": [sys.executable, "-c", FLUSHER], "sleeper": SLEEPER}, database=True)
    children, postmaster = running.children(), None
    assert wait_until(lambda: "ready" in running.said("flusher"), 30)
    postmaster = running.postmaster()

    # when SIGTERM comes
    code, _ = running.stop()

    # then the exit is clean, nothing is left, and the write is in the database
    assert code == 0
    assert gone(postmaster, *children.values())
    again = run({"sleeper": SLEEPER}, database=True)
    again.children()
    with psycopg.connect(database_url(again.var)) as connection:
        assert connection.execute("SELECT one FROM flushed").fetchone() == (1,)
    again.stop()


def test_ctrl_c_in_a_terminal_is_an_orderly_stop(run):
    # given a child that needs a moment to stop
    running = run({"flusher": [sys.executable, "-c", FLUSHER]}, database=True)
    children = running.children()
    assert wait_until(lambda: "ready" in running.said("flusher"), 30)

    # when the whole foreground group gets SIGINT
    os.killpg(running.process.pid, signal.SIGINT)
    running.process.communicate(timeout=30)

    # then the child was not cut off
    assert running.process.returncode == 0
    assert "Traceback" not in "\n".join(running.said("flusher"))
    assert gone(*children.values())


def test_a_killed_child_is_started_again_and_its_own_children_are_ended(run):
    # given a child with a child of its own
    running = run({"parent": [sys.executable, "-c", PARENT]})
    first = running.children()["parent"]
    assert wait_until(lambda: len(running.said("parent")) == 1, 30)

    # when it is killed
    os.kill(first, signal.SIGKILL)

    # then a new one runs, and the orphan does not
    assert wait_until(lambda: len(running.said("parent")) == 2, 30)
    assert running.children()["parent"] != first
    assert gone(int(running.said("parent")[0]))
    code, output = running.stop()
    assert code == 0
    assert "parent was ended by SIGKILL; started again in 0.5 s" in output
    assert gone(*map(int, running.said("parent")))


def test_a_child_that_crashes_is_reported_with_its_last_words(run):
    running = run({"broken": ["sh", "-c", "echo 'no such table' >&2; exit 3"]})
    assert wait_until(lambda: len(running.said("broken")) >= 2, 30)
    _, output = running.stop()
    assert "broken stopped with exit code 3; started again in 0.5 s" in output
    assert "broken | no such table" in output


def test_kill_9_of_the_database_is_repaired(run):
    # given a committed row
    running = run({"sleeper": SLEEPER}, database=True)
    running.children()
    with psycopg.connect(database_url(running.var)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    killed = running.postmaster()

    # when the postmaster is killed
    os.kill(killed, signal.SIGKILL)

    # then another takes over with the row
    assert wait_until(lambda: running.postmaster() not in (killed, None), 30)
    assert wait_until(lambda: "ready" in (running.var / "pg" / "postmaster.pid").read_text(), 30)
    with psycopg.connect(database_url(running.var)) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    assert running.stop()[0] == 0


def test_kill_9_of_the_supervisor_ends_everything_and_the_next_start_recovers(run):
    # given a committed row
    running = run({"parent": [sys.executable, "-c", PARENT], "sleeper": SLEEPER}, database=True)
    pids = [*running.children().values(), running.postmaster()]
    with psycopg.connect(database_url(running.var)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    # when the supervisor is killed and started again at once
    running.process.kill()
    running.process.wait()
    began = time.monotonic()
    again = run({"second": SLEEPER}, database=True)
    assert wait_until(lambda: "second" in again.children(), 20)
    took = time.monotonic() - began

    # then of the first run nothing is left and the row is there
    assert wait_until(lambda: gone(*pids), 30)
    assert took < 10
    with psycopg.connect(database_url(again.var)) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    assert again.stop()[0] == 0


def test_a_second_supervisor_on_the_same_data_is_refused(run):
    first = run({"sleeper": SLEEPER})
    first.children()
    second = run({"sleeper": SLEEPER})
    output = second.process.communicate(timeout=20)[0]
    assert second.process.returncode == 1
    assert output == f"jiceng: Jiceng already runs on {first.var} (process {first.process.pid})\n"
    assert first.stop()[0] == 0


def test_a_failing_preparation_is_one_line_and_starts_nothing(run):
    running = run({"sleeper": SLEEPER}, prepare=["sh", "-c", "echo prepared; echo 'fixture 03 is broken' >&2; exit 1"])
    output = running.process.communicate(timeout=20)[0]
    assert running.process.returncode == 1
    assert "prepared\n" in output
    assert "jiceng: the database could not be prepared: fixture 03 is broken; see" in output
    assert not (running.var / "log" / "sleeper.log").exists()


def test_a_child_that_ignores_sigterm_is_killed_with_its_group(run):
    # given a child that does not want to stop
    running = run({"deaf": ["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000"]}, grace=1)
    assert wait_until(lambda: len(running.said("deaf")) == 1, 30)
    pids = [*running.children().values(), int(running.said("deaf")[0])]

    # when the supervisor stops, then it is killed after the grace
    code, output = running.stop()
    assert code == 0
    assert "deaf did not stop within 1 s and is killed" in output
    assert gone(*pids)


@pytest.mark.parametrize("which", ["PORT", "LIVE_PORT"])
def test_a_taken_port_is_one_line(tmp_path, which):
    # given something that listens
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port, free = taken.getsockname()[1], free_port()
        ports = {"PORT": str(free), "LIVE_PORT": str(free + 1), which: str(port)}

        # when Jiceng wants that port
        done = run_product(JICENG_VAR=str(tmp_path / "var"), **ports)

    # then it says so and starts nothing
    assert done.returncode == 1
    assert done.stderr == (f"jiceng: 端口 {port} 已被占用 · port {port} on 127.0.0.1 is taken; set another {which}=\n")
    assert not (tmp_path / "var" / "pg").exists()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:s3cr%40t@127.0.0.1:1/jiceng",
        "postgresql://someone@127.0.0.1:1/jiceng?password=s3cr%40t",
        "postgresql://someone:s3cr@t@@127.0.0.1:1/s3cr@t?s3cr@t",
        "mysql://someone:s3cr@t@127.0.0.1/jiceng",
        "postgresql://someone:s3cr@t@[::1/jiceng",
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line_without_the_password(tmp_path, url):
    done = run_product(JICENG_VAR=str(tmp_path / "var"), PORT=str(free_port()), DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("jiceng: DATABASE_URL ")
    assert done.stderr.count("\n") == 1
    assert "s3cr" not in done.stderr + done.stdout


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1"])
def test_an_impossible_port_is_one_line(tmp_path, port):
    done = run_product(JICENG_VAR=str(tmp_path / "var"), PORT=port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"jiceng: PORT must be a number from 1 to 65535, not '{port}'\n"


def test_a_full_disk_is_refused(tmp_path):
    with pytest.raises(RefusedError, match=r"the disk is full: \d+ MB free at"):
        preflight.check_space(tmp_path, least=2**62)


def test_the_simulator_belongs_to_the_demo_only():
    assert "simulator" in commands(environment({}))
    assert "simulator" not in commands(environment({"SIMULATE": "0"}))
    assert "simulator" not in commands(environment({"JICENG_PRODUCTION": "1"}))


def test_the_mqtt_bridge_runs_where_there_is_a_broker():
    assert commands(environment({"MQTT_URL": "mqtt://broker"}))["mqtt"][-1] == "mqtt"
    assert "mqtt" not in commands(environment({}))


def test_the_banner_shows_the_demo_accounts_but_never_in_production(tmp_path):
    # given a demo
    account = {"role": "dispatcher", "username": "zhao", "password": "pa55"}
    by_code = {"role": "counsellor", "username": "qiao", "password": "n0ne", "phone": "+99900000713"}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [account, by_code]}))
    env = environment({"JICENG_VAR": str(tmp_path), "PORT": "9000"})

    # then its accounts and both addresses are shown, in production no account
    assert "pa55" in banner_text(env)
    # and of who may not enter the admin the phone to which the code goes, not a password that nothing takes
    assert "+99900000713" in banner_text(env) and "n0ne" not in banner_text(env)
    assert "http://127.0.0.1:9000/admin/" in banner_text(env)
    assert "ws://127.0.0.1:9001/" in banner_text(env)
    assert "pa55" not in banner_text(env | {"JICENG_PRODUCTION": "1"})


def test_delays_grow_and_reports_end(tmp_path):
    # given a program that cannot be started
    said = []

    def start():
        raise FileNotFoundError("no such program")

    child = Child("broken", start, tmp_path / "log", said.append)

    # when it is tried again and again
    child.start()
    for _ in range(9):
        child._due = 0
        child.tend()

    # then the delay has a bound and the reports stop with a hint
    assert child._due - time.monotonic() == pytest.approx(Child.LONGEST_DELAY, abs=1)
    assert len(said) == Child.OFTEN
    assert said[-1].startswith("broken has failed 5 times in a row and is tried on; see ")


def test_a_long_log_is_set_aside(tmp_path):
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    rotate(log)
    assert not log.exists()
    assert (tmp_path / "web.log.1").stat().st_size == LOG_LIMIT + 1
