"""Reading request bodies."""

import json
from typing import NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser, get_encoding


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class StrictJSONParser(JSONParser):
    """JSON that can be kept: no NaN or Infinity, no lone surrogates, no bottomless nesting. Raises ParseError."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            text = stream.read().decode(get_encoding(parser_context or {}))
            data = json.loads(text, parse_constant=_refuse_constant)
            if "\\ud" in text.lower():
                json.dumps(data, ensure_ascii=False).encode()  # a lone half of a pair cannot be encoded
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not readable as JSON (%(why)s).") % {"why": error}) from error
        return data


PARSERS = [StrictJSONParser, FormParser, MultiPartParser]
