"""Two copies on neighbouring ports: the second is refused, also while the first does not listen yet."""

import socket
import subprocess
import sys

import pytest

from governance.config.preflight import RefusedError, take_port
from governance.tests.test_supervisor import BASE_DIR, clean_environment, free_port

pytestmark = pytest.mark.processes
HOST = "127.0.0.1"
# The product's supervisor up to where it would start the database: that takes minutes the first time.
PREPARING = """
import os, sys, time
from governance.config import supervisor

def run(self):
    print("preparing", flush=True)
    time.sleep(1000)

supervisor.Supervisor.run = run
sys.exit(supervisor.supervise(supervisor.environment(os.environ)))
"""


def copy_of_product(tmp_path, name: str, **ports: int) -> subprocess.Popen:
    values = {key: str(port) for key, port in ports.items()}
    return subprocess.Popen(
        [sys.executable, "-c", PREPARING], cwd=BASE_DIR, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment(JICENG_VAR=str(tmp_path / name), PYTHONIOENCODING="utf-8", **values), encoding="utf-8",
    )  # fmt: skip


def server(port: int) -> socket.socket:
    """Listen as one worker of the servers does."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((HOST, port))
    made.listen()
    return made


@pytest.mark.parametrize("first", ["lower", "higher"])
def test_a_second_copy_on_the_next_port_is_refused_though_the_first_does_not_listen_yet(tmp_path, first):
    # given a copy that is still preparing its database; the other one's ports overlap with its own by one
    port = free_port()
    mine, others = (port, port + 1) if first == "lower" else (port + 1, port)
    one = copy_of_product(tmp_path, "one", PORT=mine)
    try:
        assert one.stdout.readline() == "preparing\n"
        # when the other is started, then it stops with one line that names the port
        two = copy_of_product(tmp_path, "two", PORT=others)
        try:
            said = two.communicate(timeout=30)
        finally:
            two.kill()
        which = "PORT" if first == "lower" else "LIVE_PORT"
        assert said == ("", f"jiceng: 端口 {port + 1} 已被占用 · port {port + 1} on {HOST} is taken; "
                            f"set another {which}=\n")  # fmt: skip
        assert two.returncode == 1
    finally:
        one.kill()
        one.communicate()
    # and once the first is gone the port is free again, however it went
    take_port(HOST, port + 1, "PORT").close()


def test_the_servers_of_a_run_listen_beside_what_holds_their_port():
    port = free_port()
    with take_port(HOST, port, "PORT"):
        with server(port), server(port):
            # then every visitor reaches a server, never what holds the port
            for _visitor in range(8):
                socket.create_connection((HOST, port), timeout=2).close()
            with pytest.raises(RefusedError):
                take_port(HOST, port, "PORT")
        with pytest.raises(RefusedError):
            take_port("0.0.0.0", port, "PORT")
    # and visits of a minute ago do not keep the next start from it
    take_port(HOST, port, "PORT").close()


def test_servers_that_share_their_port_are_seen_as_well():
    """Those of a copy that holds none: started by hand."""
    port = free_port()
    with server(port), pytest.raises(RefusedError, match="已被占用"):
        take_port(HOST, port, "PORT")
