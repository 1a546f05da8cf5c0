"""``Idempotency-Key``: one effect and one answer for a request sent again, also at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.tests.api import CASES, client_of, in_state, press
from cases.tests.test_api_cases import body, photo
from governance.models import Attachment, Event, IdempotencyRecord

REPORTS = "/api/v1/public/reports/"


@pytest.fixture(autouse=True)
def _no_requests_yet():
    """Rate limits of the tests before do not count."""
    cache.clear()


def send(client, content, key, url=CASES, **options):
    return client.post(url, content, headers={"Idempotency-Key": key}, **options)


def test_the_same_request_sent_twice_has_one_effect_and_the_same_answer(city):
    # given a request that was carried out
    client = client_of(city.user("registrar"))
    first = send(client, body(city), "k1")
    # when it is sent again, its fields in another order
    again = send(client, dict(reversed(body(city).items())), "k1")
    # then the answer is the same and there is one case
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert Case.objects.count() == 1 and Event.objects.count() == 1


def test_other_content_under_the_same_key_is_a_conflict(city):
    client = client_of(city.user("registrar"))
    send(client, body(city), "k1")
    response = send(client, body(city, description="别的事"), "k1")
    assert response.status_code == 409
    assert response.json()["type"] == "client_error"
    error = response.json()["errors"][0]
    assert (error["code"], error["attr"]) == ("idempotency_conflict", "Idempotency-Key")
    assert Case.objects.count() == 1


def test_the_key_belongs_to_its_caller_and_address(city):
    send(client_of(city.user("registrar")), body(city), "k1")
    other = send(client_of(city.user("dispatcher")), body(city), "k1")
    public = send(client_of(city.user("registrar")), {"text": "井盖歪了很危险", "area": city.grid.code}, "k1", REPORTS)
    assert (other.status_code, public.status_code) == (201, 201)
    assert Case.objects.count() == 3


def test_a_failed_request_leaves_the_key_free(city):
    client = client_of(city.user("registrar"))
    # given a request refused for its content, and one for its place (after the claim on the key)
    assert send(client, body(city, source="moon"), "k1").status_code == 400
    assert send(client, body(city, longitude=100.0, latitude=20.0), "k1").status_code == 400
    assert not IdempotencyRecord.objects.exists()
    # when it is put right under the same key, then it is carried out
    assert send(client, body(city), "k1").status_code == 201


def test_files_are_part_of_the_content(city):
    client = client_of(city.user("registrar"))
    sent = [send(client, body(city, photos=[photo()]), "k1", format="multipart") for _ in range(2)]
    assert [response.status_code for response in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    assert (Case.objects.count(), Attachment.objects.count()) == (1, 1)
    other = photo()
    other.write(b" ")
    other.seek(0)
    assert send(client, body(city, photos=[other]), "k1", format="multipart").status_code == 409
    assert send(client, body(city), "k1", format="multipart").status_code == 409


@pytest.mark.parametrize(
    ("key", "code"), [("x" * 121, "max_length"), ("a b", "invalid"), ("", "invalid"), ("ключ", "invalid")]
)
def test_a_key_that_cannot_be_used_is_named(city, key, code):
    # WSGI hands headers over as Latin-1
    header = key.encode().decode("latin-1")
    response = client_of(city.user("registrar")).post(CASES, body(city), HTTP_IDEMPOTENCY_KEY=header)
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["attr"], error["code"]) == ("Idempotency-Key", code)
    assert not Case.objects.exists()


def test_it_needs_two_statements(city):
    client = client_of(city.user("registrar"))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        send(client, body(city), "k1")
    ours = [query["sql"] for query in captured.captured_queries if "idempotencyrecord" in query["sql"]]
    assert [sql.split()[0] for sql in ours] == ["INSERT", "UPDATE"]


def test_an_answer_is_kept_sealed_and_without_its_key_it_is_told_that_it_was_carried_out(city, settings):
    # given a request whose answer tells words of a person
    client = client_of(city.user("registrar"))
    assert send(client, body(city), "k1").status_code == 201
    # then they do not stand in the table
    kept = bytes(IdempotencyRecord.objects.get().body)
    assert body(city)["description"].encode() not in kept and b"description" not in kept
    # when the installation has another key by then, nothing is done again
    settings.SECRET_KEY = "another key of forty characters and more, you know"
    again = send(client_of(city.user("registrar")), body(city), "k1")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "answer_unreadable")
    assert Case.objects.count() == 1


def test_a_transition_sent_again_is_not_done_again(city):
    case = in_state(city, "dispatched")
    headers = {"Idempotency-Key": "k1"}
    answers = [press(city.user("handler"), case, "return", {"reason": "不归我们管"}, headers=headers) for _ in range(2)]
    # the second time the handler no longer sees the case, and still gets the answer of the first
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert Event.objects.filter(name="case.returned").count() == 1


def test_the_same_request_at_the_same_moment_has_one_effect(transactional_db, city):
    user = city.user("registrar")
    count = 4
    barrier = threading.Barrier(count, timeout=20)

    def post(_number):
        try:
            client = client_of(user)
            barrier.wait()
            return send(client, body(city), "k1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(post, range(count)))
    assert [answer.status_code for answer in answers] == [201] * count
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Case.objects.count() == 1
