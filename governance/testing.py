"""Contract tests every app's workflow and scope must pass."""

from governance.models import Event
from governance.scoping import grant_for, grants_of, visible_q
from governance.workflow import steps_of


def assert_relation_forms_agree(queryset, users) -> None:
    """Check that list and single-object forms of a model's visibility rule give the same rows to each user."""
    rows = list(queryset.all())
    rule = queryset.VISIBLE if hasattr(queryset, "VISIBLE") else queryset.all().VISIBLE
    for user in users:
        found = visible_q(rule, user)
        listed = set(queryset.filter(found).values_list("pk", flat=True)) if found is not None else set()
        held = {row.pk for row in rows if grant_for(rule, row, user) is not None}
        assert listed == held, f"{user}: list shows {listed}, objects say {held} ({grants_of(user)})"


def assert_steps_are_complete(model) -> None:
    """Check that every step leads between known states, has a label, a registered event, and somebody who may."""
    states = {value for value, _ in model._meta.get_field("state").flatchoices}
    for step in steps_of(model).values():
        assert set(step.sources) <= states, step.name
        assert step.target is None or step.target in states, step.name
        assert step.allow, f"{step.name}: nobody may"
        assert str(step.label), step.name
        assert step.reason or not step.backward, f"{step.name}: a backward step needs a reason"


def snapshot(obj) -> dict:
    """Return everything a denial must leave alone: the object's columns and how many events there are about it."""
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    columns = {field.attname: getattr(fresh, field.attname) for field in fresh._meta.concrete_fields}
    events = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk).count()
    return columns | {"_events": events}
