"""What the fictional city's property companies did in the last weeks, told through the services."""

import io
import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageDraw

from cases.models import FilingStandard
from governance.configuration import configuration_rows_save, configuration_save
from governance.models import Dwelling, Estate, OrgUnit, User
from governance.photos import Upload, inspect_upload
from governance.timers import fire_past
from governance.workflow import act
from property.models import (
    CareReceiver,
    CrossAppointment,
    PartyOrganisation,
    PropertyContract,
    ServiceItem,
    ServiceList,
    ServiceRecord,
)
from property.party.services import cross_appointment_save
from property.serving.contracts import contract_evaluate
from property.serving.lists import service_list_draft
from property.serving.occurrences import DAYS_AHEAD, records_make, timer_key
from property.serving.parcels import parcel_receive
from property.serving.ratings import rating_give

DAYS_BACK = 16
SHOWN_BACK = timedelta(days=3)  # photos and misses are those of the last days
MISSED_SHARE, CHECKED_SHARE = 0.12, 0.4  # [J]


@dataclass(frozen=True)
class Whose:
    """The estate a list is for, and who agrees to it."""

    estate: str
    branch: str
    company: str
    community: str
    manager: str
    decision: str
    price: Decimal


GZY = Whose("GZY", "LD-GZY", "property-anlan", "liudi", "manager.anlan", "桂子苑业主共同决定第1号", Decimal("0.85"))
YLHY = Whose("YLHY", "SSX-YLHY", "property-heyuan", "shushengxiang", "manager.heyuan", "云澜华苑业主共同决定第3号",
             Decimal("1.90"))  # fmt: skip


def load_services(*, now: datetime | None = None, seed: int = 9901) -> int:
    """Write lists, contracts, cross-appointments, parcels and care visits; returns how many occurrences there are."""
    now, rng = now or timezone.now(), Random(seed)
    people = {user.username: user for user in User.objects.filter(is_system=False)}
    told = json.loads((settings.BASE_DIR / "fixtures" / "demo" / "serving.json").read_text())
    photo = _picture()
    _seats(told["seats"], people, photo, now)
    since = now - timedelta(days=DAYS_BACK)
    contracts = [_contract(whose, people, now) for whose in (GZY, YLHY)]
    published = _list(told["items"], GZY, people, since)
    _signed(contracts[0], published, GZY, people, now)
    other = _list(told["items"], YLHY, people, now - timedelta(hours=1))
    _signed(contracts[1], other, YLHY, people, now)
    today = timezone.localdate(now)
    records_make(timezone.localdate(since), today + timedelta(days=DAYS_AHEAD), now=since, lists=[published])
    _done(published, people, photo, now, rng)
    _asked_for(told, people, now)
    return ServiceRecord.objects.count()


def _picture() -> Upload:
    """Return a drawn picture of a clean stairwell."""
    image = Image.new("RGB", (480, 360), (226, 228, 224))
    draw = ImageDraw.Draw(image)
    for step in range(7):
        draw.rectangle([60 + 30 * step, 300 - 34 * step, 420, 334 - 34 * step], fill=(178 + 6 * step, 176, 168))
    draw.line([60, 250, 300, 20], fill=(120, 60, 40), width=9)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return inspect_upload(file.getvalue())


def _seats(rows: list[dict], people: dict[str, User], photo: Upload, now: datetime) -> None:
    day = timezone.localdate(now)
    for told in rows:
        row = CrossAppointment(
            direction=told["direction"], organisation=PartyOrganisation.objects.get(code=told["organisation"]),
            unit=OrgUnit.objects.get(code=told["unit"]), person=people[told["person"]], seat=told["seat"],
            held_post=told["held_post"], procedure=told["procedure"], decided_on=day - timedelta(days=200),
            document_number="柳党发〔2026〕3号", valid_from=day - timedelta(days=190),
            valid_to=day + timedelta(days=told["days_left"]),
        )  # fmt: skip
        cross_appointment_save(row, actor=people["secretary.liudi"], changed=["person"], documents=[photo])


def _list(items: list[dict], whose: Whose, people: dict[str, User], at: datetime) -> ServiceList:
    organiser = people[f"organiser.{whose.community}"]
    made = service_list_draft(
        actor=organiser, estate=Estate.objects.get(code=whose.estate), company=OrgUnit.objects.get(code=whose.company),
        organisation=PartyOrganisation.objects.get(code=whose.branch),
    )  # fmt: skip
    missed = FilingStandard.objects.get(category__code="E0902", condition_code="missed")
    rows = [
        ServiceItem(service_list=made, position=place, miss_standard=missed,
                    **{name: time.fromisoformat(value) if name in ("starts", "ends") else value
                       for name, value in item.items()})
        for place, item in enumerate(items)
    ]  # fmt: skip
    configuration_rows_save(made, actor=organiser, name="items", saved=rows, removed=[])
    made = ServiceList.objects.lock(made.pk)
    act(made, "agree_party", actor=people[f"secretary.{whose.community}"], occurred_at=at)
    act(made, "agree_company", actor=people[whose.manager], occurred_at=at)
    return act(made, "publish", actor=organiser, occurred_at=at)


