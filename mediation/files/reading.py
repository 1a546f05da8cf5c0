"""What a person reads of the files of a dispute, and opening one: that it was opened is written down."""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.attachments import on_served
from governance.models import Attachment, User
from governance.scoping import grant_for
from mediation.access import access_record
from mediation.files.querysets import OPENS
from mediation.models import AccessKind, DisputeFile

FILE = "mediation.disputefile"


@dataclass(frozen=True)
class Shown:
    """A file with its attachments, which are left out for who may not open it."""

    row: DisputeFile
    files: list[Attachment]


def shown_to(user: User, rows: Iterable[DisputeFile]) -> list[Shown]:
    """Return files that a person sees, each with what they may open of it; one statement for all attachments."""
    rows = list(rows)
    found: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(subject_type=FILE, subject_id__in=[row.pk for row in rows]):
        found.setdefault(attachment.subject_id, []).append(attachment)
    return [Shown(row, found.get(row.pk, []) if grant_for(OPENS, row, user) else []) for row in rows]


def files_of(user: User, **of) -> list[Shown]:
    """Return the files of a dispute (``dispute=``) or a track (``track=``) that a person sees, the newest first."""
    return shown_to(user, DisputeFile.objects.visible_to(user).filter(**of).kept().with_rows().order_by("-id"))


@on_served(FILE)
def opened(attachment: Attachment, user: User) -> None:
    """A file leaves the product: written down as what is taken away, with the role."""
    row = DisputeFile.objects.with_rows().get(pk=attachment.subject_id)
    grant = grant_for(OPENS, row, user)
    access_record(row.dispute, actor=user, kind=AccessKind.EXPORTED, what=f"{FILE} {row.pk}",
                  role=grant.role if grant else "")  # fmt: skip
