"""Versions of the text classifier: who decides about them, what they propose, what they learn from."""

import csv
import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import classifier
from cases.classifier import look_again, propose
from cases.models import CaseState, TextModel, TrainingExample
from cases.tests.api import client_of, in_state
from cases.text_models import (
    text_model_activate,
    text_model_let_alone,
    text_model_retire,
    text_model_store,
    training_example_add,
)
from cases.text_training import own_rows, rows_of_file
from governance.classify import artefact
from governance.classify.tests.texts import rows
from governance.classify.training import train
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User

ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
READERS = {"administrator", "operations_centre"}
TEXT = "小区停水，自来水水压不足"


@pytest.fixture(scope="module")
def trained():
    return train(*rows(15))


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Keys of rows come again from test to test; in a database they never do."""
    classifier._loaded.clear()


@pytest.fixture
def store(city, trained):
    def stored(**given):
        return text_model_store(
            **{
                "actor": city.user("administrator"), "target": "field", "source": "texts.csv",
                "labels": trained.model.labels, "figures": trained.figures, "confidence": trained.confidence,
                "right": trained.right, "artefact": artefact.written(trained.model), "precision": 0.8,
            } | given
        )  # fmt: skip

    return stored


def events_of(model):
    rows = Event.objects.filter(subject_type="cases.textmodel", subject_id=model.pk).order_by("id")
    return [event.name.removeprefix("text_model.") for event in rows]


def standing(model):
    return TextModel.objects.values_list("is_active", "acts_alone").get(pk=model.pk)


def test_versions_are_counted_and_one_is_in_use(city, store):
    administrator = city.user("administrator")
    first, second = store(), store()
    assert (first.version, second.version, store(target="category").version) == (1, 2, 1)
    assert standing(first) == (False, False)
    # when the first acts alone, and the second takes its place
    text_model_activate(first, actor=administrator)
    text_model_let_alone(first, actor=administrator)
    assert standing(first) == (True, True)
    text_model_activate(second, actor=administrator)
    # then the new one only proposes
    assert standing(first) == (False, False) and standing(second) == (True, False)
    assert events_of(first) == ["trained", "activated", "let_alone"] and events_of(second) == ["trained", "activated"]
    text_model_retire(second, actor=administrator)
    assert standing(second) == (False, False) and propose(TEXT) is None


def test_what_is_not_possible_now_changes_nothing(city, store):
    administrator = city.user("administrator")
    model = store()
    unsure = store(confidence=[0.5] * 45, right=[False] * 45)
    assert unsure.threshold is None
    for service in (text_model_retire, text_model_let_alone):
        with pytest.raises(Conflict):
            service(model, actor=administrator)
    text_model_activate(model, actor=administrator)
    with pytest.raises(Conflict):
        text_model_activate(model, actor=administrator)
    text_model_activate(unsure, actor=administrator)
    with pytest.raises(Conflict):
        text_model_let_alone(unsure, actor=administrator)
    assert standing(unsure) == (True, False)
    for given in ({"precision": 0.2}, {"precision": 1.0}, {"target": "colour"}):
        with pytest.raises(Invalid):
            store(**given)
    assert TextModel.objects.count() == 2


def test_the_proposal_and_its_statements(city, store):
    administrator = city.user("administrator")
    assert propose(TEXT) is None
    model = text_model_activate(store(), actor=administrator)
    first = propose(TEXT)
    assert (first.label, first.version, first.acts_alone) == ("供水排水", model.version, False)
    assert first.passes == (first.confidence >= model.threshold)
    assert propose("  ") is None and propose(TEXT, target="category") is None
    # no statement while the row in use is kept, one when it is asked for again; a newer one is noticed
    for looks, statements in ((False, 0), (True, 1)):
        if looks:
            look_again()
        with CaptureQueriesContext(connection) as caught:
            propose(TEXT)
        assert len(caught) == statements
    newer = text_model_activate(store(confidence=[0.5] * 45, right=[False] * 45), actor=administrator)
    second = propose(TEXT)
    assert second.version == newer.version and not second.passes


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_and_decides(city, store, role):
    model = store()
    admin, api = Client(), client_of(city.user(role))
    admin.force_login(city.user(role))
    page = reverse("admin:cases_textmodel_change", args=[model.pk])
    shown = 200 if role in READERS else 403
    assert admin.get(reverse("admin:cases_textmodel_changelist")).status_code == shown
    assert admin.get(reverse("admin:cases_trainingexample_changelist")).status_code == shown
    assert (admin.get(page).status_code == 200) == (role in READERS)
    assert api.get("/api/v1/text-models/").status_code == shown
    assert api.get(f"/api/v1/text-models/{model.pk}/").status_code == shown
    answer = admin.post(reverse("admin:cases_textmodel_decision", args=[model.pk, "activate"]))
    assert (answer.status_code == 302) == (role == "administrator")
    assert standing(model) == (role == "administrator", False)
    assert events_of(model) == (["trained", "activated"] if role == "administrator" else ["trained"])


def test_administrators_of_a_part_and_strangers_decide_nothing(city, store):
    model = store()
    for user in (city.outsider("administrator"), city.user("resident")):
        with pytest.raises(NotPermitted):
            text_model_activate(model, actor=user)
        with pytest.raises(NotPermitted):
            store(actor=user)
    assert standing(model) == (False, False) and TextModel.objects.count() == 1
    assert client_of().get("/api/v1/text-models/").status_code == 401


def test_the_page_has_its_buttons_and_figures(city, store):
    model = store()
    client = Client()
    client.force_login(city.user("administrator"))
    page = reverse("admin:cases_textmodel_change", args=[model.pk])
    html = client.get(page).content.decode()
    assert "供水排水" in html and "启用" in html and "交叉验证" in html
    for decision, after in (("activate", (True, False)), ("let-alone", (True, True)), ("restrain", (True, False)),
                            ("retire", (False, False))):  # fmt: skip
        address = reverse("admin:cases_textmodel_decision", args=[model.pk, decision])
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 302
        assert standing(model) == after
    assert client.post(reverse("admin:cases_textmodel_decision", args=[model.pk, "retire"])).status_code == 409
    assert client.post(reverse("admin:cases_textmodel_decision", args=[model.pk, "explode"])).status_code == 404


def test_the_api_lists_figures_without_the_model(city, store):
    store(), store()
    client = client_of(city.user("operations_centre"))
    client.get("/api/v1/text-models/")
    with CaptureQueriesContext(connection) as caught:
        listed = client.get("/api/v1/text-models/").json()["results"]
    assert [row["version"] for row in listed] == [2, 1] and "figures" not in listed[0]
    assert not any('"artefact"' in query["sql"] for query in caught.captured_queries)
    detail = client.get(f"/api/v1/text-models/{listed[0]['id']}/").json()
    assert {row["label"] for row in detail["figures"]["labels"]} == set(detail["labels"])
    assert detail["thresholds"]["0.95"]["share"] == detail["auto_share_95"]


def test_examples_keep_the_label_and_leave_the_words_with_the_case(city):
    case = in_state(city, CaseState.CLOSED)
    dispatcher = city.user("dispatcher")
    given = {"case": case, "target": "field", "origin": "correction"}
    training_example_add(actor=dispatcher, label="供水排水", **given)
    training_example_add(actor=dispatcher, label=" 道路交通 ", **given)
    assert [row.label for row in TrainingExample.objects.all()] == ["道路交通"]
    payload = Event.objects.filter(name="training_example.added").first().payload
    assert payload == {"case": case.number, "target": "field", "label": "道路交通", "origin": "correction"}
    for user in (city.user("resident"), city.outsider("dispatcher")):
        with pytest.raises(NotPermitted):
            training_example_add(actor=user, label="学校教育", **given)
    for wrong in ({"label": ""}, {"label": "长" * 61}, {"origin": "guess"}, {"target": "colour"}):
        with pytest.raises(Invalid) as caught:
            training_example_add(**({"actor": dispatcher, "label": "学校教育"} | given | wrong))
        assert caught.value.field == next(iter(wrong))
    assert TrainingExample.objects.get().label == "道路交通"


def test_own_rows_take_the_last_word_of_people_and_leave_out_rare_labels(city, monkeypatch):
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 1)
    closed = in_state(city, CaseState.CLOSED)
    waiting = city.report(description="红绿灯不亮")
    assert own_rows("category").labels == ["0101"]
    assert own_rows("field").labels == []  # municipal fills no role text anywhere
    training_example_add(
        actor=city.user("dispatcher"), case=waiting, target="category", label="0299", origin="correction"
    )
    found = own_rows("category")
    assert sorted(zip(found.texts, found.labels, strict=True)) == sorted(
        [(closed.description, "0101"), ("红绿灯不亮", "0299")]
    )
    monkeypatch.setattr("cases.text_training.LEAST_ROWS", 2)
    assert own_rows("category").left_out == {"0101": 1, "0299": 1}


def write(path, pairs, header=("text", "label")):
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *pairs])
    return path


def test_bad_rows_of_a_file_are_named_and_nothing_is_stored(db, tmp_path):
    path = write(tmp_path / "bad.csv.gz", [("停水", "供水排水"), ("", "供水排水"), ("坑洼", ""), ("好", "长" * 61)])
    with pytest.raises(Invalid) as caught:
        rows_of_file(path)
    told = str(caught.value.detail)
    assert "第 3 行" in told and "第 4 行" in told and "第 5 行" in told and "第 2 行" not in told
    for file in (path, tmp_path / "absent.csv", write(tmp_path / "other.csv.gz", [("a", "b")], ("words", "label"))):
        with pytest.raises(CommandError):
            call_command("train_dispatch", file=file)
    # a column that is missing is told by the name it has in the file, too
    with pytest.raises(Invalid, match=r"\(label\)"):
        rows_of_file(write(tmp_path / "half.csv.gz", [("停水",)], ("text",)))
    with pytest.raises(CommandError):
        call_command("train_dispatch")  # no closed cases yet
    assert not TextModel.objects.exists()


def test_the_commands_train_and_judge_another_file(db, tmp_path):
    learnt = write(tmp_path / "learnt.csv.gz", zip(*rows(12), strict=True))
    hidden = write(tmp_path / "hidden.csv.gz", zip(*rows(6, seed=7), strict=True))
    with pytest.raises(CommandError):
        call_command("evaluate_dispatch", hidden)
    call_command("train_dispatch", file=learnt, activate=True, stdout=StringIO())
    model = TextModel.objects.get()
    assert (model.is_active, model.acts_alone, model.rows, model.source) == (True, False, 36, "learnt.csv.gz")
    assert model.trained_by == User.objects.system("training")
    out = StringIO()
    call_command("evaluate_dispatch", hidden, as_json=True, stdout=out)
    figures = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert set(figures) == {"accuracy", "macro_f1", "auto_share_95", "auto_share_98"} and figures["accuracy"] > 0.7
    out = StringIO()
    call_command("evaluate_dispatch", hidden, cross_validate=True, folds=3, stdout=out)
    assert "供水排水" in out.getvalue() and "macro_f1" in out.getvalue()
