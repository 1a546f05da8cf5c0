"""A product instance for a measurement: its own folder, database and ports, started by the supervisor, removed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from governance.config.embedded import database_url

ROOT = Path(__file__).resolve().parents[1]
STARTING = float(os.environ.get("STARTING", "600"))  # seconds an instance may take to come up


class Instance:
    """Runs the product while it is entered. ``web``, ``live``: addresses; ``database_url``: of its database.

    ``adopt`` makes this process's Django use it; call that before anything imports settings.
    """

    def __init__(self, **environment: str):
        self.folder = Path(tempfile.mkdtemp(prefix="jiceng-bench-"))
        self.var = self.folder / "var"
        web, live = free_ports(2)
        self.web, self.live = f"http://127.0.0.1:{web}", f"ws://127.0.0.1:{live}"
        self.live_health = f"http://127.0.0.1:{live}/readyz"
        self.environment = {
            "JICENG_VAR": str(self.var), "PORT": str(web), "LIVE_PORT": str(live), "HOST": "127.0.0.1",
            "SIMULATE": "0", "DEMO": "0", "LOG_LEVEL": "WARNING", **environment,
        }  # fmt: skip
        self.database_url = database_url(self.var)
        self.process: subprocess.Popen | None = None

    def __enter__(self):
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self.output = open(self.folder / "supervisor.log", "wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "governance.config.supervisor"],
            cwd=ROOT, env=inherited | self.environment, stdout=self.output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until_ready(self) -> None:
        """Wait until every process works. Raises RuntimeError with the last output when that takes too long."""
        deadline = time.monotonic() + STARTING
        while not answers(self.live_health) or not answers(f"{self.web}/admin/login/"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    "the product did not start:\n" + (self.folder / "supervisor.log").read_text()[-2000:]
                )
            time.sleep(0.2)

    def adopt(self) -> None:
        """Let this process use the instance's settings and database."""
        os.environ.update(self.environment, DATABASE_URL=self.database_url)
        os.environ["DJANGO_SETTINGS_MODULE"] = "governance.config.settings"

    def kill(self, name: str) -> None:
        """Kill a process of the instance and all it started with SIGKILL; the supervisor starts it again."""
        running = json.loads((self.var / "run.json").read_text())
        os.killpg(running[name][0], signal.SIGKILL)


def answers(url: str) -> bool:
    """Tell whether ``url`` answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False  # not yet


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
