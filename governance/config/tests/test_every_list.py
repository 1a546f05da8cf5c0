"""Every list of the admin goes out as a file, and comes in as one unless only processes and people's steps write it."""

from django.contrib import admin
from django.test import RequestFactory

from governance.admin.exports import ExportMixin
from governance.exchange.importers import importers, model_of

# Lists whose rows come about by themselves. A new list is imported, or stands here with the reason why it cannot be.
NOT_IMPORTED = {
    "cases.patrol": "rounds are made by their plans; what happened on them is checked in on the spot",
    "devices.alarm": "raised and cleared by what devices report",
    "governance.attachment": "files come with what they belong to",
    "governance.calendarfeed": "a link is a secret that its owner makes",
    "governance.delivery": "messages are planned and sent by the worker",
    "governance.event": "the history: written with each change, by it alone",
    "governance.heartbeat": "signs of life of the processes",
    "governance.importrun": "the imports themselves",
    "governance.linkedidentity": "made when somebody signs in by another provider",
    "governance.notice": "written by the worker out of events",
    "governance.timer": "deadlines are set by what has them",
}


def label_of(model_admin) -> str:
    return model_admin.opts.label_lower


LISTS = sorted(admin.site._registry.values(), key=label_of)


def test_every_list_is_exported_and_imported_or_says_why_not():
    filled = {model_of(cls) for cls in importers().values()}
    lists = {label_of(one) for one in LISTS}
    assert all(isinstance(one, ExportMixin) for one in LISTS)
    assert lists - filled == NOT_IMPORTED.keys()
    # and no import is offered by no list
    assert filled <= lists


def test_each_list_offers_its_imports_to_those_who_may(city):
    # given everybody who works in the city, and a resident
    request = RequestFactory().get("/")
    offered = {label_of(one): set() for one in LISTS}
    for person in city.people.values():
        request.user = person
        for one in LISTS:
            offered[label_of(one)] |= {person.username} if one.import_links(request) else set()
    # then each list offers an import to somebody, and none to a resident
    assert {label for label, people in offered.items() if not people} == NOT_IMPORTED.keys()
    assert not any({"resident", "outside_resident"} & people for people in offered.values())
    # and the doors stand open exactly as wide as the roles say
    by_role = {label: {name for name in people if not name.startswith("outside_")} for label, people in offered.items()}
    assert by_role["cases.case"] == {"operations_centre", "registrar", "dispatcher", "handler", "grid_worker",
                                     "community_staff"}  # fmt: skip
    assert by_role["governance.noticechannel"] == by_role["devices.deviceprofile"] == {"administrator"}
    assert by_role["governance.residency"] == by_role["governance.venue"] == {"administrator", "community_staff"}
    assert by_role["cases.patrolplan"] == {"administrator", "community_staff", "operations_centre"}
