"""Child processes that cannot outlive their parent, and what is left of a former run.

Linux only: the parent's death reaches a child through ``prctl(PR_SET_PDEATHSIG)``, former processes are recognised
through ``/proc``. Call ``spawn`` from the main thread: the kernel sends the death signal when the thread that
started the child ends.
"""

import contextlib
import ctypes
import errno
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5 * 2**20  # bytes
_LIBC = ctypes.CDLL(None, use_errno=True)


def tie_to_parent(death_signal: int, parent: int) -> None:
    """Ask the kernel to send this process ``death_signal`` when its parent, process ``parent``, ends.

    Raises OSError where the kernel refuses. A parent that is gone already ends this process at once.
    """
    if _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)


def spawn(argv: Sequence[str | Path], *, log: Path, death_signal: int = signal.SIGTERM, **options) -> subprocess.Popen:
    """Start ``argv`` in a session of its own, its output appended to ``log``, tied to this process.

    A session of its own keeps a terminal's Ctrl-C from reaching it: only the orderly stop does. ``options`` go to
    ``subprocess.Popen``; ``user=`` takes effect before the death signal is set, which a change of user would clear.
    Raises OSError when the log or the program cannot be opened.
    """
    parent = os.getpid()
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        return subprocess.Popen(
            [os.fspath(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", output),
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: tie_to_parent(death_signal, parent),
            **options,
        )


def rotate(log: Path, limit: int = LOG_LIMIT) -> None:
    """Move a log of more than ``limit`` bytes to ``<name>.1``, replacing the one before."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(log: Path, count: int = 1, start: int = 0) -> list[str]:
    """Return up to ``count`` last lines with text that were written to ``log`` after byte ``start``."""
    if not log.exists():
        return []
    with open(log, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(start, size - 8192) if start <= size else 0)
        lines = file.read().decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines if line.strip()][-count:]


def started_at(pid: int) -> int | None:
    """Return when process ``pid`` began, in clock ticks since boot; None when it is gone or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def wait_until(condition: Callable[[], bool], seconds: float, pause: Callable[[float], None] = time.sleep) -> bool:
    """Wait until ``condition()`` holds; return False when it did not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause(0.05)
    return True


def kill_group(leader: int) -> None:
    """Kill what is left of the process group that ``leader`` began; nothing left is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


class Child:
    """One supervised process, started again with a growing delay when it dies.

    ``start`` returns the new process; OSError and RuntimeError from it count as a failed run.
    """

    FIRST_DELAY = 0.5  # seconds
    LONGEST_DELAY = 30.0  # seconds
    STEADY = 60.0  # seconds of life after which earlier failures are forgotten
    OFTEN = 5  # failures in a row reported one by one; later ones are silent

    def __init__(self, name: str, start: Callable[[], subprocess.Popen], log: Path, say: Callable[[str], None]):
        self.name, self.log, self.say = name, log, say
        self._start = start
        self.process: subprocess.Popen | None = None
        self.failures = 0
        self._log_start = 0
        self._began = 0.0
        self._due = 0.0

    def start(self) -> None:
        """Start the process now; a failure is counted and reported, and tried again later by ``tend``."""
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._began = time.monotonic()
        try:
            self.process = self._start()
        except (OSError, RuntimeError) as error:
            full = isinstance(error, OSError) and error.errno == errno.ENOSPC
            self._failed("the disk is full" if full else str(error))

    def adopt(self, process: subprocess.Popen) -> None:
        """Watch a process that was started elsewhere."""
        self.process = process
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._began = time.monotonic()

    def ended(self) -> int | None:
        """Return the exit code of a process that has ended (negative: the signal), None while it runs.

        Also ends what the process left in its group, before its id can be given to another.
        """
        if self.process.returncode is None:
            if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return None
            kill_group(self.process.pid)
        return self.process.wait()

    def tend(self) -> bool:
        """Notice an end, start again when due; return whether a new process was started."""
        if self.process is not None:
            code = self.ended()
            if code is None:
                if self.failures and time.monotonic() - self._began > self.STEADY:
                    self.say(f"{self.name} runs steadily again")
                    self.failures = 0
                return False
            self.process = None
            self._failed(_how_it_ended(code))
        if time.monotonic() < self._due:
            return False
        self.start()
        return self.process is not None

    def _failed(self, reason: str) -> None:
        if time.monotonic() - self._began > self.STEADY:
            self.failures = 0
        self.failures += 1
        delay = min(self.FIRST_DELAY * 2 ** (self.failures - 1), self.LONGEST_DELAY)
        self._due = time.monotonic() + delay
        if self.failures > self.OFTEN:
            return
        if self.failures == self.OFTEN:
            self.say(f"{self.name} has failed {self.failures} times in a row and is tried on; see {self.log}")
            return
        self.say(f"{self.name} {reason}; started again in {delay:g} s")
        for line in last_lines(self.log, 3, self._log_start):
            self.say(f"  {self.name} | {line[:300]}")


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"
