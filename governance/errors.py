"""What the kernel and the apps refuse with. Every refusal leaves the database as it was."""

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Base of all refusals: ``code`` for programs, the message for people, ``field`` when one input is to blame."""

    code = "refused"

    def __init__(self, detail, *, field: str | None = None, code: str | None = None):
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.code = code or self.code


class UnknownTransition(Refused):
    """No such transition on this kind of object."""

    code = "unknown_transition"


class NotPermitted(Refused):
    """The person holds no role that may do this to this object."""

    code = "permission_denied"


class Conflict(Refused):
    """The object is no longer in the state (or version) the request was made for."""

    code = "conflict"


class Invalid(Refused):
    """The input is wrong; ``field`` names it."""

    code = "invalid"


class TooMany(Refused):
    """Asked too often; ``seconds`` until it is heard again."""

    code = "throttled"

    def __init__(self, detail, *, seconds: int, field: str | None = None):
        super().__init__(detail, field=field)
        self.seconds = seconds


class Unavailable(Refused):
    """Something outside that is needed does not answer, or is not set up."""

    code = "unavailable"


REASON_NEEDED = _("A reason is needed.")
