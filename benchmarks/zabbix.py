"""A Zabbix server of Debian's package zabbix-server-pgsql, for a measurement: own database, own port, own folder.

It runs where the package is installed, or unpacked (``dpkg -x``) in a folder that ZABBIX names; libraries that are not
on the machine are looked for in there too. Nothing of the system's own Zabbix is touched or read but its schema files.

Set up by SQL alone, in a database of the instance's durable PostgreSQL: the package's schema, images and data;
the hosts that these monitor are disabled; then a host for each device, with two trapper items ``tilt`` and ``battery``
(float, history and trends as by default) and one trigger: problem at ``last(tilt)>=15``, recovery by an expression of
its own, ``last(tilt)<=10``. Those rows are what its frontend would write.

The configuration is the default but for: larger caches (history 128M, its index 32M, values 64M, configuration 64M),
no pollers, pingers or discoverers, and no check of PostgreSQL's version, which is newer than Zabbix 6.0 knows.
"""

import gzip
import os
import shutil
import socket
import struct
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.instance import STARTING
from benchmarks.peers import SkippedError

ROOT = Path(os.environ.get("ZABBIX", "/"))
SCHEMA = ROOT / "usr/share/zabbix-server-pgsql"
HEADER = b"ZBXD\x01"
CONFIG = """
LogType=file
LogFile={folder}/zabbix.log
PidFile={folder}/zabbix.pid
SocketDir={folder}
ListenIP=127.0.0.1
ListenPort={port}
DBHost={host}
DBName={dbname}
DBUser={user}
AllowRoot=1
AllowUnsupportedDBVersions=1
CacheSize=64M
HistoryCacheSize=128M
HistoryIndexCacheSize=32M
ValueCacheSize=64M
StartPollers=0
StartPollersUnreachable=0
StartPingers=0
StartHTTPPollers=0
StartDiscoverers=0
"""
# {n}: number of devices. Identities far above those of data.sql.
DEVICES = """
UPDATE hosts SET status = 1 WHERE status = 0;
INSERT INTO hstgrp (groupid, name) VALUES (9000000, 'bench');
INSERT INTO hosts (hostid, host, name, name_upper)
    SELECT 9000000 + n, code, code, upper(code) FROM (SELECT n, 'B-' || lpad(n::text, 5, '0') AS code
    FROM generate_series(0, {n} - 1) AS n) AS device;
INSERT INTO hosts_groups (hostgroupid, hostid, groupid)
    SELECT 9000000 + n, 9000000 + n, 9000000 FROM generate_series(0, {n} - 1) AS n;
INSERT INTO items (itemid, type, hostid, name, key_, name_upper)
    SELECT 9000000 + 2 * n + place, 2, 9000000 + n, name, name, upper(name) FROM generate_series(0, {n} - 1) AS n,
    (VALUES (0, 'tilt'), (1, 'battery')) AS metric (place, name);
INSERT INTO item_rtdata (itemid) SELECT itemid FROM items WHERE itemid >= 9000000;
INSERT INTO triggers (triggerid, description, priority, expression, recovery_mode, recovery_expression)
    SELECT 9000000 + n, 'tilted', 3, format('{{%s}}>=15', 9000000 + 2 * n), 1, format('{{%s}}<=10', 9000001 + 2 * n)
    FROM generate_series(0, {n} - 1) AS n;
INSERT INTO functions (functionid, itemid, triggerid, name, parameter)
    SELECT 9000000 + 2 * n + place, 9000000 + 2 * n, 9000000 + n, 'last', '$'
    FROM generate_series(0, {n} - 1) AS n, generate_series(0, 1) AS place;
ANALYZE;
"""


def program() -> str:
    """Return the path of zabbix_server. Raises SkippedError where there is none."""
    found = shutil.which("zabbix_server", path=f"{ROOT / 'usr/sbin'}")
    if not found or not (SCHEMA / "schema.sql.gz").exists():
        raise SkippedError("Debian's zabbix-server-pgsql is not installed here (or unpacked where ZABBIX says)")
    return found


def set_up(url: str, devices: int) -> None:
    """Fill the empty database with Zabbix's schema, its data and the devices."""
    with psycopg.connect(url) as raw:
        for name in ("schema.sql.gz", "images.sql.gz", "data.sql.gz"):
            # They hold their own BEGIN or none; as one text they are one transaction either way.
            raw.execute(gzip.decompress((SCHEMA / name).read_bytes()))
        raw.execute(DEVICES.format(n=devices).encode())


@contextmanager
def serving(folder: Path, url: str):
    """Run the server on the database of ``url`` until left; yields its port."""
    port, where = _free_port(), psycopg.conninfo.conninfo_to_dict(url)
    folder.mkdir(exist_ok=True)
    (folder / "zabbix.conf").write_text(CONFIG.format(folder=folder, port=port, **_only(where)))
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "PGPORT": where["port"]}
    if str(ROOT) != "/":
        environment["LD_LIBRARY_PATH"] = ":".join(sorted({str(one.parent) for one in ROOT.glob("usr/lib/**/*.so.*")}))
    with (folder / "output.log").open("wb") as log:
        process = subprocess.Popen(
            [program(), "-f", "-c", folder / "zabbix.conf"], env=environment, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + STARTING
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                said = "".join(one.read_text()[-1000:] for one in folder.glob("*.log"))
                raise RuntimeError(f"zabbix_server did not start: {said}")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def ask(port: int, body: bytes) -> bytes:
    """Send one request, as zabbix_sender does on a connection of its own; return the answer's JSON."""
    with socket.create_connection(("127.0.0.1", port), 60) as sock:
        sock.sendall(HEADER + struct.pack("<II", len(body), 0) + body)
        answer = b""
        while part := sock.recv(4096):
            answer += part
    return answer[len(HEADER) + 8 :]


def _free_port() -> int:
    """Return a port that nobody listens on, of those Zabbix takes (1024 to 32767)."""
    for port in range(20051, 32767):
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return port
        except OSError:
            continue  # taken
    raise RuntimeError("no free port")


def _only(where: dict) -> dict:
    return {name: where[name] for name in ("host", "dbname", "user")}


def _answers(port: int) -> bool:
    try:
        return b'"success"' in ask(port, b'{"request":"sender data","data":[]}')
    except OSError:
        return False  # not yet
