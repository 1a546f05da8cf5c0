"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2) under ``/open311/v2/``: the doors of the specification.

``.xml`` or ``.json`` after the address says the format; without one ``Accept`` does, and XML is the default. Errors are
a list of ``{code, description}``: 404 for what is not there, 403 for the key, 429 when asked too often, else 400.
"""

import re
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.intake.keys import SourceCredential, source_of
from cases.models import Case
from cases.open311 import published
from cases.open311.filing import ARGUMENTS, filing_of, request_file
from cases.open311.offers import Offer, offers
from cases.open311.rendering import AnyXmlRenderer, SparkRenderer, XmlRenderer
from governance.api.throttling import SharedThrottle
from governance.errors import Invalid, Refused
from governance.models import Area, Event, OrgUnit, UnitKind

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MISSING, FORBIDDEN, BAD = status.HTTP_404_NOT_FOUND, status.HTTP_403_FORBIDDEN, status.HTTP_400_BAD_REQUEST
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\])?")


class Failure(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, description: str):
        super().__init__(description)
        self.code, self.description = code, description


def answer_error(error: Exception, context: dict) -> Response | None:
    """Exception handler of these views; what it does not know is a fault of the program and goes on."""
    headers = {}
    if isinstance(error, Failure):
        code, description = error.code, error.description
    elif isinstance(error, Http404 | exceptions.NotFound):
        code, description = MISSING, _("There is nothing at this address.")
    elif isinstance(error, exceptions.Throttled):
        code, description = status.HTTP_429_TOO_MANY_REQUESTS, str(error.detail)
        headers = {"Retry-After": str(int(error.wait or 0) + 1)}
    elif isinstance(error, Refused | exceptions.APIException):
        code, description = BAD, str(error.detail)
    else:
        return None
    return Response({"errors": [{"code": code, "description": description}]}, status=code, headers=headers)


@extend_schema(exclude=True)
@method_decorator(never_cache, name="dispatch")
class Open311View(APIView):
    """Base: format, jurisdiction, errors, how often."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [FormParser, MultiPartParser]
    renderer_classes = [XmlRenderer, SparkRenderer, AnyXmlRenderer]
    throttle_classes = [SharedThrottle]
    throttle_scope = "open311-read"

    def get_exception_handler(self):
        return answer_error

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        asked = self.given("jurisdiction_id")
        if asked and not Area.objects.filter(parent=None, is_active=True, code=asked[:20]).exists():
            raise Failure(MISSING, _("jurisdiction_id provided was not found."))

    def given(self, name: str) -> str:
        """Return an argument of the query or the body; an empty one is none."""
        found = self.request.query_params.get(name)
        if not found and self.request.method == "POST":
            found = self.request.data.get(name)
        if found and not isinstance(found, str):
            raise Failure(BAD, _("%(name)s is a file: a text is needed. Send the address of a photo as media_url.")
                          % {"name": name})  # fmt: skip
        # A null character, which no text of the database holds, matches nothing.
        return (found or "").strip().replace("\0", "\ufffd")

    def listed(self, name: str) -> list[str]:
        """Return the parts of a comma-delimited argument."""
        return [part for part in (piece.strip() for piece in self.given(name).split(",")) if part]


class DiscoveryView(Open311View):
    """What is served here, and where a key is to be had."""

    def get(self, request, format=None):
        changed, centre = _changeset(), _centre()
        endpoint = {
            "specification": SPECIFICATION,
            "url": request.build_absolute_uri("/open311/v2"),
            "changeset": changed,
            "type": "production" if settings.PRODUCTION else "test",
            "formats": ["text/xml", "application/json"],
        }
        return Response(
            {
                "discovery": {
                    "changeset": changed,
                    "contact": centre,
                    "key_service": _("Ask for a key here: %(contact)s") % {"contact": centre},
                    "endpoints": [endpoint],
                }
            }
        )


def _changeset() -> str:
    """Return when categories or standards were last changed, as a text that sorts."""
    kinds = ("cases.casecategory", "cases.filingstandard")
    last = Event.objects.filter(subject_type__in=kinds).aggregate(Max("recorded_at"))["recorded_at__max"]
    return localtime(last).strftime("%Y-%m-%d %H:%M") if last else "2026-01-01 00:00"


def _centre() -> str:
    rows = OrgUnit.objects.filter(kind=UnitKind.OPERATIONS_CENTRE, is_active=True).order_by("code")
    unit = rows.first()
    return f"{unit.name} {unit.phone}".strip() if unit else _("Operations centre")


