"""Background jobs of the kernel: cleaning up, and picking up what a killed worker left. All may run twice."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from governance import attachments
from governance.api import throttling
from governance.exchange import runs
from governance.identity.sessions import forget_ended
from governance.models.idempotency import IdempotencyRecord
from governance.notices.services import forget_old

KEEP_ANSWERS = timedelta(hours=48)  # how long an Idempotency-Key is remembered
PURGE_AT_ONCE = 5000  # rows; keeps each statement short
KEEP_FINISHED_JOBS = 72  # hours
KEEP_FAILED_JOBS = 24 * 30  # hours; somebody may want to know why


@app.periodic(cron="7 * * * *")
@app.task(name="governance.purge_idempotency", queueing_lock="governance.purge_idempotency")
def purge_idempotency(timestamp: int) -> int:
    """Forget answers to creating requests after ``KEEP_ANSWERS``; return how many."""
    old = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEEP_ANSWERS).values("pk")
    gone = 0
    while True:
        deleted, _by_model = IdempotencyRecord.objects.filter(pk__in=old[:PURGE_AT_ONCE]).delete()
        gone += deleted
        if deleted < PURGE_AT_ONCE:
            return gone


@app.periodic(cron="23 3 * * *")
@app.task(name="governance.purge_sessions", queueing_lock="governance.purge_sessions")
def purge_sessions(timestamp: int) -> None:
    """Delete sessions that have expired, and what is kept about sessions that are no more."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    forget_ended()


@app.periodic(cron="11 * * * *")
@app.task(name="governance.purge_counters", queueing_lock="governance.purge_counters")
def purge_counters(timestamp: int) -> int:
    """Delete rate-limit counters that have run out; return how many."""
    return throttling.forget_expired()


@app.periodic(cron="47 3 * * *")
@app.task(name="governance.sweep_attachments", queueing_lock="governance.sweep_attachments")
def sweep_attachments(timestamp: int) -> int:
    """Remove uploaded files whose transaction failed; return how many."""
    return attachments.sweep()


@app.periodic(cron="* * * * *")
@app.task(name="governance.retry_stalled", queueing_lock="governance.retry_stalled", pass_context=True)
async def retry_stalled(context, timestamp: int) -> int:
    """Queue the jobs again whose worker was killed; return how many. Workers beat every 10 s, 30 s of silence count."""
    jobs = await context.app.job_manager.get_stalled_jobs()
    for job in jobs:
        await context.app.job_manager.retry_job(job)
    return len(jobs)


@app.periodic(cron="41 * * * *")
@app.task(name="governance.purge_jobs", queueing_lock="governance.purge_jobs", pass_context=True)
async def purge_jobs(context, timestamp: int) -> None:
    """Delete jobs that ended well some days ago, failed ones after a month."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=KEEP_FINISHED_JOBS)
    await manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_JOBS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="13 4 * * *")
@app.task(name="governance.purge_notices", queueing_lock="governance.purge_notices")
def purge_notices(timestamp: int) -> int:
    """Forget notices and messages of long ago; return how many."""
    return forget_old()


@app.task(name=runs.TASK)
def import_run(run_id: int) -> None:
    """Carry out a confirmed import; taken up a second time, after a crash, it is shown as failed."""
    runs.carry_out(run_id)


@app.periodic(cron="* * * * *")
@app.task(name="governance.settle_imports", queueing_lock="governance.settle_imports")
def settle_imports(timestamp: int) -> None:
    """Fail the imports whose process was killed, forget those nobody confirmed and what old ones quoted."""
    runs.fail_the_dead()
    runs.forget_unconfirmed()
    runs.forget_details()
