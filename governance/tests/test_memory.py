"""What is loaded when a server begins is not gone through again."""

import gc

from governance.memory import settle


def test_what_is_loaded_is_left_out_of_collections():
    before = gc.get_threshold()
    try:
        # when a server has loaded everything
        settle()
        # then nothing of it is looked through any more, and what comes later is
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 10_000
        later = [[] for _ in range(100)]
        assert any(found is later for found in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