class ServicesView(Open311View):
    """The list of services."""

    def get(self, request, format=None):
        return Response({"services": [service.told() for service in offers().values()]})


class ServiceView(Open311View):
    """The attributes of one service."""

    def get(self, request, code, format=None):
        return Response({"service_definition": _service(offers(), code).definition()})


def _service(known: dict[str, Offer], code: str) -> Offer:
    if code not in known:
        raise Failure(MISSING, _("service_code provided was not found."))
    return known[code]


class RequestsView(Open311View):
    """Requests: read by anybody, made with a key."""

    def perform_authentication(self, request):
        """Recognise the key of who makes a request: it stands in the body, or in the address."""
        if request.method != "POST":
            return
        self.throttle_scope = "open311-report"
        key = self.given("api_key")
        if not key:
            raise Failure(FORBIDDEN, _("api_key is missing."))
        source = source_of(key) if key.isascii() else None
        if source is None:
            raise Failure(FORBIDDEN, _("api_key is unknown, expired or revoked."))
        request.user = SourceCredential(source)

    def get(self, request, format=None):
        known = offers()
        if named := self.listed("service_request_id"):
            cases = published.requests_named(named[: published.MOST])
        else:
            cases = self._found(known)
        return Response({"service_requests": published.told(cases, known)})

    def _found(self, known: dict[str, Offer]) -> list[Case]:
        start, end = published.period(self._moment("start_date"), self._moment("end_date"))
        if end < start:
            raise Failure(BAD, _("end_date lies before start_date."))
        if end - start > published.LONGEST_SPAN:
            raise Failure(BAD, _("start_date and end_date may span at most 90 days."))
        statuses = self.listed("status")
        if set(statuses) - set(published.STATUSES):
            raise Failure(BAD, _("status is open or closed."))
        codes = self.listed("service_code")
        categories = [_service(known, code).category for code in codes] if codes else None
        return published.requests_between(start, end, statuses=statuses, categories=categories)

    def _moment(self, name: str) -> datetime | None:
        if not (text := self.given(name)):
            return None
        try:
            # A plus sign that a client left unescaped arrives as a blank.
            found = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise Failure(BAD, _("%(name)s is no time such as 2010-01-01T00:00:00Z.") % {"name": name})
        return found

    def post(self, request, format=None):
        source, code = request.user.source, self.given("service_code")
        if not code:
            raise Failure(BAD, _("service_code was not provided."))
        service = _service(offers(), code)
        given = {name: self.given(name) for name in ARGUMENTS}
        try:
            case = request_file(filing_of(given, _attributes(request.data), service, source), source=source)
        except Invalid as error:
            raise Failure(BAD, _named(error)) from error
        made = {
            "service_request_id": case.number,
            "service_notice": published.limit_of(case.standard),
            "account_id": self.given("account_id") or None,
        }
        return Response({"service_requests": [made]}, status=status.HTTP_201_CREATED)


def _attributes(data) -> dict[str, list[str]]:
    """Return the values of ``attribute[code]`` and ``attribute[code][]``."""
    found: dict[str, list[str]] = {}
    for name in data:
        if match := _ATTRIBUTE.fullmatch(name):
            found.setdefault(match[1], []).extend(str(value).strip() for value in data.getlist(name))
    return found


# What the rest of the product calls the arguments of the specification.
_ARGUMENTS = {"longitude": "long", "latitude": "lat", "area": "address_id"}


def _named(error: Invalid) -> str:
    name = _ARGUMENTS.get(error.field, error.field)
    return f"{name}: {error.detail}" if name and name not in str(error.detail) else str(error.detail)


class RequestView(Open311View):
    """One request."""

    def get(self, request, number, format=None):
        cases = published.requests_named([number])
        found = published.told(cases, offers())
        if not found:
            raise Failure(MISSING, _("service_request_id provided was not found."))
        return Response({"service_requests": found})


class TokenView(Open311View):
    """The number behind a tracking token. Requests are numbered at once, so that clients never need it."""

    def get(self, request, token, format=None):
        case = published.request_of_token(token)
        if case is None:
            raise Failure(MISSING, _("token provided was not found."))
        return Response({"service_requests": [{"service_request_id": case.number, "token": token}]})


class NothingView(Open311View):
    """Every other address below."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        raise Http404
