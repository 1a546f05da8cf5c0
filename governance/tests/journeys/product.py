"""The whole product in processes of its own, started as ``make run`` starts it, with little history to be quick."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from governance.config.embedded import EmbeddedPostgres

BASE_DIR = Path(__file__).resolve().parents[3]
SHARE = "0.05"  # of the demo history
START_WITHIN = 600  # seconds, on a busy machine
# What the test run's own database plugin sets is not for the product.
NOT_INHERITED = ("DATABASE_URL", "PGOPTIONS", "JICENG_SECRET_KEY", "WEB_ORIGINS", "LIVE_URL", "LIVE_PORT")


class Product:
    """A running Jiceng: addresses, demo accounts by user name, device keys, and its devices' voice."""

    def __init__(self, var: Path):
        self.var = var
        told = json.loads((var / "demo.json").read_text())
        self.web = told["web"]
        self.passwords = {account["username"]: account["password"] for account in told["accounts"]}
        self.device_keys = told["device_keys"]
        self.sessions: dict[str, dict] = {}  # cookies of people who signed in once, by user name

    def device_says(self, device: str, status: str, **metrics: float) -> None:
        """Send one reading as the device does, over HTTP with its key."""
        reading = {"device": device, "at": datetime.now(ZoneInfo("Asia/Shanghai")).isoformat(), "status": status}
        self._post(
            "/api/v1/devices/readings/",
            {"readings": [reading | {"metrics": metrics}]},
            f"Device {self.device_keys[device]}",
        )

    def report(self, text: str, **place) -> dict:
        """Report something as a resident's program would; returns number, token and tracking address."""
        return self._post("/api/v1/public/reports/", {"text": text} | place)

    def newest_code(self) -> str:
        """Return the last sign-in code that was sent: in development text messages go to the log."""
        sent = re.findall(r"SMS .*?(\d{6})", (self.var / "log" / "web.log").read_text())
        return sent[-1]

    def command(self, *arguments: str) -> str:
        """Run ``manage.py`` beside the running product, as who operates it does; returns what it prints."""
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        env = kept | {"JICENG_VAR": str(self.var), "DATABASE_URL": EmbeddedPostgres(self.var / "pg").url()}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=env, capture_output=True, text=True,
            timeout=START_WITHIN, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout

    def _post(self, path: str, body: dict, authorization: str = "") -> dict:
        headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
        request = urllib.request.Request(self.web + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


class Running:
    """Starts the supervisor on free ports with an embedded database under ``var``, and stops it."""

    def __init__(self, var: Path):
        self.var = var
        ports = {"PORT": _free_port(), "LIVE_PORT": _free_port()}
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.env = kept | ports | {"JICENG_VAR": str(var), "SIMULATE": "0", "PYTHONUNBUFFERED": "1"}
        self.process = self.log = None

    def start(self) -> Product:
        """Return the product once it answers. Raises RuntimeError with the end of its output otherwise."""
        self._prepare()
        self.log = open(self.var / "supervisor.out", "w")  # noqa: SIM115 - closed in stop()
        command = [sys.executable, "-m", "governance.config.supervisor"]
        self.process = subprocess.Popen(
            command, cwd=BASE_DIR, env=self.env, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )
        until = time.monotonic() + START_WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError((self.var / "supervisor.out").read_text()[-2000:])
            time.sleep(0.3)
        return Product(self.var)

    def _prepare(self) -> None:
        """Fill the database beforehand: the supervisor itself would write weeks of history."""
        database = EmbeddedPostgres(self.var / "pg", log=self.var / "log" / "postgres.log")
        database.start()
        try:
            command = [sys.executable, "manage.py", "prepare", "--share", SHARE]
            env = self.env | {"DATABASE_URL": database.url()}
            subprocess.run(command, cwd=BASE_DIR, env=env, check=True, stdout=subprocess.DEVNULL, timeout=START_WITHIN)
        finally:
            database.stop()

    def _answers(self) -> bool:
        try:
            for port in (self.env["PORT"], self.env["LIVE_PORT"]):
                socket.create_connection(("127.0.0.1", int(port)), timeout=1).close()
            return urllib.request.urlopen(f"http://127.0.0.1:{self.env['PORT']}/r/", timeout=5).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """Stop everything, as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        if self.log is not None:
            self.log.close()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
