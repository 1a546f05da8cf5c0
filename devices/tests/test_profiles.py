"""Versions of device profiles: drafted, published, discarded; what of a version does not change; who may."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from devices.models import Alarm, Device, DeviceProfile, PendingAlarm, ProfileMetric, ProfileStatus
from devices.profile_content import content_of
from devices.profiles import profile_discard, profile_draft, profile_publish
from devices.tests.fleet import NOW, at, message
from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event

ROLES = [
    "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker", "community_staff",
    "resident", "outside_administrator",
]  # fmt: skip


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def draft(fleet, admin) -> DeviceProfile:
    return profile_draft(fleet.cover_profile, actor=admin)


def stored() -> list:
    """All versions with what they say, to see that nothing changed."""
    rows = DeviceProfile.objects.with_rules().order_by("pk")
    return [(row.pk, row.version, row.state, content_of(row)) for row in rows]


def changed(draft, **limits) -> DeviceProfile:
    ProfileMetric.objects.filter(profile=draft).update(**limits)
    return draft


def refused(error, deed, *args, **more) -> Exception:
    before, events = stored(), Event.objects.count()
    with pytest.raises(error) as raised, transaction.atomic():
        deed(*args, **more)
    assert stored() == before and Event.objects.count() == events
    return raised.value


def test_a_draft_is_a_copy_of_the_version_in_force(fleet, admin):
    # given a profile with delays, and when a draft is begun
    fleet.cover_profile.statuses.update(on_delay=30, latched=True)
    draft = profile_draft(fleet.cover_profile, actor=admin)
    # then it says the same as the version in force, which goes on
    old = DeviceProfile.objects.with_rules().get(pk=fleet.cover_profile.pk)
    new = DeviceProfile.objects.with_rules().get(pk=draft.pk)
    assert content_of(old) == content_of(new)
    assert (new.version, new.state, new.published_at, old.state) == (2, "draft", None, "in_force")
    assert not Device.objects.filter(profile=draft).exists()
    assert Event.objects.get(name="profile.drafted").payload == {"code": "manhole_cover", "version": 2, "from": 1}
    # and there is only one at a time
    assert refused(Conflict, profile_draft, fleet.cover_profile, actor=admin).code == "draft_exists"


def test_publishing_moves_the_devices_and_judges_by_the_new_limits_from_then_on(fleet, admin, draft):
    # given a cover that lies still at 20 degrees would be tilted; the draft says 25
    changed(draft, high=25, clear=20)
    # when it is published
    published = profile_publish(draft, actor=admin, reason="误报太多", occurred_at=at(0))
    # then both covers follow it, the old version has retired, and history says so
    assert set(Device.objects.filter(profile=published).values_list("code", flat=True)) == {"MC-001", "MC-900"}
    assert DeviceProfile.objects.get(pk=fleet.cover_profile.pk).state == "retired"
    assert (published.state, published.published_at) == ("in_force", at(0))
    event = Event.objects.get(name="profile.published")
    assert event.payload == {"code": "manhole_cover", "from": 1, "to": 2, "trial": None, "devices": 2,
                             "open_alarms_without_rule": {}, "alarms_without_limit": {}}  # fmt: skip
    assert event.remark.text == "误报太多" and event.actor == admin
    # and 20 degrees is no alarm any more, 26 is
    fleet.ingest(message(1, metrics={"tilt": 20}))
    assert not Alarm.objects.exists()
    fleet.ingest(message(2, metrics={"tilt": 26}))
    assert Alarm.objects.get().alarm_type == "tilted"


def test_open_alarms_of_types_that_are_gone_are_told_and_still_end(fleet, admin, draft):
    # given an open alarm of a type the draft no longer has
    fleet.ingest(message(status="missing"))
    draft.statuses.filter(code="missing").delete()
    # when the draft is published
    profile_publish(draft, actor=admin, reason="不再上报")
    # then the event tells of it, and the device's "normal" still ends it
    assert Event.objects.get(name="profile.published").payload["open_alarms_without_rule"] == {"missing": 1}
    fleet.ingest(message(5, status="normal"), received_at=at(5))
    assert Alarm.objects.get().cleared_at == at(5)


def test_alarms_whose_limit_is_gone_are_over(fleet, admin, draft):
    # given two tilted covers, one by a figure alone and one that says so itself, and a delay that runs
    fleet.ingest(message(metrics={"tilt": 40}))
    fleet.ingest(message(device="MC-900", status="tilted", metrics={"tilt": 40}), owner=fleet.far)
    PendingAlarm.objects.create(
        device=fleet.cover, alarm_type="missing", since=NOW, window="1", device_at=NOW, received_at=NOW, value=1
    )
    # when a version without the limit is published
    draft.metrics.all().delete()
    profile_publish(draft, actor=admin, reason="不再测量", occurred_at=at(2))
    # then the first is over and its case knows, the other stands until it takes its word back, nothing waits
    ended, said = Alarm.objects.order_by("pk")
    assert (ended.cleared_at, said.active, said.exceeded) == (at(2), True, False)
    assert ended.case.evidence.order_by("-id").first().kind == "alarm_cleared"
    assert Event.objects.get(name="alarm.cleared").payload["why"] == "no_limit_any_more"
    assert Event.objects.get(name="profile.published").payload["alarms_without_limit"] == {"tilted": 1}
    assert not PendingAlarm.objects.exists()
    fleet.ingest(message(5, device="MC-900", status="normal"), owner=fleet.far, received_at=at(5))
    assert not Alarm.objects.active().exists()


def test_a_draft_that_says_nothing_new_or_is_not_whole_is_not_published(fleet, admin, draft):
    assert refused(Conflict, profile_publish, draft, actor=admin, reason="x").code == "nothing_differs"
    draft.statuses.filter(code="tilted").delete()
    assert refused(Conflict, profile_publish, draft, actor=admin, reason="x").code == "status_missing"


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_untried_draft_needs_a_reason(admin, draft, reason):
    error = refused(Invalid, profile_publish, changed(draft, high=25), actor=admin, reason=reason)
    assert (error.code, error.field) == ("not_tried", "reason")


def test_a_draft_is_discarded_whole(fleet, admin, draft):
    before = [row for row in stored() if row[0] != draft.pk]
    profile_discard(draft, actor=admin)
    assert stored() == before
    event = Event.objects.get(name="profile.discarded")
    assert (event.subject_id, event.payload) == (fleet.cover_profile.pk, {"code": "manhole_cover", "version": 2})


def test_what_is_no_draft_is_neither_published_nor_discarded(fleet, admin, draft):
    for deed in (profile_publish, profile_discard):
        assert refused(Conflict, deed, fleet.cover_profile, actor=admin).code == "no_draft"
    profile_publish(changed(draft, high=25), actor=admin, reason="x")
    for version in (draft, fleet.cover_profile):
        for deed in (profile_publish, profile_discard):
            assert refused(Conflict, deed, version, actor=admin).code == "no_draft"


@pytest.mark.parametrize("role", ROLES)
def test_only_the_citys_administrators_touch_versions(fleet, admin, role):
    person = fleet.city.user(role)
    refused(NotPermitted, profile_draft, fleet.cover_profile, actor=person)
    draft = changed(profile_draft(fleet.cover_profile, actor=admin), high=25)
    refused(NotPermitted, profile_publish, draft, actor=person, reason="x")
    refused(NotPermitted, profile_discard, draft, actor=person)


def save(row, actor, **values):
    row = DeviceProfile.objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    configuration_save(row, actor=actor, changed=values)


def test_name_category_and_scene_change_while_in_force_and_reach_the_next_case(fleet, admin):
    # given a process that knows the rules already
    fleet.cover_profile.statuses.update(standard=None)
    fleet.ingest(message(metrics={"tilt": 1}))
    other = fleet.city.category.parent
    # when another one changes the category
    save(fleet.cover_profile, admin, name="新名", category=other)
    # then the next alarm's case has it
    fleet.ingest(message(1, status="tilted"))
    assert Alarm.objects.get().case.category == other


def test_a_filing_standard_changed_since_counts_for_the_next_case(fleet, admin):
    fleet.ingest(message(metrics={"tilt": 1}))
    type(fleet.city.standard).objects.filter(pk=fleet.city.standard.pk).update(limit_amount=7)
    fleet.ingest(message(1, status="tilted"))
    assert Alarm.objects.get().case.standard.limit_amount == 7


@pytest.mark.parametrize(
    "values", [{"reporting_interval": 60}, {"case_source": "video"}, {"code": "other"}, {"version": 9},
               {"state": "draft"}],
)  # fmt: skip
def test_the_rest_of_a_version_in_force_does_not_change(fleet, admin, values):
    assert refused(Conflict, save, fleet.cover_profile, admin, **values).code == "no_draft"


@pytest.mark.parametrize("values", [{"code": "other"}, {"version": 9}, {"state": "in_force"}])
def test_a_draft_does_not_become_another_by_itself(admin, draft, values):
    refused(Conflict, save, draft, admin, **values)
    save(draft, admin, reporting_interval=60)
    assert DeviceProfile.objects.get(pk=draft.pk).reporting_interval == 60


def test_a_retired_version_does_not_change_at_all(fleet, admin, draft):
    profile_publish(changed(draft, high=25), actor=admin, reason="x")
    refused(Conflict, save, fleet.cover_profile, admin, name="新名")


def test_statuses_and_metrics_change_in_a_draft_only(fleet, admin, draft):
    for profile, allowed in [(fleet.cover_profile, False), (draft, True)]:
        row = profile.metrics.get()
        row.high = 30
        new = ProfileStatus(profile=profile, code="moved", label="移位")
        gone = [profile.statuses.get(code="missing")]
        call = {"actor": admin, "name": "rows", "saved": [row, new], "removed": gone}
        if allowed:
            configuration_rows_save(profile, **call)
            assert profile.metrics.get().high == 30
            assert {one.code for one in profile.statuses.all()} == {"tilted", "moved"}
        else:
            refused(Conflict, configuration_rows_save, profile, **call)


def test_a_new_profile_is_a_draft_until_it_is_published(fleet, admin):
    category = fleet.city.category
    refused(Conflict, configuration_save, DeviceProfile(code="lamp", name="灯", category=category), actor=admin,
            changed=[])  # fmt: skip
    lamp = DeviceProfile(code="lamp", name="灯", category=category, state="draft")
    configuration_save(lamp, actor=admin, changed=[])
    device = Device.objects.get(code="MC-001")
    device.profile = lamp
    with pytest.raises(ValidationError) as error:
        device.full_clean()
    assert set(error.value.message_dict) == {"profile"}
    # there is nothing to try it on, so no reason is needed
    assert profile_publish(lamp, actor=admin).state == "in_force"
    device.full_clean()