def _done(published: ServiceList, people: dict[str, User], photo: Upload, now: datetime, rng: Random) -> None:
    """Let what was due be done, some of it be looked at, and some of the last days be missed."""
    rows = ServiceRecord.objects.filter(item__service_list=published, ends_at__lt=now).with_rows()
    for record in rows.select_related("item__service_list").order_by("ends_at", "pk"):
        recent = record.ends_at > now - SHOWN_BACK
        if recent and rng.random() < MISSED_SHARE:
            fire_past(timer_key(record), record.ends_at)
            continue
        at = record.starts_at + timedelta(minutes=rng.randint(10, 100))
        done = act(record, "complete", actor=people["manager.anlan"], photos=[photo], occurred_at=at)
        if rng.random() < CHECKED_SHARE:
            act(done, "check_on_site", actor=people["steward.liudi"], occurred_at=at + timedelta(hours=1))
    for item in published.items.order_by("pk"):
        rating_give(item, actor=people["resident"], stars=rng.randint(3, 5), occurred_at=now - timedelta(minutes=50))


def _contract(whose: Whose, people: dict[str, User], now: datetime) -> PropertyContract:
    """Draw the contract up: only then does the company agree to the list that belongs to it."""
    organiser, day = people[f"organiser.{whose.community}"], timezone.localdate(now)
    contract = PropertyContract(
        number=f"{whose.branch}-WY-{day.year - 1}-01", estate=Estate.objects.get(code=whose.estate),
        company=OrgUnit.objects.get(code=whose.company), selection="introduced", price=whose.price,
        organisation=PartyOrganisation.objects.get(code=whose.branch), decision=whose.decision,
        decided_on=date(day.year - 1, 2, 10), valid_from=date(day.year - 1, 3, 1), valid_to=date(day.year + 1, 2, 28),
        repair_standard=FilingStandard.objects.get(category__code="E0901", condition_code="repair"),
    )  # fmt: skip
    configuration_save(contract, actor=organiser, changed=["number"])
    return contract


def _signed(contract: PropertyContract, agreed: ServiceList, whose: Whose, people: dict[str, User],
            now: datetime) -> None:  # fmt: skip
    """Sign a contract with the list that was agreed to; the company of last year is evaluated."""
    organiser, contract = people[f"organiser.{whose.community}"], PropertyContract.objects.lock(contract.pk)
    contract.service_list = agreed
    configuration_save(contract, actor=organiser, changed=["service_list"])
    act(PropertyContract.objects.lock(contract.pk), "sign", actor=organiser, occurred_at=now - timedelta(days=14))
    if whose == GZY:
        contract_evaluate(
            contract, actor=organiser, year=timezone.localdate(now).year - 1, score=82, verdict="improve",
            words="保洁、绿化到位；夜间巡查记录不全，限期整改。", occurred_at=now - timedelta(days=13),
        )  # fmt: skip


def _asked_for(told: dict, people: dict[str, User], now: datetime) -> None:
    """Parcels at the counter, and two elderly people who are looked in on."""
    for number, row in enumerate(told["parcels"], 1):
        home = Dwelling.objects.with_address().select_related("area").get(code=row["dwelling"])
        given = {name: row[name] for name in ("carrier", "tracking", "shelf")}
        at = now - timedelta(hours=5 * number)
        parcel_receive(actor=people["manager.anlan"], dwelling=home, occurred_at=at, **given)
    alarm = FilingStandard.objects.get(category__code="E0903", condition_code="missed")
    for number, row in enumerate(told["care"]):
        receiver = CareReceiver(
            code=row["code"], name=row["name"], needs=row["needs"], dwelling=Dwelling.objects.get(code=row["dwelling"]),
            lives_alone=True, visitor=people["steward.liudi"], alarm_standard=alarm, every_days=7,
            valid_from=timezone.localdate(now) - timedelta(days=60),
        )  # fmt: skip
        configuration_save(receiver, actor=people["community.liudi"], changed=["name"])
        if number == 0:
            at = now - timedelta(hours=20)
            act(receiver.visits.get(), "visit", actor=people["steward.liudi"], condition="well", occurred_at=at)
