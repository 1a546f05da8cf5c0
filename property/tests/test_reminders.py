"""Contracts and terms that end are told of 60 and 30 days before, once, to the community and the party secretary."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from governance.models import Appointment, Event, Notice
from governance.notices.tests.conftest import tell
from property.models import PartyMembership, PropertyContract, TermReminder
from property.party.tests.organisations import a_seat, build_organisations
from property.reminders.terms import endings_tell
from property.tests.neighbourhood import company_serves

pytestmark = pytest.mark.django_db


@pytest.fixture
def party(neighbourhood):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0008_term_reminders.json"), verbosity=0)
    return build_organisations(neighbourhood)


def told() -> list[tuple[str, int]]:
    rows = Event.objects.filter(name__endswith="ends_soon").order_by("pk").values_list("name", "payload")
    return [(name, payload["days"]) for name, payload in rows]


def test_each_end_is_told_once_for_each_number_of_days(party, city):
    # given one of each that ends 45 days from now, and one of each that does not yet
    today, last = timezone.localdate(), timezone.localdate() + timedelta(days=45)
    company_serves(party.place, organisation=party.by_level["branch"], valid_to=last)
    for level, ends in (("branch", last), ("group", last + timedelta(days=300))):
        PartyMembership.objects.create(organisation=party.by_level[level], person=party.people[0], post="secretary",
                                       valid_to=ends)  # fmt: skip
    PartyMembership.objects.create(organisation=party.by_level["branch"], person=party.people[1], valid_to=last)
    for into_party, ends in ((False, last), (True, last + timedelta(days=300))):
        seat = a_seat(party, into_party=into_party)
        seat.valid_to = ends
        seat.save()
    Appointment.objects.filter(unit__code="owners").update(valid_to=last)
    # when it is looked every day, also twice
    assert [endings_tell(today), endings_tell(today)] == [4, 0]
    names = {"contract", "party_post", "cross_appointment", "owners_committee"}
    assert set(told()) == {(f"{name}.ends_soon", 60) for name in names}
    assert endings_tell(today + timedelta(days=14)) == 0
    assert [endings_tell(last - timedelta(days=30)), endings_tell(last), endings_tell(last + timedelta(days=1))] == [
        4,
        0,
        0,
    ]
    # then the community and the secretary of this place hear of each, nobody else, and no name is in the event
    tell()
    people = {notice.person.username for notice in Notice.objects.all()}
    assert people == {"community_staff", "party_secretary"}
    titles = {notice.title.split("：")[0] for notice in Notice.objects.filter(person=city.user("party_secretary"))}
    assert titles == {"物业合同将到期", "任期将届满", "交叉任职将到期", "业委会将换届"}
    assert not Event.objects.filter(payload__contains={"days": 60}).exclude(actor__username="system:timers").exists()


def test_what_was_not_told_in_time_is_told_by_the_nearest_number_of_days(party):
    # the worker stood still: with 20 days left one notice goes out, not two
    today = timezone.localdate()
    contract = company_serves(party.place, organisation=party.by_level["branch"], valid_to=today + timedelta(days=20))
    assert endings_tell(today) == 1 and told() == [("contract.ends_soon", 30)]
    # a longer term is another end; a reminder out of use is none
    PropertyContract.objects.filter(pk=contract.pk).update(valid_to=today + timedelta(days=29))
    assert endings_tell(today) == 1
    TermReminder.objects.update(is_active=False)
    PropertyContract.objects.filter(pk=contract.pk).update(valid_to=today + timedelta(days=10))
    assert endings_tell(today) == 0
