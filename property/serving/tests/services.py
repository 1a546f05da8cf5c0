"""A published service list in the small estate, for tests."""

from dataclasses import dataclass
from datetime import date, datetime, time

from cases.models import FilingStandard
from governance.clock import SHANGHAI
from governance.configuration import configuration_rows_save
from governance.models import User
from governance.workflow import act
from property.models import ServiceItem, ServiceList, ServiceRecord
from property.party.tests.organisations import Party, build_organisations
from property.serving.lists import service_list_draft
from property.tests.neighbourhood import Neighbourhood, company_serves

PUBLISHED = datetime(2026, 11, 1, 9, tzinfo=SHANGHAI)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026, Asia/Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def an_item(service_list: ServiceList, code: str, **given) -> ServiceItem:
    """Return an unsaved item: every day from 08:00 to 18:00, with a photo."""
    given = {"name": code, "field": "cleaning", "standard": "每日清扫一次", "performer": "保洁班",
             "check_method": "照片与抽查", "starts": time(8), "ends": time(18)} | given  # fmt: skip
    return ServiceItem(service_list=service_list, code=code, **given)


@dataclass
class Services:
    """``service_list``: edition 1 of the estate with the items stairs (daily, with a photo, a miss is filed under
    井盖倾斜), gate (Mondays, without a photo) and parcels (when asked for), published on 2026-11-01."""

    party: Party
    service_list: ServiceList

    @property
    def city(self):
        return self.party.place.city

    def person(self, role: str) -> User:
        return self.city.user(role)

    def item(self, code: str) -> ServiceItem:
        return self.service_list.items.get(code=code)

    def record(self, code: str, day: date) -> ServiceRecord:
        """Return an occurrence with what permission checks need."""
        rows = ServiceRecord.objects.with_rows().select_related("item__service_list")
        return rows.get(item__code=code, item__service_list=self.service_list, date=day)


def draft(party: Party, standard: FilingStandard | None = None) -> ServiceList:
    """Return a draft of the first edition with three items; ``company`` serves by the contract ``WY-company``."""
    city = party.place.city
    company_serves(party.place, organisation=party.by_level["branch"])
    made = service_list_draft(
        actor=city.user("organiser"), estate=party.place.estate, organisation=party.by_level["branch"],
        company=city.units["company"],
    )  # fmt: skip
    items = [
        an_item(made, "stairs", miss_standard=standard),
        an_item(made, "gate", rule="weekdays", weekdays=[0], needs_photo=False),
        an_item(made, "parcels", rule="on_demand", group="featured", field="parcels"),
    ]
    configuration_rows_save(made, actor=city.user("organiser"), name="items", saved=items, removed=[])
    return ServiceList.objects.lock(made.pk)


def published(service_list: ServiceList, city, *, when: datetime = PUBLISHED) -> ServiceList:
    """Let both agree and publish."""
    act(service_list, "agree_party", actor=city.user("party_secretary"), occurred_at=when)
    act(service_list, "agree_company", actor=city.user("property_manager"), occurred_at=when)
    return act(service_list, "publish", actor=city.user("organiser"), occurred_at=when)


def build_services(place: Neighbourhood) -> Services:
    """Add the party organisations and the published list; its occurrences run from 2026-11-02 to 2026-11-04."""
    return build_services_in(build_organisations(place))


def build_services_in(party: Party) -> Services:
    """Add the published list where the party organisations are there."""
    city = party.place.city
    return Services(party, published(draft(party, city.standard), city))
