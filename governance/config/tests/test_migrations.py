"""What a new database is made by leaves what the migrations it replaces leave, and older databases carry on."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations import CreateModel, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.writer import MigrationWriter

from governance.config.preparation import prepare
from governance.tables import CreateTables

APPS = ["governance", "cases", "devices", "property", "partners", "mediation"]
# What only mended rows that were there.
MENDED = [
    import_module("devices.migrations.0004_alarm_lifecycle").FORWARD,
    import_module("cases.migrations.0018_dispatch_by_origin").by_origin,
    import_module("property.migrations.0006_debtors").fill,
    import_module("mediation.migrations.0016_statutory_days").Migration.operations[0].sql,
    import_module("mediation.migrations.0017_figures_of_types").LABOUR,
]


@pytest.fixture(scope="module")
def loader():
    """Every migration there is, those that are replaced as well."""
    return MigrationLoader(None, replace_migrations=False)


@pytest.fixture(scope="module")
def squashed(loader):
    """The migration that makes the tables of each app."""
    return {
        app: next(one for (label, _name), one in loader.disk_migrations.items() if label == app and one.replaces)
        for app in APPS
    }


def steps(migration):
    for operation in migration.operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from operation.database_operations
        else:
            yield operation


def written(value) -> str:
    """Return a field, constraint or index as a migration would write it: most of them compare by identity."""
    return MigrationWriter.serialize(value)[0]


def described(model):
    """Return what a table is made by; the order of fields is that of the columns, that of constraints means nothing."""
    options = dict(model.options)
    named = options.pop("constraints", []) + options.pop("indexes", [])
    fields = [(name, written(field)) for name, field in model.fields.items()]
    return fields, options, {one.name: written(one) for one in named}, model.bases


@pytest.mark.parametrize("app", APPS)
def test_one_migration_makes_what_those_it_replaces_made(loader, squashed, app):
    # given the models as the replaced migrations leave them, all apps below as well
    former = loader.project_state(squashed[app].replaces[-1]).models
    # when the one that replaces them comes in their place
    made = MigrationLoader(None).project_state((app, squashed[app].name)).models
    # then the models are the same
    mine = [key for key in former if key[0] == app]
    assert sorted(mine) == sorted(key for key in made if key[0] == app)
    assert len(mine) > 20
    for key in mine:
        assert described(made[key]) == described(former[key]), key


@pytest.mark.parametrize("app", APPS)
def test_it_runs_every_sql_that_those_it_replaces_ran(loader, squashed, app):
    kept = [step.sql for step in steps(squashed[app]) if isinstance(step, RunSQL)]
    text = "".join(kept)
    former = [step for key in squashed[app].replaces for step in steps(loader.disk_migrations[key])]
    run = [step.sql for step in former if isinstance(step, RunSQL)]
    lost = [sql for sql in run if sql not in kept and not (isinstance(sql, str) and sql in text)]
    lost += [step.code for step in former if isinstance(step, RunPython)]
    assert [one for one in lost if one not in MENDED] == []
    assert any(isinstance(step, CreateTables) for step in steps(squashed[app]))
    assert not [step for step in steps(squashed[app]) if isinstance(step, CreateModel)]


@pytest.mark.parametrize("app", APPS)
def test_every_migration_is_replaced_or_comes_after(loader, squashed, app):
    first = (app, squashed[app].name)
    graph = MigrationLoader(None).graph
    assert len(graph.leaf_nodes(app)) == 1
    mine = [key for key in graph.nodes if key[0] == app]
    assert [key for key in mine if first not in graph.forwards_plan(key)] == []
    # what came since stands on the last one that is replaced, or on all of them: where they ran, they are its history
    needed = {key for one in mine if one != first for key in loader.disk_migrations[one].dependencies}
    assert needed.isdisjoint(squashed[app].replaces[:-1])


def plan_after(done):
    """Return what is still to be done on a database on which these, and no others, were applied."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.delete()
    recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in done)
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return sorted((one.app_label, one.name) for one, _backwards in plan)


@pytest.mark.django_db
def test_a_database_stopped_anywhere_is_brought_to_the_end(loader, squashed):
    # given the order in which everything ran on an empty database before
    new = {app: (app, one.name) for app, one in squashed.items()}
    replaced = {app: one.replaces for app, one in squashed.items()}
    plan = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    former = [key for key in dict.fromkeys(plan) if key not in new.values()]
    since = {key for key in former if key[0] in APPS and key not in replaced[key[0]]}
    former.sort(key=lambda key: not since.isdisjoint(loader.graph.forwards_plan(key)))  # what came since, last
    ours = [at for at, (app, _name) in enumerate(former) if app in APPS]
    # when it was stopped before one of ours (each third is enough), or between two apps
    between = [at for at in ours if former[at - 1][0] != former[at][0]]
    for cut in sorted({*ours[::3], *between, len(former)}):
        to_do = plan_after(former[:cut])
        # then an app that was begun goes on by the replaced ones, another one is made at once, nothing runs twice
        expected = set(former[cut:])
        for app in APPS:
            if not expected.isdisjoint(replaced[app]) and expected.issuperset(replaced[app]):
                expected = expected.difference(replaced[app]) | {new[app]}
        assert to_do == sorted(expected), former[cut - 1]


@pytest.mark.django_db
def test_a_start_writes_down_that_a_replaced_migration_is_done(squashed, settings, tmp_path):
    # given a database made before there was the one that replaces
    settings.VAR, settings.PRODUCTION = tmp_path, True
    names = [one.name for one in squashed.values()]
    applied = MigrationRecorder(connection).migration_qs
    applied.filter(name__in=names).delete()
    # when the product starts
    prepare()
    # then nobody needs the replaced files for this database any more
    assert applied.filter(app__in=APPS, name__in=names).count() == len(APPS)
