"""The same form sent twice has one effect."""

from collections.abc import Callable
from http import HTTPStatus

from django.db import transaction

from cases.models import Case
from cases.pages.mobile.forms import OnceForm
from governance.models import IdempotencyRecord


def opened_once(request, form: OnceForm, open_case: Callable[[], Case]) -> str:
    """Return the number of the case that ``open_case`` opens; of the one opened before when the form came before.

    A second sending at the same moment waits for the first one's record.
    """
    with transaction.atomic():
        record, is_new = IdempotencyRecord.objects.get_or_create(
            scope=f"page {request.path} user:{request.user.pk}"[:200], key=form.fingerprint()
        )
        if not is_new:
            return record.answer["number"]
        case = open_case()
        record.keep(HTTPStatus.CREATED, {"number": case.number})
    return case.number
