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
# By app, who holds any of its permissions; the admin asks for each of its models on every page.
_in_app: dict[str, frozenset[str]] = {}


def permit(model: str, *, view=NOBODY, add=NOBODY, change=NOBODY, delete=NOBODY) -> None:
    """State which roles may view, add, change and delete rows of ``model`` (``cases.case``)."""
    app, name = model.split(".")
    for verb, roles in {"view": view, "add": add, "change": change, "delete": delete}.items():
        _allowed[f"{app}.{verb}_{name}"] = frozenset(roles)
    _in_app.pop(app, None)


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
        if app_label not in _in_app:
            held = [roles for permission, roles in _allowed.items() if permission.startswith(f"{app_label}.")]
            _in_app[app_label] = NOBODY.union(*held)
        return bool(_in_app[app_label] & roles_of(user_obj))
