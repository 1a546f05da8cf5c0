"""What a process has loaded when it begins its work stays for good: its garbage collector need not look through it."""

import gc

# New objects that may gather before the collector looks through them (Python's own: 700). A batch of readings makes
# tens of thousands, nearly all of which go by themselves when it is stored.
GATHERED = 10_000


def settle() -> None:
    """Leave all that is loaded now out of later collections. Call it once, when a process is ready for its work.

    To look through the models, forms and addresses of all apps takes a third of a second, in which nobody is answered;
    where many objects come and go it was half of all that a process did.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GATHERED, *gc.get_threshold()[1:])
