"""How a paper leaves by a door: as a file that no cache keeps."""

from django.http import HttpResponse


def file_answer(name: str, content: bytes, kind: str) -> HttpResponse:
    """Answer with a file; ``kind``: its content type."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
