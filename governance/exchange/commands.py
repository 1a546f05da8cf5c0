"""Base of the commands that import files: check or store, report line by line, fail loudly."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance.errors import Refused
from governance.exchange.engine import Report, RowsRefused, check
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.exchange.runs import import_now
from governance.models import ImportRun, User


class ImportCommand(BaseCommand):
    """Carries out one importer on files. ``importer_key`` names it; ``given_options`` turns arguments into settings.

    Ends with an error, and nothing stored, when a file cannot be read or a line is bad.
    """

    importer_key: str

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".tsv .csv .xlsx .tsv.gz .csv.gz")
        parser.add_argument("--check", action="store_true", help="only report what would happen")
        parser.add_argument("--user", metavar="NAME", help="import as this person; default: the system itself")

    def given_options(self, options: dict) -> dict[str, str]:
        """Return the importer's settings from the command's arguments."""
        return {}

    def handle(self, *, files, user, **options):
        sources = [Source(path.name, self._content(path)) for path in files]
        actor = self._actor(user)
        given = self.given_options(options)
        try:
            if options["check"]:
                report = check(importer_named(self.importer_key)(given), *sources, actor=actor)
                if report.error_count:
                    raise RowsRefused(report)
                self._tell(report, _("Checked, nothing was stored."))
            else:
                self._tell(import_now(actor=actor, key=self.importer_key, sources=sources, options=given), _("Stored."))
        except RowsRefused as error:
            self._tell_errors(error.report)
            raise CommandError(
                _("%(count)s lines cannot be stored; nothing was stored.") % {"count": error.report.error_count}
            ) from error
        except Refused as error:
            raise CommandError(str(error.detail)) from error

    def _content(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error

    def _actor(self, name: str | None) -> User:
        if name is None:
            return User.objects.system("imports")
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise CommandError(_("There is no person “%(name)s”.") % {"name": name})
        return found

    def _tell(self, done: Report | ImportRun, what: str) -> None:
        counts = {name: getattr(done, name) for name in ("lines", "adds", "changes", "same")}
        text = _("%(lines)s lines: %(adds)s new, %(changes)s changed, %(same)s unchanged.") % counts
        self.stdout.write(f"{text} {what}")
        for note in done.notes:
            self.stdout.write(f"· {note}")

    def _tell_errors(self, report: Report) -> None:
        for error in report.errors:
            column = f" [{error.column}]" if error.column else ""
            self.stderr.write(f"{error.file}:{error.line}{column} {error.message}")
        if report.error_count > len(report.errors):
            self.stderr.write("…")
