"""A real MQTT broker for tests and measurements: Mosquitto where it is installed, else amqtt (MQTT 3.1.1)."""

import getpass
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.instance import free_ports

STARTING = 20  # seconds a broker may take to answer, or to end
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
CONFIG = {
    "mosquitto": """
listener {port} 127.0.0.1
allow_anonymous true
user {user}
set_tcp_nodelay true
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 0
""",
    "amqtt": """
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
""",
}


class Broker:
    """A broker of one kind (default: the best there is) on a port of its own; what it keeps lies in ``folder``."""

    def __init__(self, folder: Path, kind: str = "mosquitto" if MOSQUITTO else "amqtt"):
        self.kind, self.port = kind, free_ports(1)[0]
        self.log = folder / "broker.log"
        self.config = folder / ("broker.conf" if kind == "mosquitto" else "broker.yaml")
        self.config.write_text(CONFIG[kind].format(port=self.port, folder=folder, user=getpass.getuser()))
        self.process: subprocess.Popen | None = None

    @property
    def version(self) -> str:
        """The newest MQTT it speaks."""
        return "5" if self.kind == "mosquitto" else "3.1.1"

    def start(self) -> "Broker":
        """Start it and wait until it answers. Raises RuntimeError with its last words."""
        amqtt = str(Path(sys.executable).with_name("amqtt"))
        command = [MOSQUITTO] if self.kind == "mosquitto" else [amqtt]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*command, "-c", str(self.config)], stdout=log, stderr=log)
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)  # not yet
        raise RuntimeError(f"{self.kind} did not start: {self.log.read_text()[-500:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it; Mosquitto writes down what it holds unless killed."""
        self.process.send_signal(number)
        try:
            self.process.wait(STARTING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
