"""``manage.py worker``: runs the background and periodic jobs, and sends notices, until SIGTERM or SIGINT."""

import asyncio
import logging
import signal

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app

from governance import heartbeats
from governance.memory import settle
from governance.notices import loop

log = logging.getLogger("governance.worker")

BEAT_SECONDS = 5
GRACE_SECONDS = 8  # running jobs may take this long to end; the supervisor kills after 15 s


class Command(BaseCommand):
    help = "Run background and periodic jobs until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default 2)")

    def handle(self, *, concurrency, **options):
        settle()
        notices, stop = loop.start()
        try:
            with app.replace_connector(app.connector.get_worker_connector()):
                asyncio.run(work(concurrency))
        finally:
            stop.set()
            notices.join(GRACE_SECONDS)


async def work(concurrency: int) -> None:
    """Run jobs until a signal comes, and say every few seconds that this process works.

    Running jobs may end first. Raises CommandError when the worker ended by itself, for want of a database.
    """
    beating = asyncio.create_task(beat())
    try:
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=concurrency, shutdown_graceful_timeout=GRACE_SECONDS, install_signal_handlers=False
                )
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, working.cancel)
            await asyncio.wait([working])
    finally:
        beating.cancel()
    if not working.cancelled():
        raise CommandError("the worker ended by itself") from working.exception()


async def beat() -> None:
    """Beat for ever; a database that is away for a moment is waited for."""
    while True:
        try:
            await sync_to_async(_beat)()
        except DatabaseError as error:
            log.warning("no sign of life could be stored: %s", error)
        await asyncio.sleep(BEAT_SECONDS)


def _beat() -> None:
    close_old_connections()
    try:
        heartbeats.beat("worker")
    finally:
        close_old_connections()
