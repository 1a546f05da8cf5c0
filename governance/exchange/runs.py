"""Services of import runs: bring a file, confirm, cancel; and carrying a confirmed run out in the worker.

A run is checked first (nothing stored), confirmed by the person who brought the file, and carried out in one
transaction that also writes its end and the Event. Until then it shows as running; a killed worker leaves nothing but
that word, which ``fail_the_dead`` corrects: the lock a living run holds is free.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted, Refused, UnknownTransition
from governance.exchange import engine
from governance.exchange.engine import RUN_LOCK, Cancelled, Report, RowsRefused, held
from governance.exchange.files import Source
from governance.exchange.importers import Importer, grant_to_import, importer_named
from governance.exchange.progress import ToldProgress
from governance.models import ImportFile, ImportRun, ImportState, Role, User
from governance.scoping import Grant
from governance.sealing import Box, CannotOpen
from governance.transactions import atomically

CHECKED = events.register("import.checked", gettext_lazy("Import checked"))
STARTED = events.register("import.started", gettext_lazy("Import confirmed"))
DONE = events.register("import.done", gettext_lazy("Import stored"))
FAILED = events.register("import.failed", gettext_lazy("Import failed, nothing was stored"))
CANCELLED = events.register("import.cancelled", gettext_lazy("Import cancelled, nothing was stored"))

TASK = "governance.import_run"
FILES = Box(b"jiceng imported file 1")
KEEP_UNCONFIRMED = timedelta(hours=48)
KEEP_DETAILS = timedelta(days=30)  # messages about lines quote them, names and phones included
KILLED = gettext_lazy("The process that stored it was stopped. Nothing was stored; start the import again.")
BAD_LINES = gettext_lazy("There are lines that cannot be stored.")


def import_check(*, actor, key: str, sources: Sequence[Source], options: dict | None = None) -> ImportRun:
    """Judge files and keep them for confirming; returns the run with counts, errors and the first planned rows.

    Raises NotPermitted, Invalid (a file that cannot be read, a setting that is missing), UnknownTransition for an
    unknown ``key``.
    """
    made, grant = _importer_for(actor, key, options or {})
    report = engine.check(made, *sources, actor=actor)
    with atomically():
        run = _new_run(made, sources, actor, grant)
        _fill(run, report)
        run.notes = [*_stored_before(run), *run.notes]
        run.save()
        ImportFile.objects.bulk_create(
            ImportFile(run=run, name=source.name, content=FILES.sealed(source.content)) for source in sources
        )
        _recorded(CHECKED, run, actor, grant)
    return run


def _importer_for(actor, key: str, options: dict) -> tuple[Importer, Grant]:
    cls = importer_named(key)
    if cls is None:
        raise UnknownTransition(_("There is no import “%(key)s”.") % {"key": key})
    grant = grant_to_import(cls, actor)
    if grant is None:
        raise NotPermitted(_("You may not import “%(label)s”.") % {"label": cls.label})
    made = cls(options)
    for option in cls.options:
        if option.required and not made.given[option.name]:
            raise Invalid(_("A value is needed here."), field=option.name, code="required")
    return made, grant


def _new_run(made: Importer, sources: Sequence[Source], actor, grant: Grant) -> ImportRun:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.content)
    return ImportRun(
        importer=made.key,
        options=made.given,
        file_name=" + ".join(source.name for source in sources)[:200],
        size=sum(len(source.content) for source in sources),
        sha256=digest.hexdigest(),
        started_by=actor,
        area_id=grant.area_id,
    )


def _fill(run: ImportRun, report: Report) -> None:
    run.lines, run.adds, run.changes, run.same = report.lines, report.adds, report.changes, report.same
    run.error_count, run.notes = report.error_count, report.notes
    run.errors = [[error.file, error.line, error.column, error.message] for error in report.errors]
    run.rows = [list(row) for row in report.rows]


def _stored_before(run: ImportRun) -> list[str]:
    """Tell that the very same content was stored already, where its lines would come in once more: rows without a
    number of their own cannot be known again. Who did it is not told; they may be of elsewhere."""
    same = ImportRun.objects.filter(importer=run.importer, sha256=run.sha256, state=ImportState.DONE)
    before = same.order_by("-id").first() if run.adds else None
    if before is None:
        return []
    told = {"day": f"{timezone.localtime(before.ended_at):%Y-%m-%d}", "count": run.adds}
    return [
        _(
            "A file with exactly this content was stored on %(day)s already. Confirming adds %(count)d lines once more;"
            " go on only if that is what you want."
        )
        % told
    ]


def _recorded(name: str, run: ImportRun, actor, grant: Grant) -> None:
    counts = ("lines", "adds", "changes", "same", "error_count")
    payload = {"importer": run.importer, **{count: getattr(run, count) for count in counts}}
    events.record(name, run, actor=actor, grant=grant, payload=payload)


def import_confirm(run: ImportRun, *, actor) -> ImportRun:
    """Start a checked run: the worker's job is queued in the same transaction. Returns the fresh run.

    Raises NotPermitted for anybody but who brought the file, Conflict when it was confirmed or cancelled before,
    Invalid when it has bad lines.
    """
    with atomically():
        fresh, grant = _own_locked(run, actor)
        if fresh.state != ImportState.CHECKED:
            raise Conflict(_("This import was confirmed or cancelled before."))
        if fresh.error_count:
            raise Invalid(BAD_LINES, code="bad_lines")
        fresh.state = ImportState.RUNNING
        fresh.save(update_fields=["state"])
        _recorded(STARTED, fresh, actor, grant)
        # Two runs of one importer wait for each other instead of the second failing.
        app.configure_task(TASK, lock=f"{TASK}:{fresh.importer}").defer(run_id=fresh.pk)
    return fresh


def import_cancel(run: ImportRun, *, actor) -> ImportRun:
    """Drop a checked run, or ask a running one to stop: it then stores nothing. Returns the fresh run.

    Raises NotPermitted for anybody but who brought the file, Conflict when it has ended.
    """
    with atomically():
        fresh, grant = _own_locked(run, actor)
        if fresh.state == ImportState.CHECKED:
            _end(fresh, ImportState.CANCELLED, actor, grant)
        elif fresh.state == ImportState.RUNNING:
            fresh.cancel_requested = True
            fresh.save(update_fields=["cancel_requested"])
        else:
            raise Conflict(_("This import has ended already."))
    return fresh


def _own_locked(run: ImportRun, actor) -> tuple[ImportRun, Grant]:
    fresh = ImportRun.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=run.pk)
    cls = importer_named(fresh.importer)
    grant = grant_to_import(cls, actor) if cls else None
    if grant is None or fresh.started_by_id != actor.pk:
        raise NotPermitted(_("Only who brought the file may do this, while they may import."))
    return fresh, grant


def _end(run: ImportRun, state: ImportState, actor, grant: Grant, failure="") -> None:
    """Write how a run ended, with its Event, and let go of the file and of what it shows of it."""
    names = {ImportState.DONE: DONE, ImportState.FAILED: FAILED, ImportState.CANCELLED: CANCELLED}
    run.state, run.failure, run.rows, run.ended_at = state, str(failure)[:500], [], timezone.now()
    if state == ImportState.DONE:
        run.done_steps = run.steps = 2 * run.lines
    run.save()
    ImportFile.objects.filter(run=run).delete()
    _recorded(names[state], run, actor, grant)


def carry_out(run_id: int, *, every: float = 0.3) -> ImportRun:
    """Carry out a confirmed run in this process and return it as it ended; a second call changes nothing.

    A run that another process began and left is failed, never taken up again.
    """
    run = ImportRun.objects.select_related("started_by").get(pk=run_id)
    if run.state != ImportState.RUNNING:
        return run
    if run.started_at is not None:
        fail_the_dead(run_id)
        return ImportRun.objects.get(pk=run_id)
    with ToldProgress(run.pk, every=every) as progress:
        try:
            return _stored(run, _kept_files(run), progress)
        except Cancelled:
            state, why, report = ImportState.CANCELLED, "", None
        except RowsRefused as error:
            state, why, report = ImportState.FAILED, BAD_LINES, error.report
        except Refused as error:
            state, why, report = ImportState.FAILED, error.detail, None
        except Exception:
            _ended(run_id, ImportState.FAILED, _("An error of the system; the log has it."))
            raise
    return _ended(run_id, state, why, report)


def _kept_files(run: ImportRun) -> list[Source]:
    """Return the files of a checked run. Raises Conflict when the installation's key changed since."""
    try:
        return [Source(file.name, FILES.opened(bytes(file.content))) for file in run.files.all()]
    except CannotOpen as error:
        raise Conflict(
            _("The file can no longer be read (the key of the installation changed): bring it again.")
        ) from error


