"""Starts Jiceng and keeps it running: the database first, the rest, and the database last when it stops.

``make run`` runs ``python -m governance.config.supervisor``. Environment: see ``governance.config.settings``, and
``HOST`` (address to listen on, default 127.0.0.1), ``SIMULATE=0`` (no demo devices), ``MQTT_URL`` (with MQTT bridge).
Exit code: 0 after SIGINT, SIGTERM or SIGHUP; 1 with one line on stderr when it cannot start.
"""

import argparse
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from governance.config import banner, preflight
from governance.config.embedded import EmbeddedError, EmbeddedPostgres
from governance.config.preflight import RefusedError
from governance.config.processes import (
    LOG_LIMIT,
    Child,
    kill_group,
    last_lines,
    rotate,
    spawn,
    tie_to_parent,
    wait_until,
)

BASE_DIR = Path(__file__).resolve().parents[2]
TICK = 0.2  # seconds between two looks at the children
RECOVERY = 300.0  # seconds the database may take to come up, longest after a crash under load
GRACE = 15.0  # seconds the children have to stop
LOOK_AT_LOGS = 60.0  # seconds between two looks at the size of the logs
LONGEST_HOLD = 30.0  # seconds after which worker and timers start although no server answers yet
SLOW_START = 60.0  # seconds after which a silent web server is mentioned


class StoppedError(Exception):
    """A signal asked us to stop; raised only where waiting is safe to give up."""


class StopSignals:
    """Remembers that SIGINT, SIGTERM or SIGHUP came; under nohup SIGHUP stays ignored."""

    def __init__(self):
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def pause(self, seconds: float) -> None:
        """Sleep; raise StoppedError when a signal came."""
        if not self.came:
            time.sleep(seconds)
        if self.came:
            raise StoppedError

    def _note(self, number: int, frame: object) -> None:
        self.came = True


