"""The tests' own house: what a test committed is gone afterwards, and nothing that belongs to the tables is."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from conftest import build_city
from governance.models import Event
from governance.test_emptying import KEPT, empty, filled


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_gone_afterwards():
    # given an empty database, as another test that commits leaves it
    assert filled() == KEPT
    made = (ContentType.objects.count(), Permission.objects.count())
    # when a city with a case and its history is committed, and the database emptied
    build_city().open()
    assert Event._meta.db_table in filled()
    empty()
    # then only what belongs to the tables is there, all of it
    assert filled() == KEPT
    assert (ContentType.objects.count(), Permission.objects.count()) == made
    assert made[0] == len(apps.get_models())
