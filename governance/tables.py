"""An operation of migrations that makes all tables of an app at once, whatever points at whatever."""

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Make tables by ``operations``, a list of ``CreateModel`` in the order in which the tables are to be made.

    One ``CreateModel`` after another has Django build anew, for each, every model class that hangs together with it:
    minutes for some two hundred models. Here the classes are built once, after the last. So foreign keys may point at
    models further down, and each stands among the columns where it belongs: PostgreSQL gets them as constraints at the
    end of the migration.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["operations"]

    def __init__(self, operations: list[CreateModel]):
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # What was built of the state is dropped first, otherwise each model would be built into it at once.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"
