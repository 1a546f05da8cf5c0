"""How many SQL statements a report takes while text models are in use: what they say is proposed with every report."""

import pytest
from django.core.management import call_command
from django.test.utils import override_settings

from cases import classifier
from cases.models import CaseCategory, DispatchProposal, FilingStandard
from cases.tests.api import CASES, client_of
from cases.tests.test_api_statements import DATABASE_CACHE, MOST_FOR_CREATE, Counted
from cases.text_models import text_model_activate, text_model_store
from governance.classify import artefact
from governance.classify.tests.texts import rows
from governance.classify.training import train
from governance.models import User

# The look at which model is in use (again after ``LOOK_SECONDS``), and the model itself, once in a process' life.
MORE_WHEN_COLD = 2
CODES = {"供水排水": "0101", "道路交通": "0202", "学校教育": "0303"}
TEXT = "小区停水，自来水水压不足，路面也坑洼"


@pytest.fixture(scope="module")
def trained():
    texts, labels = rows(15)
    return {"category": train(texts, [CODES[label] for label in labels]), "field": train(texts, labels)}


@pytest.fixture
def models(city, trained):
    """A model per target in use, whose every word passes, among categories with one standard each: the longest way."""
    for name in ("public", "dispatch", "devices", "timers"):
        User.objects.system(name)
    FilingStandard.objects.exclude(pk=city.standard.pk).update(is_active=False)
    scheme = {"scheme": "test", "scheme_version": "1", "kind": "component", "parent": city.category.parent}
    for code in ("0202", "0303"):
        category = CaseCategory.objects.create(code=code, name=f"类{code}", **scheme)
        FilingStandard.objects.create(
            category=category, condition_code="a", condition="损坏", limit_amount=1, limit_unit="work_day"
        )
    classifier._loaded.clear()
    for target, learnt in trained.items():
        model = text_model_store(
            actor=city.user("administrator"), target=target, source="texts.csv", labels=learnt.model.labels,
            figures=learnt.figures, confidence=[0.1] * 45, right=[True] * 45,
            artefact=artefact.written(learnt.model), precision=0.5,
        )  # fmt: skip
        text_model_activate(model, actor=city.user("administrator"))
    return city


def report(city) -> dict:
    return {
        "source": "hotline", "description": TEXT, "longitude": city.point[0], "latitude": city.point[1],
        "reporter_name": "王女士", "reporter_phone": "13900000001",
    }  # fmt: skip


def statements_of(post, status=201) -> Counted:
    with Counted() as counted:
        answer = post()
    assert answer.status_code == status, answer.content
    # given as much as can be proposed: the category, and the one that came second
    assert DispatchProposal.objects.filter(unit=None).count() == 2
    DispatchProposal.objects.all().delete()
    return counted


def test_a_report_takes_at_most_twelve_statements_with_a_text_model_in_use(models):
    client = client_of(models.user("registrar"))

    def post(key):
        return statements_of(lambda: client.post(CASES, report(models), headers={"Idempotency-Key": key}))

    # when the process has not met the model yet, that costs two more; from then on nothing
    cold, warm = post("cold"), post("warm")
    assert len(warm.statements) <= MOST_FOR_CREATE, str(warm)
    assert len(cold.statements) == len(warm.statements) + MORE_WHEN_COLD, str(cold)


def test_a_public_report_takes_at_most_twelve_statements_with_a_text_model_in_use(models):
    body = {"text": TEXT, "longitude": models.point[0], "latitude": models.point[1], "phone": "13800001234"}
    classifier.propose(TEXT, target="category")
    with override_settings(CACHES=DATABASE_CACHE):
        call_command("createcachetable")
        warm = statements_of(
            lambda: client_of().post("/api/v1/public/reports/", body, headers={"Idempotency-Key": "a"})
        )
    assert len(warm.statements) <= MOST_FOR_CREATE, str(warm)
