"""The background jobs of mediation are known to the process that runs them."""

import importlib
from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app


def test_every_job_that_runs_by_the_clock_is_known():
    # given the modules that keep jobs
    root = Path(settings.BASE_DIR) / "mediation"
    texts = {path: path.read_text() for path in root.glob("*/tasks.py")}
    files = [path for path, text in texts.items() if "app.periodic" in text]

    # then each of their jobs is among those that the worker runs (they are found by ``MediationConfig``, not by a test)
    source = (root / "apps.py").read_text()
    known = {name for name, _id in app.periodic_registry.periodic_tasks}
    for path in files:
        assert f'"{path.parent.name}.tasks"' in source, path
        module = importlib.import_module(f"mediation.{path.parent.name}.tasks")
        ours = {job.name for job in vars(module).values() if hasattr(job, "queueing_lock") and hasattr(job, "name")}
        assert ours and ours <= known
    assert {"mediation.forget_signals", "mediation.watch_disputes"} <= known
