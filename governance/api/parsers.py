"""Reading request bodies."""

import json
from io import BytesIO
from math import isinf
from typing import NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser, get_encoding

from governance.api.errors import TooLarge


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _bounded(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


class StrictJSONParser(JSONParser):
    """JSON that can be kept: no NaN or Infinity (nor 1e999, which becomes one), no lone surrogates, no bottomless
    nesting. Raises ParseError."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            text = stream.read().decode(get_encoding(parser_context or {}))
            data = json.loads(text, parse_constant=_refuse_constant, parse_float=_bounded)
            if "\\ud" in text.lower():
                json.dumps(data, ensure_ascii=False).encode()  # a lone half of a pair cannot be encoded
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not readable as JSON (%(why)s).") % {"why": error}) from error
        return data


class BoundedJSONParser(StrictJSONParser):
    """JSON of at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes; no more than that is ever read."""

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        return super().parse(BytesIO(body), media_type, parser_context)


PARSERS = [StrictJSONParser, FormParser, MultiPartParser]
