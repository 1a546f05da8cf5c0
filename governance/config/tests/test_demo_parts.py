"""The parts of the demo are all told what time it is."""

import inspect

import pytest

from governance.config.demo import NOT_TOLD_OF


@pytest.mark.parametrize("load", NOT_TOLD_OF, ids=lambda load: load.__name__)
def test_every_part_of_the_demo_takes_the_moment(load):
    inspect.signature(load).bind(now=None)