class Supervisor:
    """Runs ``prepare`` once, then every command of ``children``, until a signal.

    ``children`` maps a name to its command line. ``database`` is started before and stopped after them; None: an
    external one. ``prepare`` is a command that must succeed first. ``ports`` are held for the servers.
    ``answering`` maps a name to (host, port) that must answer HTTP before ``on_ready`` is called. ``env`` is the
    environment of all. ``pause`` sleeps and raises StoppedError once a signal came. ``grace`` is the seconds that
    children have to stop.
    """

    def __init__(
        self,
        var: Path,
        children: Mapping[str, Sequence[str]],
        *,
        env: Mapping[str, str],
        pause: Callable[[float], None],
        database: EmbeddedPostgres | None = None,
        prepare: Sequence[str] = (),
        ports: Sequence[socket.socket] = (),
        answering: Mapping[str, tuple[str, int]] | None = None,
        on_ready: Callable[[], None] = lambda: None,
        grace: float = GRACE,
    ):
        self.var, self.env, self.pause, self.database, self.prepare = var, dict(env), pause, database, prepare
        self.ports = ports  # open as long as this runs
        self.waiting = dict(answering or {})
        self.on_ready, self.grace = on_ready, grace
        self.began = time.monotonic()
        self.children = [self._child(name, argv) for name, argv in children.items()]
        # Servers first: on few cores the others would only delay the moment people can work.
        self.held = [child for child in self.children if self.waiting and child.name not in self.waiting]
        self.database_child: Child | None = None
        if database:
            database.pause = pause

    def run(self) -> int:
        """Start everything, keep it running, stop it in order; return the exit code."""
        try:
            self.pause(0)
            self._start_database()
            self._run_prepare()
            self.began = time.monotonic()  # what is waited for is the servers, not the first filling of the database
            for child in self.children:
                if child not in self.held:
                    child.start()
            self._remember()
            self._keep()
        except StoppedError:
            say("stopping")
            return 0
        finally:
            self._stop()

    def _child(self, name: str, argv: Sequence[str]) -> Child:
        log = self.var / "log" / f"{name}.log"

        def start() -> subprocess.Popen:
            rotate(log)
            return spawn(argv, log=log, env=self.env, cwd=BASE_DIR)

        return Child(name, start, log, say)

    def _start_database(self) -> None:
        if self.database is None:
            return

        def start() -> subprocess.Popen:
            self.database.start(wait=0)
            return self.database.process

        self.database.start(wait=RECOVERY)
        self.database_child = Child("database", start, self.database.log, say)
        self.database_child.adopt(self.database.process)

    def _run_prepare(self) -> None:
        if not self.prepare:
            return
        log = self.var / "log" / "prepare.log"
        rotate(log)
        start = log.stat().st_size if log.exists() else 0
        process = spawn(self.prepare, log=log, env=self.env, cwd=BASE_DIR, stdout=None)
        try:
            while process.poll() is None:
                self.pause(0.05)
        except StoppedError:
            process.terminate()
            wait_until(lambda: process.poll() is not None, self.grace)
            kill_group(process.pid)
            raise
        if process.returncode:
            reason = " ".join(last_lines(log, 1, start)) or f"exit code {process.returncode}"
            raise RefusedError(f"the database could not be prepared: {reason[:300]}; see {log}")

    def _keep(self) -> None:
        slow = looked_at_logs = 0.0
        while True:
            self.pause(TICK)
            if not self.waiting or time.monotonic() - self.began > LONGEST_HOLD:
                self.held = []  # a child that never ran is started by ``tend``
            everyone = [child for child in (self.database_child, *self.children) if child and child not in self.held]
            started = [child.tend() for child in everyone]
            if self.waiting and not slow and time.monotonic() - self.began > SLOW_START:
                slow = time.monotonic()
                say(f"{' and '.join(self.waiting)} not up after {SLOW_START:g} s; see {self.var / 'log'}")
            self._look_for_answers()
            try:
                if any(started):
                    self._remember()
                if time.monotonic() - looked_at_logs > LOOK_AT_LOGS:
                    looked_at_logs = time.monotonic()
                    for child in everyone:
                        _shorten(child.log)
            except OSError as error:  # a full disk is no reason to stop what runs
                say(f"cannot write {error.filename}: {error.strerror}")

    def _look_for_answers(self) -> None:
        if not self.waiting:
            return
        self.waiting = {name: place for name, place in self.waiting.items() if not _answers(*place)}
        if not self.waiting:
            self.on_ready()

    def _remember(self) -> None:
        preflight.remember(self.var, {child.name: child.process.pid for child in self.children if child.process})

    def _stop(self) -> None:
        """Stop all children, wait, kill what is left, and only then stop the database."""
        running = [child for child in self.children if child.process]
        for child in running:
            if child.ended() is None:
                child.process.terminate()
        if not wait_until(lambda: all(child.ended() is not None for child in running), self.grace):
            for child in running:
                if child.ended() is None:
                    say(f"{child.name} did not stop within {self.grace:g} s and is killed")
                    kill_group(child.process.pid)
                    child.process.wait()
        if self.database:
            self.database.pause = time.sleep
            self.database.stop()
        (self.var / preflight.FORMER_RUN).unlink(missing_ok=True)


def say(line: str) -> None:
    """Print a line for the person at the terminal; a terminal that is gone must not stop the service."""
    show(f"jiceng: {line}")


