import pytest

from cases.models import Case
from governance.events import registered
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete
from governance.workflow import steps_of

pytestmark = pytest.mark.django_db


def test_steps_are_complete():
    assert_steps_are_complete(Case)
    assert {step.event for step in steps_of(Case).values()} <= set(registered())


def test_lists_and_single_objects_agree_on_who_sees_what(city):
    # given cases in both streets, with units and without, of a resident and of nobody
    city.open()
    city.open(area=city.other_grid)
    city.open(standard=city.roleless)
    city.report()
    city.report(actor=city.user("resident"), reporter=city.user("resident"))
    # then the list and each object agree for every person
    assert_relation_forms_agree(Case.objects, city.people.values())
