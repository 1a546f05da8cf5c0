"""The live push through a real Redis, as ``REDIS_URL`` sets it up; skipped, saying so, where there is none."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import override_settings

from governance import events
from governance.live.threads import in_thread
from governance.models import Role, User
from governance.scoping import Grant
from governance.tests.live_clients import live

SERVER = shutil.which("redis-server") or shutil.which("valkey-server")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.skipif(SERVER is None, reason="no redis-server on this machine"),
]
CLIENT_LIMIT = 5.0  # seconds after which redis-py gives up a read unless told otherwise
PRINT_LAYERS = "import json; from governance.config.settings import CHANNEL_LAYERS as layers; print(json.dumps(layers))"


@pytest.fixture
def redis_url(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [SERVER, "--port", str(port), "--save", "", "--dir", str(tmp_path), "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


def layers_for(url: str) -> dict:
    """Return what the settings make of ``REDIS_URL`` in a process of its own."""
    environment = os.environ | {"REDIS_URL": url}
    made = subprocess.run(
        [sys.executable, "-c", PRINT_LAYERS], env=environment, cwd=settings.BASE_DIR, capture_output=True, check=True
    )
    return json.loads(made.stdout)


async def test_a_quiet_socket_stays_open_and_gets_the_next_event(city, redis_url):
    with override_settings(CHANNEL_LAYERS=layers_for(redis_url)):
        case = await in_thread(city.report)
        async with live() as running:
            # given a socket on which nothing happens for longer than the client library waits by default
            socket_of_staff = await running.follow(city.user("dispatcher"))
            await asyncio.sleep(CLIENT_LIMIT + 1)
            # when something happens, then it comes, on the same connection
            actor = await in_thread(User.objects.system, "test")
            event = await in_thread(lambda: events.record("case.noted", case, actor=actor, grant=Grant(Role.SYSTEM)))
            assert (await socket_of_staff.until("event"))["id"] == event.pk
