"""People and the system actors that act by themselves."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.search.text import Pairs, joined

# Mainland mobile numbers: 11 digits, the second 3-9 (MIIT numbering plan); other numbers with their country code.
phone_validator = RegexValidator(r"^(1[3-9]\d{9}|\+[1-9]\d{6,14})$", _("Enter a valid phone number."))


# What people call the processes that act by themselves, by the name of their system actor.
SYSTEM_NAMES = {
    "dispatch": _("Dispatch hub"),
    "devices": _("Device monitoring"),
    "timers": _("Deadlines"),
    "public": _("Public reports"),
    "imports": _("Imports"),
    "notices": _("Notices"),
    "intake": _("Named sources"),
    "replay": _("Replay of the past"),
    "hotspots": _("Hot-spot watch"),
    "training": _("Training"),
    "partners": _("Community partners"),
    "rewards": _("Redemption of points"),
    "early-warning": _("Watch of early warnings"),
}


# How the user names of accounts begin that a first sign-in by code made; nobody is called by them.
RESIDENT_PREFIX = "resident-"


class UserManager(BaseUserManager):
    """Makes accounts and finds the system actors."""

    def create_user(self, username, password=None, **fields):
        """Make an account; without a password nobody can sign in with it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        """Make the account that `createsuperuser` asks for: administrator everywhere."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)

    def system(self, name: str) -> "User":
        """Return the system actor ``name`` (dispatch, devices, timers, public ...), making it the first time."""
        user = self.filter(username=f"system:{name}").first()
        if user:
            return user
        user, _created = self.get_or_create(
            username=f"system:{name}", defaults={"name": name, "is_system": True, "password": "!"}
        )
        return user

    def all_systems(self) -> None:
        """Make the system actors there are not yet: two processes that first need two of them would wait for each
        other."""
        there = set(self.filter(is_system=True).values_list("username", flat=True))
        for name in SYSTEM_NAMES:
            if f"system:{name}" not in there:
                self.system(name)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can act, or a process that acts by itself (``is_system``, never signs in)."""

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("full name"), max_length=60, blank=True)
    phone = models.CharField(
        _("phone"), max_length=16, unique=True, null=True, blank=True, validators=[phone_validator]
    )
    is_staff = models.BooleanField(_("may enter the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_system = models.BooleanField(_("system actor"), default=False, editable=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        indexes = [GinIndex(Pairs(joined("name", "username")), name="user_text")]
        constraints = [
            models.CheckConstraint(
                name="user_system_never_staff",
                condition=models.Q(is_system=False) | models.Q(is_staff=False, is_superuser=False),
            ),
        ]

    def __str__(self):
        return self.get_full_name()

    def natural_key(self):
        return (self.username,)

    def get_full_name(self):
        """Return what people call this person, or this process."""
        if self.is_system:
            return str(SYSTEM_NAMES.get(self.name, self.name))
        if not self.name and self.username.startswith(RESIDENT_PREFIX):
            return gettext("Resident")
        return self.name or self.username

    def get_short_name(self):
        return self.get_full_name()
