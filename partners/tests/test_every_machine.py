"""The state machines of partners: those of the facts page, each whole, and none with a state that nothing leads to."""

import pytest
from django.apps import apps

from governance.events import registered
from governance.testing import assert_steps_are_complete
from governance.workflow import WorkflowModel, steps_of
from partners.models import Need, Partner, Project, Redemption

MACHINES = [model for model in apps.get_app_config("partners").get_models() if issubclass(model, WorkflowModel)]
# Of ``partners.md``: from which state to which.
FACTS = {
    Need: "registered-verified verified-merged verified-transferred verified-adopted verified-declined "
          "transferred-solved adopted-solved solved-called_back",
    Project: "planned-published published-claiming claiming-awarded awarded-under_way under_way-delivered "
             "delivered-evaluated evaluated-closed claiming-unclaimed unclaimed-published unclaimed-terminated",
    Redemption: "held-fulfilled held-cancelled held-timed_out fulfilled-returned",
    Partner: "applied-approved approved-active active-suspended suspended-active active-left suspended-left",
}  # fmt: skip
# Where an object's way ends: nothing leads on, by intention.
ENDS = {
    "Need": {"merged", "declined", "called_back"}, "Project": {"terminated"},
    "Redemption": {"cancelled", "timed_out", "returned"}, "Partner": {"declined", "withdrawn", "left"},
}  # fmt: skip


def edges(model) -> set[tuple[str, str]]:
    """Return from which state to which a machine leads; steps that stay where they are left out."""
    found = {(str(source), str(step.target)) for step in steps_of(model).values() for source in step.sources}
    return {(source, target) for source, target in found if target not in ("None", source)}


@pytest.mark.parametrize("model", list(FACTS), ids=lambda model: model.__name__)
def test_the_machines_are_those_of_the_facts_page(model):
    assert {tuple(edge.split("-")) for edge in FACTS[model].split()} <= edges(model)
    states = {state for state, _label in model._meta.get_field("state").flatchoices}
    assert states - {source for source, _target in edges(model)} <= ENDS[model.__name__]


@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model.__name__)
def test_each_machine_is_whole_and_every_state_is_led_to(model):
    assert_steps_are_complete(model)
    assert {step.event for step in steps_of(model).values()} <= set(registered())
    field = model._meta.get_field("state")
    reached = {str(field.default)} | {target for _source, target in edges(model)}
    assert {state for state, _label in field.flatchoices} <= reached
