"""``Idempotency-Key``: a creating request sent twice has one effect and one answer.

The claim on the key is inserted first, in the transaction of the effect. A second request with the same key waits at
that insert until the first has ended: if it succeeded, it gets the same answer; if it failed, it is carried out itself.

An answer is kept as it was given, sealed, for who got it. Not so where rows are read by few and each reading is
written down (``ReadsAgain``): there only the ids of the rows are kept, and a request sent again reads them as the
caller may then.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps

from django.db import connection
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from governance.api.errors import Conflicting
from governance.models import IdempotencyRecord
from governance.sealing import CannotOpen
from governance.transactions import atomically

HEADER = "Idempotency-Key"
MAX_KEY = 120
_CLAIM = f"""
    INSERT INTO {IdempotencyRecord._meta.db_table} (scope, key, digest, created_at)
    VALUES (%s, %s, %s, statement_timestamp()) ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""


class ReadsAgain:
    """A viewset none of whose answers is kept: of a request that was carried out before, the rows it told of are read
    anew, so that who has lost the right to them since is told no more of them than by any other door.

    Subclasses say in ``answer_with(row)`` what is told of a row, which writes the reading down where it is one.
    """

    def read_again(self, kept):
        """Return the answer anew. ``kept``: as ``_ids`` keeps it. Raises Http404 for what is no longer theirs."""
        return [self.row_again(row["id"]) for row in kept] if isinstance(kept, list) else self.row_again(kept["id"])

    def row_again(self, pk):
        """Return what is told of one row now. Raises Http404."""
        return self.answer_with(get_object_or_404(self.get_queryset(), pk=pk))


def idempotent(method: Callable) -> Callable:
    """Honour ``Idempotency-Key`` on a view method that answers with JSON; at most two statements more.

    Raises Conflicting (``idempotency_conflict``) for a key used with other content, ValidationError for one that
    cannot be used.
    """

    @wraps(method)
    def answer(view, request, *args, **kwargs):
        key = request.headers.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        _check(key)
        scope, digest = scope_of(request), digest_of(request)
        with atomically():
            claim = _claim(scope, key, digest)
            if claim is None:
                return _answer_again(view, scope, key, digest)
            response = method(view, request, *args, **kwargs)
            _keep(view, claim, response)
        return response

    answer.idempotent = True
    return answer


def _check(key: str) -> None:
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise ValidationError({HEADER: [_("Use visible ASCII characters without spaces.")]}, "invalid")
    if len(key) > MAX_KEY:
        raise ValidationError({HEADER: [_("At most 120 characters.")]}, "max_length")


def scope_of(request) -> str:
    """Return who asks for what: the same key of another caller or for another address is another key."""
    caller = (
        f"user:{request.user.pk}" if request.user.is_authenticated else f"address:{BaseThrottle().get_ident(request)}"
    )
    place = hashlib.sha256(f"{request.method} {request.path}".encode()).hexdigest()
    return f"{caller[:100]} {place}"


def digest_of(request) -> str:
    """Return the SHA-256 (hex) of what the request says: its fields in any order, and the bytes of its files."""
    digest = hashlib.sha256()
    if hasattr(request.data, "lists"):
        names = sorted(set(request.data) - set(request.FILES))
        fields = [[name, [str(value) for value in request.data.getlist(name)]] for name in names]
    else:
        fields = request.data
    digest.update(json.dumps(fields, sort_keys=True).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            digest.update(json.dumps([name, content.hexdigest()]).encode())
    return digest.hexdigest()


def _claim(scope: str, key: str, digest: str) -> int | None:
    """Return the id of the new record, or None when the key has been used."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [scope, key, digest])
        row = cursor.fetchone()
    return row[0] if row else None


def _answer_again(view, scope: str, key: str, digest: str) -> Response:
    record = IdempotencyRecord.objects.get(scope=scope, key=key)
    if record.digest != digest:
        raise Conflicting({HEADER: _("This key was used with other content.")}, "idempotency_conflict")
    view.headers["Idempotent-Replay"] = "true"  # also of a refusal: it was carried out, and is not told again
    try:
        kept = record.answer
    except CannotOpen as error:
        told = _("This was carried out before; its answer can no longer be read.")
        raise Conflicting({HEADER: told}, "answer_unreadable") from error
    body = view.read_again(kept) if isinstance(view, ReadsAgain) else kept
    return Response(body, status=record.status)


def _keep(view, claim: int, response: Response) -> None:
    told = _ids(response.data) if isinstance(view, ReadsAgain) else response.data
    answer = json.loads(JSONRenderer().render(told) or b"null")
    IdempotencyRecord(pk=claim).keep(response.status_code, answer)


def _ids(told):
    """Return of an answer the ids of its rows alone, in its shape."""
    if isinstance(told, list):
        return [_ids(row) for row in told]
    return {name: told[name] for name in told if name == "id"}
