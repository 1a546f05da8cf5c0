"""The address of a list asks for nothing but what its filters offer: no column is read letter by letter."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.admin.base import KernelAdmin
from governance.models import Heartbeat, User

pytestmark = pytest.mark.django_db
ADMINS = sorted((one for one in admin.site._registry.values() if isinstance(one, KernelAdmin)),
                key=lambda one: one.opts.label_lower)  # fmt: skip
# How a word may be felt for.
FELT_FOR = ("startswith", "contains", "icontains", "regex", "iexact", "gt", "in", "exact")


def columns_of(one: KernelAdmin) -> list[str]:
    texts = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    return [field.name for field in one.opts.concrete_fields if isinstance(field, texts) and not field.choices]


def offered(one: KernelAdmin) -> set:
    names = {getattr(row, "parameter_name", None) or (row[0] if isinstance(row, tuple) else row)
             for row in one.list_filter}  # fmt: skip
    return names | set(one.linked_by)


@pytest.mark.parametrize("one", ADMINS, ids=lambda one: one.opts.label_lower)
def test_no_column_is_felt_for_in_the_address(one, rf):
    request = rf.get("/")
    request.user = User.objects.system("timers")
    for name in columns_of(one):
        for how in FELT_FOR[:5] if name in offered(one) else FELT_FOR:
            assert not one.lookup_allowed(f"{name}__{how}", "a", request), (name, how)
        assert name in offered(one) or not one.lookup_allowed(name, "a", request), name
    # nor a row that is pointed at, by its words
    for field in one.opts.concrete_fields:
        if isinstance(field, models.ForeignKey):
            for text in ("name", "title", "text", "username"):
                assert not one.lookup_allowed(f"{field.name}__{text}__startswith", "a", request), (field.name, text)


@pytest.mark.parametrize("asked", ["payload__type=neighbours", "payload__contains=1", "actor__username__startswith=a",
                                   "actor__id__exact=1", "subject_id=3", "area__id__exact=6"])  # fmt: skip
def test_what_is_asked_for_beside_the_filters_is_refused(city, asked):
    client = Client()
    client.force_login(city.user("administrator"))
    page = reverse("admin:governance_event_changelist")
    assert client.get(page).status_code == 200
    assert client.get(f"{page}?{asked}").status_code == 400
    assert client.post(f"/admin/governance/event/export/?{asked}", {"format": "csv"}).status_code in {400, 404}


def test_what_has_a_word_for_a_key_has_a_page_of_its_history(city):
    client = Client()
    client.force_login(city.user("administrator"))
    Heartbeat.objects.create(process="worker", beat_at=timezone.now())
    answer = client.get("/admin/governance/heartbeat/worker/history/")
    assert answer.status_code == 200 and not answer.context["events"]
