"""Reads of import runs; every list starts from ``visible_to(user)``."""

from governance.models.organisation import WORKING_ROLES, Role
from governance.scoping import EVERYWHERE, Anywhere, InArea, Own, ScopedQuerySet


class RanIn(InArea):
    """The run was started in the grant's area; those of the machine itself lie nowhere and are everywhere's."""

    def holds(self, obj, grant, user):
        return grant.area_path == EVERYWHERE or super().holds(obj, grant, user)


OWN = Own("started_by")


class ImportRunQuerySet(ScopedQuerySet):
    """Everybody sees the own runs, administrators also those started inside their area."""

    VISIBLE = dict.fromkeys(WORKING_ROLES, OWN) | {
        Role.ADMINISTRATOR: RanIn() | OWN,
        Role.SYSTEM: Anywhere(),
    }
