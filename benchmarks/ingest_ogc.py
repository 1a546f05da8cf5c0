"""The arms ``ogc1``, ``ogc125`` and ``ogc125d`` of ``make bench-ingest``: django-ogc-sensorthings, the same messages.

A virtual environment and a Django project of its own in the instance's temporary folder, a database of its own in the
instance's durable PostgreSQL server, the Django backend and the data array extension as its manual says, served like
our web process: granian, WSGI, two workers of two threads, connections kept. Skipped where pip cannot install it.

A device is a Thing with two Datastreams. A message is two Observations: in ``ogc1`` two POSTs (p50 and p99 are of one),
in ``ogc125`` the two values of 125 messages are one CreateObservations, a data array for each Datastream, as the 125
messages of a request are of 125 devices. In ``ogc125d`` they are of one device, two data arrays of 125 rows: what the
package is fast at, and not the same work. The feature of interest is always named: without, it is looked up each time.
It judges nothing and has no alarms. The clock stops when all rows are visible.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import uvloop

from benchmarks.instance import STARTING, answers, free_ports
from benchmarks.peers import SkippedError, database, figures, send, wait_for

ARMS = ("ogc1", "ogc125", "ogc125d")
BATCH = 125
WARM = 20  # requests before it is measured
PACKAGE = "django-ogc-sensorthings==1.2.0"
ROOT = "/sensorthings/v1.1"
COUNT = "SELECT count(*) FROM sensorthings_v1_1_django_backend_observation"
NOTE = "no alarms: it has none"
PROJECT = {
    "settings.py": '''
import json, os
from uuid import UUID
SECRET_KEY, DEBUG, ALLOWED_HOSTS, USE_TZ, ROOT_URLCONF = "bench", False, ["127.0.0.1"], True, "urls"
INSTALLED_APPS = [
    "sensorthings.versions.v1_1", "sensorthings.versions.v1_1.backends.django",
    "sensorthings.versions.v1_1.extensions.dataarray",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # says Content-Length
DATABASES = {"default": json.loads(os.environ["BENCH_DATABASE"])}
SENSORTHINGS_V1_1_SERVICE_URL = "http://127.0.0.1/sensorthings"
SENSORTHINGS_V1_1_BACKEND_ADAPTER = "sensorthings.versions.v1_1.backends.django.adapter.DjangoBackendAdapter"
SENSORTHINGS_V1_1_ID_TYPE = UUID
SENSORTHINGS_V1_1_ID_DELIMITER = "'"
''',
    "urls.py": '''
from django.urls import include, path
urlpatterns = [path("sensorthings/", include("sensorthings.versions.v1_1.urls"))]
''',
    "wsgi.py": '''
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
''',
    "seed.py": '''
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from sensorthings.versions.v1_1.backends.django.models import *
from sensorthings.versions.v1_1.backends.django.models import Datastream, FeatureOfInterest
count = int(sys.argv[1])
sensor = Sensor.objects.create(name="s", description="s", encoding_type=Sensor.PDF, metadata="s")
kinds = [ObservedProperty.objects.create(name=name, definition=name, description=name) for name in ("tilt", "battery")]
things = Thing.objects.bulk_create(Thing(name=f"B-{number:05}", description="bench") for number in range(count))
point = {"type": "Point", "coordinates": [102.7, 25.0]}
features = FeatureOfInterest.objects.bulk_create(
    FeatureOfInterest(name=thing.name, description="bench", feature=point) for thing in things)
streams = Datastream.objects.bulk_create(
    Datastream(name=kind.name, description="bench", unit_of_measurement={"name": "u", "symbol": "u", "definition": "u"},
               observation_type=Datastream.OM_MEASUREMENT, thing=thing, sensor=sensor, observed_property=kind)
    for thing in things for kind in kinds)
print(json.dumps([[str(streams[2 * place].pk), str(streams[2 * place + 1].pk), str(feature.pk)]
                  for place, feature in enumerate(features)]))
''',
}  # fmt: skip


def run(name: str, work, instance, *, messages: int, connections: int) -> dict:
    """Measure and return messages, rate, p50 and p99. Raises SkippedError where the package cannot be installed."""
    folder, url = instance.folder / "ogc", database(instance, f"bench_{name}")
    environment = prepared(folder, url)
    devices = seeded(folder, environment, len(work.codes))
    bodies = list({"ogc1": _singles, "ogc125": _arrays, "ogc125d": _columns}[name](work, devices, messages))
    path = f"{ROOT}/{'Observations' if name == 'ogc1' else 'CreateObservations'}"
    with served(folder, environment) as port, psycopg.connect(url, autocommit=True) as raw:
        expected = raw.execute(COUNT).fetchone()[0] + 2 * messages
        start = time.perf_counter()
        waits = uvloop.run(send(("127.0.0.1", port), f"POST {path} HTTP/1.1", bodies, connections, _taken))
        seen, at = wait_for(raw, COUNT, expected)
    if seen != expected:
        raise RuntimeError(f"{expected - seen} observations did not come")
    note = f"{NOTE}; 125 of one device" if name == "ogc125d" else NOTE
    return figures(messages, at - start, waits) | {"note": note}


def prepared(folder: Path, url: str) -> dict[str, str]:
    """Make the virtual environment and the project in ``folder``, unless they are there; return its environment."""
    if not (folder / "ready").exists():
        python = folder / "venv" / "bin" / "python"
        wanted = [PACKAGE, *(f"{name}=={importlib.metadata.version(name.partition('[')[0])}"
                             for name in ("django", "granian", "psycopg[binary]"))]  # fmt: skip
        for command in ([sys.executable, "-m", "venv", folder / "venv"],
                        [python, "-m", "pip", "install", "--quiet", *wanted]):  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                said = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
                raise SkippedError(f"{PACKAGE} could not be installed: {said[-1]}")
        for name, text in PROJECT.items():
            (folder / name).write_text(text)
        (folder / "ready").touch()
    where = psycopg.conninfo.conninfo_to_dict(url)
    settings = {
        "ENGINE": "django.db.backends.postgresql", "NAME": where["dbname"], "USER": where["user"],
        "HOST": where["host"], "PORT": where["port"], "CONN_MAX_AGE": None,
    }  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DJANGO_SETTINGS_MODULE": "settings", "BENCH_DATABASE": json.dumps(settings)}


def seeded(folder: Path, environment: dict[str, str], count: int) -> list[list[str]]:
    """Make the tables and ``count`` devices; return of each the ids of its tilt, its battery and its feature."""
    command = [folder / "venv" / "bin" / "python", "seed.py", str(count)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the project of {PACKAGE} could not be set up: {done.stderr[-500:]}")
    return json.loads(done.stdout)


@contextmanager
def served(folder: Path, environment: dict[str, str]):
    """Serve the project until left; yields its port."""
    port = free_ports(1)[0]
    command = [folder / "venv" / "bin" / "python", "-m", "granian", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "2", "--no-ws", "wsgi:application"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + STARTING
        warm = 0
        while warm < WARM:  # a worker's first answer takes seconds; which worker answers, the kernel chooses
            warm += answers(f"http://127.0.0.1:{port}{ROOT}/Things?$top=1")
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"it did not start: {(folder / 'server.log').read_text()[-500:]}")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _values(work, devices: list[list[str]], count: int):
    """Yield (time, tilt, battery, ids of the device) of ``count`` messages in the order of their times."""
    for at, abnormal in work.rounds(-(-count // len(devices))):
        moment = at.isoformat()
        for number, ids in enumerate(devices[:count]):
            yield moment, 20.0 if abnormal else 1.0 + number % 7, 90.0, ids
        count -= len(devices)


def _singles(work, devices: list[list[str]], count: int):
    for moment, tilt, battery, (first, second, feature) in _values(work, devices, count):
        for stream, result in ((first, tilt), (second, battery)):
            links = {"Datastream": {"@iot.id": stream}, "FeatureOfInterest": {"@iot.id": feature}}
            yield json.dumps({"phenomenonTime": moment, "resultTime": moment, "result": result, **links}).encode()


def _arrays(work, devices: list[list[str]], count: int):
    groups = []
    for moment, tilt, battery, ids in _values(work, devices, count):
        groups += _groups(ids, [(moment, tilt, battery)])
        if len(groups) == 2 * BATCH:
            yield json.dumps(groups).encode()
            groups = []
    if groups:
        yield json.dumps(groups).encode()


def _columns(work, devices: list[list[str]], count: int):
    said = defaultdict(list)
    for moment, tilt, battery, ids in _values(work, devices[: -(-count // BATCH)], count):
        said[tuple(ids)].append((moment, tilt, battery))
    for ids, rows in said.items():
        for first in range(0, len(rows), BATCH):
            yield json.dumps(_groups(ids, rows[first : first + BATCH])).encode()


def _groups(ids: Sequence[str], rows: list[tuple[str, float, float]]) -> list[dict]:
    """Return the data arrays of a device's two Datastreams; ``rows``: time, tilt, battery."""
    components = ["phenomenonTime", "resultTime", "result", "FeatureOfInterest/id"]
    return [{"Datastream": {"@iot.id": ids[place]}, "components": components,
             "dataArray": [[row[0], row[0], row[1 + place], ids[2]] for row in rows]}
            for place in (0, 1)]  # fmt: skip


def _taken(status: bytes, answer: bytes) -> bool:
    return b" 201 " in status[:20] and b'"error"' not in answer
