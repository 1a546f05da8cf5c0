"""A null character, which no text of the database holds, is wrong input at every door of mediation, never a fault."""

import inspect
from importlib import import_module
from pkgutil import iter_modules

import pytest
from rest_framework import serializers

from cases.tests.api import client_of
from governance.forms import _forms
from governance.workflow import steps_of
from mediation import api
from mediation.models import Consent, Dispute, DisputeState

pytestmark = pytest.mark.django_db
NULL = "a\0b"


def inputs():
    """Return every body that an address of mediation takes."""
    for module in iter_modules(api.__path__):
        for name, found in vars(import_module(f"mediation.api.{module.name}")).items():
            if name.endswith("Input") and inspect.isclass(found) and issubclass(found, serializers.Serializer):
                yield found


def test_no_field_of_any_body_takes_one(county):
    """Each field by itself, in a list too; those that need the request judge numbers only."""
    dispute, asked = county.mediating(), 0
    request = type("Request", (), {"user": county.mediator})()
    for body in set(inputs()):
        form = body(context={"request": request, "dispute": dispute})
        for field in form.fields.values():
            if isinstance(field, serializers.BaseSerializer | serializers.DictField):
                continue
            listed = isinstance(field, serializers.ListField | serializers.ManyRelatedField)
            if listed and not isinstance(field.child, serializers.CharField | serializers.RelatedField):
                continue
            with pytest.raises(serializers.ValidationError):
                field.run_validation([NULL] if listed else NULL)
            asked += 1
    assert asked > 80


def test_a_consent_about_nobody_is_refused_at_the_address(county):
    dispute = county.mediating()
    body = {"party": dispute.parties.first().pk, "what": "mediator", "answer": "agreed", "how": "oral", "about": NULL}
    count = Consent.objects.count()
    answer = client_of(county.mediator).post(f"/api/v1/mediation/disputes/{dispute.pk}/consents/", body, format="json")
    assert answer.status_code == 400 and "about" in answer.content.decode()
    answer = client_of(county.user("administrator")).post(
        "/api/v1/mediation/signals/", {"source": NULL, "records": [{"text": "x"}]}, format="json"
    )
    assert answer.status_code == 400 and Consent.objects.count() == count


@pytest.mark.parametrize("door", ["admin", "api"])
def test_no_form_of_a_step_takes_one(county, door):
    """Every field of the forms of a dispute's steps, which choose rows by their codes."""
    client = client_of(county.mediator)
    for (label, name), form in _forms.items():
        if label != "mediation.dispute":
            continue
        step = steps_of(Dispute)[name]
        dispute = county.in_state(next(state for state in step.sources if state in set(DisputeState.values)))
        for field in form.base_fields:
            if field in ("photos", "version"):
                continue
            if door == "api":
                url = f"/api/v1/mediation/disputes/{dispute.pk}/transitions/{name}/"
                answer = client.post(url, {"reason": "理由", field: NULL}, format="json")
            else:
                url = f"/admin/mediation/dispute/{dispute.pk}/transition/{name}/"
                answer = client.post(url, {"reason": "理由", field: NULL}, format="multipart")
            assert answer.status_code < 500, (name, field)  # a box that is ticked takes any word