def _stored(run: ImportRun, sources: Sequence[Source], progress: ToldProgress) -> ImportRun:
    """Store the rows, the end of the run and its Event in one transaction."""
    made, grant = _importer_for(run.started_by, run.importer, run.options)
    with transaction.atomic():
        if not held(RUN_LOCK, run.pk):
            raise Conflict(_("This import is under way already."))
        report = engine.run(made, *sources, actor=run.started_by, progress=progress)
        fresh = ImportRun.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=run.pk)
        if fresh.cancel_requested:
            raise Cancelled
        _fill(fresh, report)
        _end(fresh, ImportState.DONE, run.started_by, grant)
    return fresh


def _ended(run_id: int, state: ImportState, why="", report: Report | None = None, actor=None) -> ImportRun:
    """Write that a run ended without storing anything, by default as who started it; an ended one stays as it is."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=run_id)
        if run.state not in (ImportState.RUNNING, ImportState.CHECKED):
            return run
        if report is not None:
            _fill(run, report)
        actor = actor or run.started_by
        cls = importer_named(run.importer)
        grant = (grant_to_import(cls, actor) if cls else None) or Grant(Role.SYSTEM)
        _end(run, state, actor, grant, why)
    return run


def fail_the_dead(run_id: int | None = None) -> int:
    """Fail the runs (or this one) that were begun and that no living process holds; return how many."""
    rows = ImportRun.objects.filter(state=ImportState.RUNNING, started_at__isnull=False)
    rows = rows.filter(pk=run_id) if run_id else rows
    failed = 0
    for pk in rows.values_list("pk", flat=True):
        with transaction.atomic():
            if held(RUN_LOCK, pk):
                ended = _ended(pk, ImportState.FAILED, KILLED, actor=User.objects.system("imports"))
                failed += ended.failure == KILLED
    return failed


def forget_unconfirmed() -> int:
    """Cancel what nobody confirmed for ``KEEP_UNCONFIRMED`` and let go of its files; return how many."""
    old = ImportRun.objects.filter(state=ImportState.CHECKED, created_at__lt=timezone.now() - KEEP_UNCONFIRMED)
    keys = list(old.values_list("pk", flat=True))
    for pk in keys:
        _ended(pk, ImportState.CANCELLED, actor=User.objects.system("imports"))
    return len(keys)


def forget_details() -> int:
    """Empty the errors and notes of runs older than ``KEEP_DETAILS``; their counts stay. Returns how many."""
    old = ImportRun.objects.filter(created_at__lt=timezone.now() - KEEP_DETAILS)
    return old.exclude(errors=[], notes=[]).update(errors=[], notes=[])


def import_now(*, actor, key: str, sources: Sequence[Source], options: dict | None = None) -> ImportRun:
    """Check and store in this process, for commands; the run is kept like any other.

    Raises RowsRefused, Invalid, Conflict or NotPermitted; nothing is stored then, and the run says that it failed.
    """
    made, grant = _importer_for(actor, key, options or {})
    run = _new_run(made, sources, actor, grant)
    run.state = ImportState.RUNNING
    run.save()
    try:
        with ToldProgress(run.pk) as progress:
            return _stored(run, sources, progress)
    except RowsRefused as error:
        _ended(run.pk, ImportState.FAILED, BAD_LINES, error.report)
        raise
    except Refused as error:
        _ended(run.pk, ImportState.FAILED, error.detail)
        raise
    except Cancelled:
        return _ended(run.pk, ImportState.CANCELLED)
    except BaseException:
        _ended(run.pk, ImportState.FAILED, KILLED)
        raise
