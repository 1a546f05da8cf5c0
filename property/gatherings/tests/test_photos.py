"""Photos: who adds them, who is asked, and who sees them when."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.photos import inspect_upload
from governance.tests.test_attachments import photo as picture
from governance.workflow import act
from property.gatherings.offered import offered
from property.gatherings.photos import photo_for
from property.gatherings.tests.festival import BEGINS
from property.gatherings.tests.test_doors import ROLES, RUNNING
from property.models import EventPhoto, PhotoConsent

pytestmark = pytest.mark.django_db


def test_a_photo_is_seen_only_with_every_consent_and_hidden_at_once(square):
    event = square.open()
    first, second, looker = square.neighbours[:3]
    square.sign_up(event, 0)
    square.sign_up(event, 1)
    event = square.step(event, "begin", at=BEGINS)
    upload = inspect_upload(picture(), max_bytes=10**7)
    for given in ({"photos": []}, {"photos": [upload], "nobody": True, "people": [first]}):
        with pytest.raises(Invalid):
            square.step(event, "add_photos", **given)
    square.step(event, "add_photos", photos=[upload], people=[first], caption="包粽子")
    photo = EventPhoto.objects.get()
    square.step(photo, "ask", person=first, child="小宝")
    square.step(photo, "ask", dwelling=square.place.dwellings[1])
    for given in ({}, {"child": "小宝"}, {"child": "小宝", "dwelling": square.place.dwellings[0]}):
        with pytest.raises(Invalid):
            square.step(photo, "ask", **given)
    own, child, home = PhotoConsent.objects.order_by("id")
    page, file = client_of(looker), f"/r/gatherings/photos/{photo.pk}/"
    # the asked may look at what they are asked about; a neighbour not yet
    assert client_of(first).get(file).status_code == client_of(second).get(file).status_code == 200
    assert page.get(file).status_code == 404
    for row, person in ((own, first), (child, first)):
        square.step(row, "agree", by=person)
    assert photo_for(looker, photo.pk) is None
    # a household is answered for by who lives there, nobody else
    with pytest.raises(NotPermitted):
        square.step(home, "agree", by=looker)
    home = square.step(home, "agree", by=second)
    shown = page.get(file)
    assert shown.status_code == 200 and "no-store" in shown["Cache-Control"]
    assert photo.pk in [one["id"] for one in page.get(f"/api/v1/me/gatherings/{event.pk}/").json()["photos"]]
    # when the guardian takes it back, it is hidden with the next look
    square.step(child, "refuse", by=first)
    assert page.get(file).status_code == 404
    square.step(child, "agree", by=first)
    assert page.get(file).status_code == 200
    # the no of one of a household is not lifted by another
    flatmate = square.neighbours[-1]
    flatmate.residencies.update(dwelling=square.place.dwellings[1])
    home = square.step(home, "refuse", by=second)
    with pytest.raises(NotPermitted):
        square.step(home, "agree", by=flatmate)
    assert [step.name for step in offered(home, flatmate)] == [] and page.get(file).status_code == 404
    assert square.step(home, "agree", by=second).state == "consented"
    # with nobody on it, somebody answers for that by name
    with pytest.raises(Conflict):
        square.step(photo, "nobody")
    square.step(event, "add_photos", photos=[upload], nobody=True)
    empty = EventPhoto.objects.latest("id")
    assert empty.nobody_by == square.organiser and photo_for(looker, empty.pk) == empty
    # and a photo with nobody asked is not shown, nor one taken down
    square.step(event, "add_photos", photos=[upload])
    assert photo_for(looker, EventPhoto.objects.latest("id").pk) is None
    square.step(empty, "take_down", reason="模糊")
    assert photo_for(looker, empty.pk) is None
    assert not [one for one in Event.objects.all() if "小宝" in str(one.payload)]


def test_photos_are_added_by_who_runs_the_event_and_nobody_else(square):
    event = square.in_state("under_way")
    address = f"/api/v1/neighbour-events/{event.pk}/transitions/add_photos/"
    upload = inspect_upload(picture(), max_bytes=10**7)
    people = {role: square.city.user(role) for role in ROLES} | {"own": square.neighbours[0]}
    people |= {f"outside {role}": square.city.outsider(role) for role in ROLES}
    for role, user in people.items():
        if role in RUNNING:
            continue
        with pytest.raises(NotPermitted):
            act(event, "add_photos", actor=user, photos=[upload], people=square.neighbours[:1])
    for role in ("grid_worker", "outside organiser"):
        given = {"photos": [picture()], "nobody": "true"}
        assert client_of(people[role]).post(address, given, format="multipart").status_code in (403, 404)
    assert not EventPhoto.objects.exists()
    given = {"photos": [picture()], "nobody": "true"}
    assert client_of(people["community_staff"]).post(address, given, format="multipart").status_code == 200
    photo, asked = EventPhoto.objects.get(), square.neighbours[0]
    assert photo.nobody_by == people["community_staff"]
    # and all that somebody is asked can be reached
    PhotoConsent.objects.bulk_create(
        PhotoConsent(photo=photo, event=event, area=event.area, person=asked, child=f"孩子{n}") for n in range(32)
    )
    page = client_of(asked).get("/r/gatherings/photos/")
    rest = client_of(asked).get(f"/r/gatherings/photos/?before={page.context['older']}")
    assert [len(answer.context["rows"]) for answer in (page, rest)] == [30, 2] and rest.context["older"] is None
