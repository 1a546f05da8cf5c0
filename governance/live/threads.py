"""Database work of the live process, away from its event loop."""

from concurrent.futures import ThreadPoolExecutor

from channels.db import database_sync_to_async
from django.utils import translation

# As many connections as live push may hold at a time; more than one, so that a slow read does not delay the others.
THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live-database")


async def in_thread(function, *arguments, **named):
    """Run a function that uses the database in one of ``THREADS``; its connection goes back to the pool afterwards."""
    return await database_sync_to_async(function, thread_sensitive=False, executor=THREADS)(*arguments, **named)


async def in_language(language: str, function, *arguments):
    """The same, with ``language`` active."""

    def run():
        with translation.override(language):
            return function(*arguments)

    return await in_thread(run)
