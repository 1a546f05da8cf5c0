"""The text model: learnt from a file, kept in versions, asked by the hub; thresholds against a plain oracle."""

import json
from decimal import Decimal
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cases.classifier import reading
from cases.classifier.services import text_model_activate, text_model_retire, text_model_train
from cases.models import Dispatch, StageLimit, TextModel, UnitAlias
from governance.classify import artefact, training
from governance.classify.figures import alone_at
from governance.errors import Invalid, NotPermitted
from governance.models import Event, User
from governance.workflow import act

PLACES = ("幸福路", "中山街", "桥头", "河边", "菜市场", "学校门口", "小区北门", "广场")
TELLS = {
    "道路": ("路面坑洼", "井盖翘起", "路灯不亮", "人行道砖松动"),
    "环卫": ("垃圾没人收", "垃圾桶满了", "污水外溢", "厕所很脏"),
    "噪声": ("半夜施工噪音", "广场舞太吵", "装修噪声扰民", "音响声音太大"),
}


def labelled() -> tuple[list[str], list[str]]:
    """Some ninety short reports of three fields."""
    rows = [
        (f"{place}{tell}，请尽快处理", label) for label, tells in TELLS.items() for tell in tells for place in PLACES
    ]
    return [text for text, _label in rows], [label for _text, label in rows]


@pytest.fixture(autouse=True)
def _forgotten():
    """No process keeps a model of another test."""
    reading.forget()
    yield
    reading.forget()


@pytest.fixture(scope="module")
def learnt():
    texts, labels = labelled()
    return training.train(texts, labels)


@pytest.fixture
def csv_file(tmp_path):
    texts, labels = labelled()
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "".join(f"{t},{n}\n" for t, n in zip(texts, labels, strict=True)), "utf-8")
    return str(path)


def test_it_learns_what_separates_the_labels_and_survives_the_way_through_bytes(learnt):
    # given a model learnt from clear texts
    assert learnt.figures["macro_f1"] > 0.95
    # when it is written and read back, then it says the same of texts it has not seen
    again = artefact.read(artefact.written(learnt.model))
    for text, label in (("铁匠巷路灯不亮", "道路"), ("垃圾桶满了没有人来", "环卫"), ("夜里装修噪声", "噪声")):
        assert again.guess(text).label == label
        assert np.allclose(again.probabilities([text]), learnt.model.probabilities([text]), atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_bytes_that_are_no_model_are_refused(content):
    with pytest.raises(Invalid):
        artefact.read(content)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_share_decided_alone_is_the_largest_that_keeps_the_precision(rows, precision):
    sure, right = [row[0] / 5 for row in rows], [row[1] for row in rows]
    best = 0.0
    for threshold in set(sure):
        passing = [good for confidence, good in zip(sure, right, strict=True) if confidence >= threshold]
        if sum(passing) / len(passing) >= precision:
            best = max(best, len(passing) / len(rows))
    assert alone_at(precision, sure, right).share == pytest.approx(best)


def test_commands_train_evaluate_and_name_bad_rows(db, csv_file, tmp_path):
    # given a file, when a model is trained from it and judged on it
    out = StringIO()
    call_command("train_dispatch", file=csv_file, stdout=out)
    assert "version 1 of field" in out.getvalue()
    out = StringIO()
    call_command("evaluate_dispatch", csv_file, "--json", stdout=out)
    # then one line of JSON holds the four figures
    figures = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert set(figures) == {"accuracy", "macro_f1", "auto_share_95", "auto_share_98"} and figures["accuracy"] > 0.95
    out = StringIO()
    call_command("evaluate_dispatch", csv_file, "--cross-validate", stdout=out)
    assert "道路" in out.getvalue()
    # and a second training is a second version, in use instead of the first
    call_command("train_dispatch", file=csv_file, stdout=StringIO())
    assert list(TextModel.objects.order_by("version").values_list("version", "is_active")) == [(1, False), (2, True)]
    # and what cannot be read is named, with nothing kept
    bad = tmp_path / "bad.csv"
    for content, told in (("text,label\na,\n", "2"), ("text\na\n", "label"), ("text,label\n", "行")):
        bad.write_text(content, "utf-8")
        with pytest.raises(CommandError, match=told):
            call_command("train_dispatch", file=str(bad), stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("train_dispatch", file=str(tmp_path / "none.csv"), stdout=StringIO())
    assert TextModel.objects.count() == 2


def trained(actor=None, **given) -> TextModel:
    texts, labels = labelled()
    actor = actor or User.objects.system("dispatch")
    return text_model_train(actor=actor, target="field", texts=texts, labels=labels, source="test", **given)


def test_it_proposes_and_dispatches_alone_only_when_it_may(city):
    # given 道路 meaning municipal here, a limit where no standard fits, and a model in use that only proposes
    UnitAlias.objects.create(role_name="道路", area=city.city, unit=city.municipal)
    StageLimit.objects.create(stage="handling", limit_amount=3, limit_unit="work_day")
    model = text_model_activate(trained(precision=Decimal("0.80")), actor=city.user("administrator"))
    said = reading.propose("学校门口路面坑洼", target="field")
    assert (said.label, said.passes, said.acts_alone) == ("道路", True, False)
    case = act(
        city.report(description="学校门口路面坑洼"), "accept", actor=city.user("registrar"), category=city.category
    )
    assert case.state == "accepted"
    # when an administrator lets it act alone, then the hub dispatches by it and says how sure it was
    text_model_activate(model, actor=city.user("administrator"), acts_alone=True)
    case = act(
        city.report(description="学校门口路面坑洼"), "accept", actor=city.user("registrar"), category=city.category
    )
    assert (case.state, case.lead_unit) == ("dispatched", city.municipal)
    row = Dispatch.objects.get(case=case)
    assert row.method == "classifier" and row.confidence > Decimal("0.5") and "道路" in row.reason
    # and with no model in use nothing is said
    text_model_retire(model, actor=city.user("administrator"))
    assert reading.propose("学校门口路面坑洼", target="field") is None
    names = Event.objects.filter(subject_type="cases.textmodel").order_by("id").values_list("name", flat=True)
    assert list(names) == ["text_model.trained", "text_model.activated", "text_model.activated", "text_model.retired"]


@pytest.mark.parametrize("role", ["dispatcher", "registrar", "operations_centre", "handler", "resident"])
def test_only_administrators_manage_models(city, role):
    model = trained()
    with pytest.raises(NotPermitted):
        text_model_activate(model, actor=city.user(role))
    model.refresh_from_db()
    assert not model.is_active


def test_the_figures_are_shown_to_the_centre_only(city):
    trained()
    shown = {}
    for role in ("administrator", "operations_centre", "dispatcher", "handler"):
        client = Client()
        client.force_login(city.user(role))
        response = client.get("/admin/cases/textmodel/")
        shown[role] = response.status_code == 200 and "95" in response.content.decode()
    assert shown == {"administrator": True, "operations_centre": True, "dispatcher": False, "handler": False}
