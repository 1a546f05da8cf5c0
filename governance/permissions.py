"""Who may view and change what in the admin and the API: model permissions by role.

Transitions carry their own rule (``governance.workflow``); this is for everything else. Each app states its models in
its ``permissions.py`` with ``permit``; Django's own ``has_perm`` then answers from the roles a person holds today.
"""

from django.contrib.auth.backends import BaseBackend, ModelBackend

from governance.models.organisation import WORKING_ROLES, Role
from governance.scoping import people_with_grants, roles_of

STAFF = frozenset(WORKING_ROLES)
ADMIN_ONLY = frozenset([Role.ADMINISTRATOR])
NOBODY: frozenset[str] = frozenset()

_allowed: dict[str, frozenset[str]] = {}


def permit(model: str, *, view=NOBODY, add=NOBODY, change=NOBODY, delete=NOBODY) -> None:
    """State which roles may view, add, change and delete rows of ``model`` (``cases.case``)."""
    app, name = model.split(".")
    for verb, roles in {"view": view, "add": add, "change": change, "delete": delete}.items():
        _allowed[f"{app}.{verb}_{name}"] = frozenset(roles)


def roles_allowed(permission: str) -> frozenset[str]:
    """Return the roles that hold ``permission`` (``cases.view_case``)."""
    return _allowed.get(permission, NOBODY)


class PersonBackend(ModelBackend):
    """Signs people in by password; loads the person of a session together with their appointments, in one statement."""

    def get_user(self, user_id):
        user = people_with_grants().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


class RoleBackend(BaseBackend):
    """Answers ``user.has_perm`` from the appointments in force. Scope is the querysets' matter."""

    def has_perm(self, user_obj, perm, obj=None):
        return bool(_allowed.get(perm, NOBODY) & roles_of(user_obj))

    def has_module_perms(self, user_obj, app_label):
        roles = roles_of(user_obj)
        return any(perm.startswith(f"{app_label}.") and allowed & roles for perm, allowed in _allowed.items())
