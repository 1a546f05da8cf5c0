"""Every transition × every role through the admin's POST, against the table the API tests wrote by hand."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from cases.models import Case
from cases.tests.api import in_state
from cases.tests.test_api_transitions import ROLES, TABLE, prepared, sees
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import steps_of

STAFF_ROLES = [role for role in ROLES if role != "resident"]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(case) -> str:
    return reverse("admin:cases_case_change", args=[case.pk])


def form_of(case, name) -> str:
    return reverse("admin:cases_case_transition", args=[case.pk, name])


def press(user, case, name, data=None):
    return client_of(user).post(form_of(case, name), {"version": case.version} | (data or {}))


@pytest.mark.parametrize("name", TABLE)
def test_each_transition_is_open_to_its_roles_and_to_no_others(city, name):
    # given a case in the state the transition starts from
    _state, _data, target, allowed = TABLE[name]
    case, data = prepared(city, name)
    before = snapshot(case)
    for role in STAFF_ROLES:
        if role in allowed:
            # when somebody who may posts the form, then the case is where the table says, with one event more
            with transaction.atomic():
                response = press(city.user(role), case, name, data)
                assert response.status_code == 302, (role, response.content.decode()[:500])
                after = snapshot(case)
                assert after["state"] == target and after["_events"] > before["_events"], role
                transaction.set_rollback(True)
        else:
            # when somebody who may not forges the post, then it is refused and nothing has changed
            response = press(city.user(role), case, name, data)
            assert response.status_code == (403 if sees(role, case) else 404), role
            assert snapshot(case) == before, role


@pytest.mark.parametrize("name", TABLE)
def test_people_outside_the_area_or_unit_find_no_step(city, name):
    case, data = prepared(city, name)
    before = snapshot(case)
    for role in STAFF_ROLES:
        outsider = city.outsider(role)
        # when somebody with the same role elsewhere opens or posts it, then it does not exist
        assert press(outsider, case, name, data).status_code == 404, role
        assert client_of(outsider).get(form_of(case, name)).status_code == 404, role
        assert snapshot(case) == before, role


@pytest.mark.parametrize("state", sorted({row[0] for row in TABLE.values()}))
def test_people_outside_the_area_or_unit_find_no_case(city, state):
    case = in_state(city, state)
    for role in STAFF_ROLES:
        client = client_of(city.outsider(role))
        assert client.get(page_of(case)).status_code == 404, role
        assert case.number not in client.get(reverse("admin:cases_case_changelist")).content.decode(), role


@pytest.mark.parametrize("who", ["resident", None])
def test_people_who_are_not_staff_are_sent_to_sign_in(city, who):
    case = in_state(city, "reported")
    before = snapshot(case)
    client = client_of(city.user(who)) if who else Client()
    for response in (client.post(form_of(case, "cancel"), {"reason": "重复"}), client.get(page_of(case))):
        assert response.status_code == 302 and "/admin/login/" in response["Location"]
    assert snapshot(case) == before


@pytest.mark.parametrize("state", sorted({row[0] for row in TABLE.values()}))
def test_the_page_shows_exactly_the_buttons_of_the_table(city, state):
    case = in_state(city, state)
    for role in STAFF_ROLES:
        response = client_of(city.user(role)).get(page_of(case))
        if not sees(role, case):
            assert response.status_code == 404
            continue
        html = response.content.decode()
        shown = {name for name in TABLE if f'data-transition="{name}"' in html}
        must = {name for name, (start, *_rest, allowed) in TABLE.items() if start == state and role in allowed}
        assert must <= shown, (role, must - shown)
        assert all(role in TABLE[name][3] for name in shown), role


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row[-1]])
def test_reading_the_form_changes_nothing(city, name):
    # given somebody who may press the button
    allowed = TABLE[name][-1]
    case, data = prepared(city, name)
    before = snapshot(case)
    role = sorted(allowed - {"resident"})[0]
    # when the form is read, with everything it asks for in the address
    response = client_of(city.user(role)).get(form_of(case, name), data)
    # then it is shown with the version seen, and nothing was done
    assert response.status_code == 200
    assert f'name="version" value="{case.version}"' in response.content.decode()
    assert "csrfmiddlewaretoken" in response.content.decode()
    assert snapshot(case) == before


def test_a_post_without_csrf_token_is_refused(city):
    case = in_state(city, "reported")
    before = snapshot(case)
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.user("registrar"))
    response = client.post(form_of(case, "reject"), {"reason": "不属实", "version": case.version})
    assert response.status_code == 403
    assert snapshot(case) == before


def test_a_process_s_own_and_unknown_transitions_do_not_exist(city):
    case = in_state(city, "accepted")
    before = snapshot(case)
    quiet = next(name for name, step in steps_of(Case).items() if step.quiet)
    for name in (quiet, "explode", "refresh_from_db"):
        assert press(city.user("operations_centre"), case, name, {"why": "no_standard"}).status_code == 404
    assert snapshot(case) == before


def test_the_change_page_itself_takes_no_post(city):
    case = in_state(city, "reported")
    before = snapshot(case)
    response = client_of(city.user("administrator")).post(page_of(case), {"state": "closed", "description": "x"})
    assert response.status_code in (403, 405)
    delete = reverse("admin:cases_case_delete", args=[case.pk])
    assert client_of(city.user("administrator")).post(delete, {"post": "yes"}).status_code == 403
    assert snapshot(case) == before


def test_a_stale_version_shows_the_fresh_page(city):
    case = in_state(city, "submitted")
    before = snapshot(case)
    response = client_of(city.user("grid_worker")).post(form_of(case, "inspect"), {"version": case.version - 1})
    html = response.content.decode()
    assert response.status_code == 409
    assert "jc-notice-warning" in html and f'data-live-subject="cases.case:{case.pk}"' in html
    assert snapshot(case) == before


def test_a_button_of_another_state_shows_the_fresh_page(city):
    case = in_state(city, "handling")
    before = snapshot(case)
    response = press(city.user("handler"), case, "start")
    assert response.status_code == 409 and 'data-transition="submit"' in response.content.decode()
    assert snapshot(case) == before


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if "reason" in row[1] and name != "dispatch"])
def test_a_missing_reason_comes_back_with_the_form(city, name):
    allowed = TABLE[name][-1]
    case, data = prepared(city, name)
    before = snapshot(case)
    role = sorted(allowed - {"resident"})[0]
    response = press(city.user(role), case, name, data | {"reason": "  "})
    assert response.status_code == 400
    assert "jc-field-wrong jc-field-reason" in response.content.decode()
    assert snapshot(case) == before


def test_photos_come_with_the_result_and_a_text_file_does_not(city, photo):
    case = in_state(city, "handling")
    before = snapshot(case)
    handler = city.user("handler")
    bad = press(handler, case, "submit", {"result": "已扶正", "photos": [photo(b"not a photo", "a.jpg")]})
    assert bad.status_code == 400 and snapshot(case) == before
    good = press(handler, case, "submit", {"result": "已扶正", "photos": [photo(), photo()]})
    assert good.status_code == 302
    html = client_of(city.user("grid_worker")).get(page_of(case)).content.decode()
    assert html.count('<img src="/files/') == 2


def test_whoever_gives_a_case_away_is_led_back_to_the_list(city):
    case = in_state(city, "dispatched")
    response = press(city.user("handler"), case, "return", {"reason": "不归我们管"})
    assert response.status_code == 302 and response["Location"] == reverse("admin:cases_case_changelist")
    # and a second press finds nothing any more
    assert press(city.user("handler"), case, "return", {"reason": "不归我们管"}).status_code == 404


def test_two_people_pressing_the_same_button_at_once(transactional_db, city):
    # given a submitted case and two people who may pass the inspection
    case = in_state(city, "submitted")
    events = Event.objects.filter(subject_type="cases.case", subject_id=case.pk, name="case.inspected")
    barrier = threading.Barrier(2, timeout=20)

    def race(role):
        try:
            client = client_of(city.user(role))
            barrier.wait()
            return client.post(form_of(case, "inspect"), {"version": case.version}).status_code
        finally:
            connections.close_all()

    # when both press at once, then one wins, the other is told, and there is one event
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, ["grid_worker", "operations_centre"])) == [302, 409]
    assert events.count() == 1


@pytest.fixture
def photo():
    """Return a maker of uploads: a real PNG, or other content under the same name."""

    def make(content=None, name="photo.png"):
        if content is None:
            buffer = BytesIO()
            Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
            content = buffer.getvalue()
        return SimpleUploadedFile(name, content, content_type="image/png")

    return make
