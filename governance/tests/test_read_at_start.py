"""What is built once, when the process starts, holds no day: the same process is asked for weeks."""

from datetime import date

import pytest
from django.core.exceptions import EmptyResultSet
from django.db.models import Prefetch, QuerySet
from django.forms import BaseForm, ModelChoiceField
from django.urls import get_resolver
from rest_framework.serializers import BaseSerializer, ListSerializer, RelatedField

pytestmark = pytest.mark.django_db


def below(cls) -> set[type]:
    found = set(cls.__subclasses__())
    return found.union(*map(below, found)) if found else found


def views(patterns) -> set[type]:
    found = set()
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            found |= views(pattern.url_patterns)
        elif cls := getattr(pattern.callback, "cls", None):
            found.add(cls)
    return found


def days_in(rows: QuerySet) -> list[date]:
    """Return the days and moments that a query compares with, those of what it loads beside it included."""
    try:
        _sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        params = ()
    found = [value for value in params if isinstance(value, date)]
    for lookup in rows._prefetch_related_lookups:
        if isinstance(lookup, Prefetch) and lookup.queryset is not None:
            found += days_in(lookup.queryset)
    return found


def built_at_start() -> dict[str, QuerySet]:
    """Return the querysets that classes hold: of views of the API, of fields of forms and serializers."""
    found = {}
    for view in views(get_resolver().url_patterns):
        if isinstance(rows := getattr(view, "queryset", None), QuerySet):
            found[f"{view.__module__}.{view.__name__}"] = rows
    for form in below(BaseForm):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, ModelChoiceField) and field.queryset is not None:
                found[f"{form.__module__}.{form.__name__}.{name}"] = field.queryset
    for serializer in below(BaseSerializer):
        for name, field in getattr(serializer, "_declared_fields", {}).items():
            field = field.child if isinstance(field, ListSerializer) else field
            field = getattr(field, "child_relation", field)
            if isinstance(field, RelatedField) and isinstance(field.queryset, QuerySet):
                found[f"{serializer.__module__}.{serializer.__name__}.{name}"] = field.queryset
    return found


def test_no_view_form_or_serializer_holds_a_day_of_the_start():
    found = built_at_start()
    assert len(found) > 150  # what the test looks at is there
    held = {name: days for name, rows in found.items() if (days := days_in(rows))}
    assert not held
