"""Contracts and people cared for in the small estate, for tests."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from governance.configuration import configuration_save
from governance.workflow import act
from property.models import CareReceiver, PropertyContract
from property.serving.tests.services import Services


def a_contract(services: Services, **given) -> PropertyContract:
    """Return a stored draft, in place of what the builder signed: the company, from last year to the next."""
    unserved()
    year = timezone.localdate().year
    given = {
        "number": "WY-1", "company": services.city.units["company"], "service_list": services.service_list,
        "organisation": services.party.by_level["branch"], "selection": "introduced",
        "decided_on": date(year - 1, 1, 5), "decision": "柳堤社区〔2026〕2号", "valid_from": date(year - 1, 2, 1),
        "valid_to": date(year + 1, 1, 31), "price": Decimal("1.35"),
    } | given  # fmt: skip
    contract = PropertyContract(estate=services.party.place.estate, **given)
    configuration_save(contract, actor=services.person("organiser"), changed=["number"])
    return PropertyContract.objects.lock(contract.pk)


def unserved() -> None:
    """Take away the contract that the builder signed."""
    PropertyContract.objects.filter(number="WY-company").delete()


def in_force(services: Services, **given) -> PropertyContract:
    """Return a contract in force."""
    return act(a_contract(services, **given), "sign", actor=services.person("organiser"))


def a_receiver(services: Services, **given) -> CareReceiver:
    """Return an unsaved person at the first flat, to be looked in on every 7 days, usually by the steward."""
    given = {"code": "ld-01", "name": "秦奶奶", "lives_alone": True, "visitor": services.person("steward"),
             "valid_from": timezone.localdate() - timedelta(days=30)} | given  # fmt: skip
    return CareReceiver(dwelling=services.party.place.dwellings[0], **given)


def receiver_saved(services: Services, receiver: CareReceiver) -> CareReceiver:
    """Save a person as the community does."""
    configuration_save(receiver, actor=services.person("community_staff"), changed=["name"])
    return receiver
