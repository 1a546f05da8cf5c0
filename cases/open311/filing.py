"""A request of Open311 becomes a case, through the named source whose key the client holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.intake.health import count, heard
from cases.models import Case, FilingStandard, IntakeSource, OpenRequest
from cases.open311.offers import CONDITION, Offer
from cases.services import case_open, case_report, evidence_add
from governance.coordinates import CoordinateError, validate
from governance.errors import Invalid
from governance.models import Area, Estate, User
from governance.models.person import phone_validator
from governance.transactions import atomically

LONGEST = {"description": 4000, "address_string": 200, "email": 254, "phone": 40, "device_id": 120, "account_id": 120,
           "first_name": 30, "last_name": 30, "media_url": 500}  # fmt: skip
# What a client may say besides service, key and attributes; anything else is not ours and passed over.
ARGUMENTS = (*LONGEST, "lat", "long", "address_id")
_NO_DIGITS = re.compile(r"[\s().-]")
_web_address = URLValidator(schemes=["http", "https"])


@dataclass
class Filing:
    """What a client wants to be done, checked: texts by the names of the specification, a place, a standard."""

    service: Offer
    standard: FilingStandard | None
    area: Area
    address: str
    longitude: float | None = None
    latitude: float | None = None
    texts: dict[str, str] = field(default_factory=dict)


def filing_of(given: Mapping[str, str], attributes: Mapping[str, Sequence[str]], service: Offer,
              source: IntakeSource) -> Filing:  # fmt: skip
    """Check what a client sent. Raises Invalid naming the argument."""
    texts = {name: (given.get(name) or "").strip().replace("\0", "") for name in LONGEST}
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            raise _wrong(name, _("%(name)s has more than %(most)s characters.") % {"name": name, "most": most})
    if texts["media_url"]:
        try:
            _web_address(texts["media_url"])
        except ValidationError as error:
            raise _wrong("media_url", _("media_url is no web address.")) from error
    standard = _standard(attributes, service)
    filing = Filing(service, standard, source.area, texts["address_string"], texts=texts)
    _place(filing, given)
    return filing


def _wrong(name: str, detail: str, code: str = "invalid") -> Invalid:
    return Invalid(detail, field=name, code=code)


def _standard(attributes: Mapping[str, Sequence[str]], service: Offer) -> FilingStandard | None:
    """Return the standard of the condition a client chose; where there is only one, no choice is needed."""
    for name in attributes:
        if name != CONDITION or not service.standards:
            raise _wrong(f"attribute[{name}]", _("The service has no attribute “%(name)s”.") % {"name": name})
    chosen = [value for value in attributes.get(CONDITION, ()) if value]
    if not chosen:
        return service.standards[0] if len(service.standards) == 1 else None
    known = {standard.condition_code: standard for standard in service.standards}
    if len(chosen) > 1 or chosen[0] not in known:
        wrong = _("attribute[condition] is one of: %(keys)s.") % {"keys": ", ".join(known)}
        raise _wrong("attribute[condition]", wrong)
    return known[chosen[0]]


def _place(filing: Filing, given: Mapping[str, str]) -> None:
    """Find the place: lat and long, address_id, or address_string alone. Raises Invalid."""
    lat, long, key = (given.get(name, "").strip() for name in ("lat", "long", "address_id"))
    if lat or long:
        try:
            filing.longitude, filing.latitude = validate(long or None, lat or None)
        except CoordinateError as error:
            raise _wrong({"lon": "long", "lat": "lat"}[error.field], str(error.detail), error.code) from error
    if key:
        _registered_place(filing, key)
    if not (lat or key or filing.address):
        raise _wrong("lat", _("A place is needed: lat and long, address_string or address_id."), "required")


def _registered_place(filing: Filing, key: str) -> None:
    """``address_id``: the code of an estate or of an area, within what the source may report into."""
    estate = Estate.objects.select_related("area").filter(code=key[:30]).first()
    area = estate.area if estate else Area.objects.filter(code=key[:15], is_active=True).first()
    if area is None or not filing.area.contains(area):
        raise _wrong("address_id", _("There is no such place."), "does_not_exist")
    filing.area = area
    if estate and not filing.address:
        filing.address = estate.address or estate.name


def request_file(filing: Filing, *, source: IntakeSource) -> Case:
    """Open the case of a checked filing: dispatched by the hub where the source's cases are filed at once.

    Raises Invalid for a place outside the source's area.
    """
    texts, at, actor = filing.texts, timezone.now(), User.objects.system("intake")
    category, standard = filing.service.category, filing.standard
    phone = _NO_DIGITS.sub("", texts["phone"])
    name = "".join(part for part in (texts["last_name"], texts["first_name"]) if part)
    if name.isascii():
        name = " ".join(part for part in (texts["first_name"], texts["last_name"]) if part)
    what = {
        "actor": actor, "source": source.kind,
        "description": texts["description"] or (standard.condition if standard else category.name),
        "category": category, "standard": standard, "area": filing.area, "address": filing.address,
        "longitude": filing.longitude, "latitude": filing.latitude, "reporter_name": name[:60],
        "reporter_phone": phone if _is_ours(phone) else "", "origin": {"source": source.code}, "occurred_at": at,
    }  # fmt: skip
    with atomically():
        case = case_open(**what) if source.files_at_once else case_report(**what)
        if any(texts[name] for name in ("email", "phone", "device_id", "account_id", "media_url")):
            OpenRequest.objects.create(
                case=case, source=source, email=texts["email"], phone=texts["phone"], device=texts["device_id"],
                account=texts["account_id"], media_url=texts["media_url"],
            )  # fmt: skip
        if texts["media_url"]:
            evidence_add(case, actor=actor, kind="open311_media", data={"url": texts["media_url"]}, happened_at=at)
        count(source, {"created": 1}, at=at)
        heard(source, at=at)
    return case


def _is_ours(phone: str) -> bool:
    try:
        phone_validator(phone)
    except ValidationError:
        return False
    return bool(phone)
