"""Keyset paging: each page starts where the last one ended, without counting rows."""

import re

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class Keyset(CursorPagination):
    """Pages of ``page_size`` rows (1 to 200, default 50); ``next`` and ``previous`` are ready-made addresses.

    A cursor or page size that cannot be read is a validation error naming it.
    """

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"
    page_size_query_description = _("Rows per page, 1 to 200.")
    position = r".*"

    def get_page_size(self, request):
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,4}", asked) or not 1 <= int(asked) <= self.max_page_size:
            raise ValidationError(
                {self.page_size_query_param: [_("A whole number from 1 to 200 is needed.")]}, "invalid"
            )
        return int(asked)

    def decode_cursor(self, request):
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is not None and not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", encoded):
            raise self._unreadable()
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise self._unreadable() from error
        if cursor and cursor.position is not None and not re.fullmatch(self.position, cursor.position):
            raise self._unreadable()
        return cursor

    def _unreadable(self):
        return ValidationError({self.cursor_query_param: [self.invalid_cursor_message]}, "invalid")


class NewestFirst(Keyset):
    """Newest rows first, for what is added all the time."""

    ordering = "-id"
    position = r"[0-9]{1,19}"


class OldestFirst(NewestFirst):
    """In the order the rows were written."""

    ordering = "id"


class ByCode(Keyset):
    """Rows with a unique ``code``, in its order."""

    ordering = "code"
    position = r"[^\x00]{1,30}"
