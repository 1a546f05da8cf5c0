"""The files of a dispute in its whole file: listed in the index, their photos and PDF in the zip.

A scan shows what no Word paper tells; whoever takes the whole file may open each of them anyway, and each is written
down as taken. Caucus notes are no files, and are never asked for.
"""

from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile

from django.utils import translation
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import Attachment, User
from governance.scoping import Grant
from mediation.access import access_record
from mediation.files.reading import FILE, shown_to
from mediation.models import AccessKind, Dispute, DisputeFile

MOST_BYTES = 200 * 1024 * 1024  # of scans in one zip, which is made in memory [J]
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


@dataclass(frozen=True)
class Scan:
    """A file with its photos and PDF, as the index names it."""

    row: DisputeFile
    files: list[Attachment]

    @property
    def title(self) -> str:
        with translation.override("zh-hans"):
            return str(self.row.get_kind_display())

    @property
    def note(self) -> str:
        return f"扫描件或照片{self.row.pages}份，{self.row.added_at:%Y-%m-%d}存入"


def scans_listed(dispute: Dispute) -> list[Scan]:
    """Return the files of a dispute that were not taken away, the oldest first, for an index."""
    return [Scan(row, []) for row in DisputeFile.objects.filter(dispute=dispute).kept().order_by("id")]


def scans_of(dispute: Dispute, actor: User) -> list[Scan]:
    """Return those that a person may open, with their content. Raises Conflict (``too_large``: taken one by one)."""
    rows = DisputeFile.objects.filter(dispute=dispute).kept().opened_to(actor).with_rows().order_by("id")
    found = [Scan(shown.row, sorted(shown.files, key=lambda one: one.uploaded_at)) for shown in shown_to(actor, rows)]
    if sum(file.size for scan in found for file in scan.files) > MOST_BYTES:
        told = {"most": MOST_BYTES // (1024 * 1024)}
        raise Conflict(_("The scans are larger than %(most)s MB together: open them one by one.") % told,
                       code="too_large")  # fmt: skip
    return found


def scans_write(whole: ZipFile, scans: list[Scan], *, first: int) -> None:
    """Put scans into a zip, numbered from ``first`` on; stored as they are, they are compressed already.

    Raises Conflict (``gone``: the storage has lost one).
    """
    for order, scan in enumerate(scans, start=first):
        for page, file in enumerate(scan.files, start=1):
            name = f"{order:02d}-{scan.title}-{page}.{ENDINGS[file.content_type]}"
            try:
                with file.file.open("rb") as content:
                    whole.writestr(name, content.read(), compress_type=ZIP_STORED)
            except FileNotFoundError as error:
                raise Conflict(
                    _("A scan is missing in the storage: %(name)s.") % {"name": name}, code="gone"
                ) from error


def scans_recorded(dispute: Dispute, scans: list[Scan], *, actor: User, grant: Grant) -> None:
    """Write down each file as taken away."""
    for scan in scans:
        access_record(dispute, actor=actor, kind=AccessKind.EXPORTED, what=f"{FILE} {scan.row.pk}", role=grant.role)
