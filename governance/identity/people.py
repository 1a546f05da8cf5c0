"""Whose account it is: who may come in by code or WeChat, and the account that a first sign-in makes."""

import secrets

from django.contrib.auth.backends import BaseBackend
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.identity.providers import Identity
from governance.models import LinkedIdentity, Role, User
from governance.models.person import RESIDENT_PREFIX
from governance.permissions import STAFF, PersonBackend
from governance.scoping import Grant, roles_of
from governance.transactions import atomically

REGISTERED = events.register("user.registered", gettext_lazy("Account made"))
LINKED = events.register("user.identity_linked", gettext_lazy("Account elsewhere linked"))
RENAMED = events.register("user.renamed", gettext_lazy("Name given"))
SIGNED_IN = events.register("user.signed_in", gettext_lazy("Signed in"))
AS_RESIDENT = Grant(Role.RESIDENT)


def is_worker(user: User) -> bool:
    """Tell whether this account can do more than a resident's: it is staff's, a superuser's, or a process's."""
    return user.is_staff or user.is_superuser or user.is_system or bool(STAFF & roles_of(user))


def may_sign_in(user: User | None) -> bool:
    """Tell whether a code or a provider may sign this person in; None is somebody who has no account yet."""
    return user is None or (user.is_active and not is_worker(user))


def account_of(phone: str) -> User | None:
    """Return the account with this phone, whoever's it is."""
    return User.objects.filter(phone=phone).first()


class ResidentBackend(BaseBackend):
    """Keeps residents' sessions: they end with the account, and the day the person begins to work here.

    A session opened by a text message must not grow into a staff session when its owner is appointed.
    """

    def get_user(self, user_id):
        user = PersonBackend().get_user(user_id)
        return user if user is not None and not is_worker(user) else None


def resident_of(identity: Identity) -> User:
    """Return the account of a proven identity, making or linking it the first time; call it in a transaction.

    Raises NotPermitted for staff and closed accounts, Conflict (``phone_needed``) when the identity is new and comes
    without a proven phone.
    """
    link = None
    if identity.provider != "phone":
        links = LinkedIdentity.objects.select_related("user")
        link = links.filter(provider=identity.provider, subject=identity.subject).first()
    if link is not None:
        return _admitted(link.user)
    if identity.phone is None:
        raise Conflict(
            _("This WeChat account is new here. Please also give your phone number."),
            field="phone_code",
            code="phone_needed",
        )
    user = _admitted(account_of(identity.phone) or _made(identity))
    if identity.provider != "phone":
        _link(user, identity)
    return user


def person_rename(*, actor: User, name: str) -> User:
    """Let a resident say what they are called; the community checks it with what they claim.

    Raises NotPermitted for people who work here (an administrator keeps their names), Invalid naming ``name``.
    """
    name = " ".join(name.split())
    if not 2 <= len(name) <= 60:
        raise Invalid(_("A name has 2 to 60 characters."), field="name", code="length")
    with atomically():
        person = User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
        if is_worker(person):
            raise NotPermitted(_("Names of people who work here are kept by the administrators."))
        person.name = name
        person.save(update_fields=["name"])
        events.record(RENAMED, person, actor=actor, grant=AS_RESIDENT)
    return person


def _admitted(user: User) -> User:
    if not may_sign_in(user):
        raise NotPermitted(_("This account cannot sign in here. Staff sign in with user name and password."))
    return user


def _made(identity: Identity) -> User:
    """Make the account, or return the one that another request made at the same moment."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(f"{RESIDENT_PREFIX}{secrets.token_hex(8)}", phone=identity.phone)
    except IntegrityError:
        return User.objects.get(phone=identity.phone)
    events.record(REGISTERED, user, actor=user, grant=AS_RESIDENT, payload={"by": identity.provider})
    return user


def _link(user: User, identity: Identity) -> None:
    link, is_new = LinkedIdentity.objects.get_or_create(
        provider=identity.provider, subject=identity.subject, defaults={"user": user}
    )
    if link.user_id != user.pk:
        raise Conflict(_("This account elsewhere was linked to somebody else just now."))
    if is_new:
        events.record(LINKED, user, actor=user, grant=AS_RESIDENT, payload={"provider": identity.provider})
