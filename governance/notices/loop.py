"""The worker's thread for notices: plans what events ask for, and keeps the channels sending, each by itself."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import DatabaseError, close_old_connections

from governance.notices.planning import plan
from governance.notices.sending import drain, due_channels

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
CHANNELS_AT_ONCE = 8


class Loop:
    """Runs until ``stop``; what is being sent may end first."""

    def __init__(self, stop: threading.Event):
        self.stop = stop
        self._busy: dict[int, Future] = {}

    def run(self) -> None:
        """Work until told to stop; a lost database is waited for."""
        with ThreadPoolExecutor(CHANNELS_AT_ONCE, thread_name_prefix="notices") as pool:
            while not self.stop.is_set():
                try:
                    worked = self.turn(pool)
                except DatabaseError as error:
                    log.warning("notices wait for the database: %s", error)
                    worked = False
                except Exception:
                    log.exception("notices failed and go on")
                    worked = False
                finally:
                    close_old_connections()
                if not worked:
                    self.stop.wait(IDLE_SECONDS)

    def turn(self, pool: ThreadPoolExecutor) -> bool:
        """Plan once and set every idle channel to work; tell whether there were events."""
        events = plan()
        for channel_id in due_channels():
            running = self._busy.get(channel_id)
            if running is None or running.done():
                self._busy[channel_id] = pool.submit(_drain, channel_id, self.stop)
        return events > 0


def _drain(channel_id: int, stop: threading.Event) -> None:
    try:
        drain(channel_id, stop.is_set)
    except DatabaseError as error:
        log.warning("sending waits for the database: %s", error)
    except Exception:
        log.exception("sending over channel %s failed", channel_id)
    finally:
        close_old_connections()


def start() -> tuple[threading.Thread, threading.Event]:
    """Start the thread; set the returned event to end it."""
    stop = threading.Event()
    thread = threading.Thread(target=Loop(stop).run, name="notices", daemon=True)
    thread.start()
    return thread, stop