def show(text: str) -> None:
    """Print ``text`` as it is, also when there is no terminal any more."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (for the rest of the process)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False  # not yet
    finally:
        connection.close()


def _shorten(log: Path) -> None:
    """Set a log aside that outgrew its limit while it is written: the writer appends, so emptying it is safe."""
    if log.exists() and log.stat().st_size > 4 * LOG_LIMIT:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def commands(env: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the command line of every process of the product, by name."""
    granian = [sys.executable, "-m", "granian", "--host", env["HOST"], "--respawn-failed-workers"]
    granian += ["--workers-kill-timeout", "10"]  # below GRACE: granian ends its own workers
    web = ["--interface", "wsgi", "--port", env["PORT"], "--workers", "2", "--blocking-threads", "2", "--no-ws"]
    live = ["--interface", "asgi", "--port", env["LIVE_PORT"], "--workers", "1", "--ws"]
    manage = [sys.executable, str(BASE_DIR / "manage.py")]
    found = {
        "web": [*granian, *web, "governance.config.wsgi:application"],
        "live": [*granian, *live, "governance.config.asgi:application"],
        "worker": [*manage, "worker"],
        "timers": [*manage, "timers"],
    }
    if env.get("MQTT_URL"):
        found["mqtt"] = [*manage, "mqtt"]
    if env.get("SIMULATE") != "0" and env.get("JICENG_PRODUCTION") != "1":
        found["simulator"] = [*manage, "simulate"]
    return found


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return ``given`` with every value the processes share filled in. Raises RefusedError for an impossible port."""
    port = preflight.port_number("PORT", given.get("PORT") or "8000")
    live = preflight.port_number("LIVE_PORT", given.get("LIVE_PORT") or str(port + 1))
    if live == port:
        raise RefusedError(f"LIVE_PORT must differ from PORT, both are {port}")
    var = Path(given.get("JICENG_VAR") or BASE_DIR / "var").resolve()
    return {
        **given,
        "HOST": given.get("HOST") or "127.0.0.1",
        "PORT": str(port),
        "LIVE_PORT": str(live),
        "JICENG_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def reachable_host(host: str) -> str:
    """Return the address by which this machine reaches a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def product(env: dict[str, str], pause: Callable[[float], None]) -> Supervisor:
    """Return the supervisor of the product, with ports and database checked. Raises RefusedError, EmbeddedError."""
    var, host = Path(env["JICENG_VAR"]), env["HOST"]
    ports = {"web": ("PORT", int(env["PORT"])), "live": ("LIVE_PORT", int(env["LIVE_PORT"]))}
    taken = [preflight.take_port(host, port, variable) for variable, port in ports.values()]
    database = None
    if env.get("DATABASE_URL"):
        preflight.check_database(env["DATABASE_URL"])
    else:
        database = EmbeddedPostgres(var / "pg", log=var / "log" / "postgres.log")
        env["DATABASE_URL"] = database.url()
    return Supervisor(
        var,
        commands(env),
        env=env,
        pause=pause,
        database=database,
        prepare=[sys.executable, str(BASE_DIR / "manage.py"), "prepare"],
        ports=taken,
        answering={name: (reachable_host(host), port) for name, (_, port) in ports.items()},
        on_ready=lambda: show(banner.text(env)),
    )


def supervise(env: dict[str, str], make: Callable[..., Supervisor] = product) -> int:
    """Check, start and keep what ``make(env, pause)`` returns; return the exit code after one line for a refusal."""
    var, signals = Path(env["JICENG_VAR"]), StopSignals()
    try:
        preflight.open_var(var)
        with preflight.take_lock(var):
            preflight.end_former(var, say, signals.pause)
            preflight.check_space(var)
            return make(env, signals.pause).run()
    except StoppedError:
        return 0
    except (RefusedError, EmbeddedError) as error:
        print(f"jiceng: {error}", file=sys.stderr, flush=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"jiceng: the disk is full: {error.filename or var}", file=sys.stderr, flush=True)
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Jiceng until a signal; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m governance.config.supervisor", description="Run Jiceng.")
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when the starting process (make) dies")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")  # a console without Chinese characters is no reason to fail
    if options.stop_with_parent:
        tie_to_parent(signal.SIGTERM, os.getppid())
    try:
        preflight.check_platform()
        env = environment(os.environ)
    except RefusedError as error:
        print(f"jiceng: {error}", file=sys.stderr, flush=True)
        return 1
    return supervise(env)


if __name__ == "__main__":
    sys.exit(main())
