"""How a paper leaves by a door: as a file that no cache keeps."""

from pathlib import PurePath
from urllib.parse import quote

from django.http import HttpResponse

from governance.models import User
from mediation.agreements.documents.papers import WORD, ZIP, file_take, paper_take
from mediation.models import Agreement, Dispute

WHOLE = "file"  # all papers there are, instead of the code of one


def paper_answer(dispute: Dispute, code: str, *, actor: User, agreement: Agreement | None = None) -> HttpResponse:
    """Answer with a paper of a dispute, or with the ``WHOLE`` file; of an agreement (None: the newest, or none).

    Raises as ``paper_take``.
    """
    if code == WHOLE:
        return file_answer(*file_take(dispute, actor=actor, agreement=agreement), ZIP, code)
    return file_answer(*paper_take(dispute, code, actor=actor, agreement=agreement), WORD, code)


def file_answer(name: str, content: bytes, kind: str, code: str) -> HttpResponse:
    """Answer with a file under its Chinese name (RFC 6266, RFC 5987); what does not know such names takes number and
    ``code`` of the paper. ``kind``: its content type."""
    plain = f"{name.partition('-')[0]}-{code}{PurePath(name).suffix}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
