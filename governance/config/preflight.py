"""What is checked before anything is started. Each refusal is one clear line."""

import errno
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg

from governance.config.processes import kill_group, started_at, wait_until

LEAST_FREE = 200 * 2**20  # bytes
FORMER_RUN = "run.json"  # in var: the processes of the last run, {"name": [process id, start in clock ticks]}


class RefusedError(RuntimeError):
    """Jiceng cannot be started here; the message is the one line that says why."""


def check_platform() -> None:
    """Refuse another system than Linux and a Python that is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the very check)
        raise RefusedError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    if sys.platform != "linux":
        raise RefusedError(f"Linux is needed (WSL will do), this is {sys.platform}")


def open_var(var: Path) -> None:
    """Create the data folder, or refuse one we cannot write to."""
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        (var / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise RefusedError(f"cannot write to the data folder {var}: {error.strerror}") from error
    if not os.access(var, os.W_OK | os.X_OK):
        raise RefusedError(f"cannot write to the data folder {var}: it belongs to user id {var.stat().st_uid}")


def take_lock(var: Path) -> IO[str]:
    """Return the open lock file; the lock goes with it, also by kill -9. Refuses when another supervisor has it."""
    path = var / "supervisor.lock"
    file = open(path, "a+")  # noqa: SIM115  (held as long as the process lives)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise RefusedError(f"Jiceng already runs on {var} (process {file.read().strip() or 'starting'})") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def check_space(var: Path, least: int = LEAST_FREE) -> None:
    """Refuse a file system with less than ``least`` bytes free."""
    free = shutil.disk_usage(var).free
    if free < least:
        raise RefusedError(f"the disk is full: {free // 2**20} MB free at {var}, {least // 2**20} MB needed")


def port_number(name: str, text: str) -> int:
    """Return the port in the environment variable ``name``; refuse what is none."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise RefusedError(f"{name} must be a number from 1 to 65535, not {text!r}")
    return int(text)


def take_port(host: str, port: int, variable: str) -> socket.socket:
    """Return a socket that keeps the address for the servers of this run: they may listen beside it, nobody else's.
    Refuses an address we cannot listen on.

    The servers share a port among their workers (SO_REUSEPORT), so that two copies would share one too, each answering
    some of the pages, where the second looks before the first one listens. Hence it is taken from the first look on.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise RefusedError(f"HOST {host!r} is no address of this machine: {error.strerror}") from error
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not hold the port
    try:
        taken.bind(address)
    except OSError as error:
        taken.close()
        raise RefusedError(_port_refused(host, port, variable, error)) from error
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)  # or another that does not listen could be bound too
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # bound alone first: from now on our servers may join
    return taken


def _port_refused(host: str, port: int, variable: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被占用 · port {port} on {host} is taken; set another {variable}="
    return f"port {port} on {host} cannot be used: {error.strerror.lower()}; set another {variable}="


def check_database(url: str) -> None:
    """Refuse a DATABASE_URL that is malformed or does not connect within 5 s. The password is never shown."""
    if url.partition("://")[0] not in {"postgres", "postgresql"}:
        raise RefusedError("DATABASE_URL must start with postgresql://")
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        message = " ".join(str(error).split())
        raise RefusedError(f"DATABASE_URL does not connect: {_without_password(message, url)[:300]}") from None
    except (psycopg.ProgrammingError, ValueError):
        # libpq quotes the part it did not understand, which may be the password.
        raise RefusedError("DATABASE_URL is not a valid PostgreSQL URL") from None


def _without_password(message: str, url: str) -> str:
    try:
        secrets = {urlsplit(url).password, psycopg.conninfo.conninfo_to_dict(url).get("password")}
    except (psycopg.ProgrammingError, ValueError):
        return "not a valid PostgreSQL URL"
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        message = message.replace(secret, "***")
    return message


def remember(var: Path, running: dict[str, int]) -> None:
    """Write down the ids of the processes that run, for the start after a kill -9."""
    fresh = var / f"{FORMER_RUN}.new"
    fresh.write_text(json.dumps({name: [pid, started_at(pid)] for name, pid in running.items()}))
    fresh.replace(var / FORMER_RUN)


def end_former(var: Path, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Wait for what a killed supervisor left to stop by itself; after 15 s kill it. Call with the lock held."""
    try:
        former = json.loads((var / FORMER_RUN).read_text())
    except FileNotFoundError:
        return
    except ValueError:
        (var / FORMER_RUN).unlink()  # half-written when the power went: nothing of that run is left
        return
    if _alive(former.values()):
        say("waiting for the processes of the last run to stop")
        for pid in _alive(former.values()):
            os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not _alive(former.values()), 15, pause):
            for pid in _alive(former.values()):
                kill_group(pid)
    (var / FORMER_RUN).unlink()


def _alive(processes: Iterable[tuple[int, int | None]]) -> list[int]:
    """Return the ids that still are the same process, not another that was given the id since."""
    return [pid for pid, began in processes if began is not None and started_at(pid) == began]
