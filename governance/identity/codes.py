"""One-time codes by text message: allauth's code flow, for phones that may not have an account yet.

allauth keeps when the code was made, how often it was tried and for which phone in the visitor's session; we keep only
a digest of the code there. Whoever asks gets the same answer: whether the phone has an account, and whose, shows only
on the phone itself.
"""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code, normalize_user_code
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Invalid
from governance.identity.limits import count_code, count_try
from governance.identity.providers import Identity
from governance.transactions import atomically

CODE_OVER = gettext_lazy("Please ask for a new code: there is none, or its time is over.")


class PhoneCodeProcess(LoginCodeVerificationProcess):
    """allauth's process without an account behind it: that is looked up, or made, when the phone is proven."""

    @classmethod
    def begin(cls, request: HttpRequest, phone: str) -> None:
        """Send a code and remember it in the session; a code sent there before is void."""
        login = Login(user=None, phone=phone)
        controller = LoginStageController(request, login)
        controller.set_current(LoginByCodeStage.key)
        stage = LoginByCodeStage(controller, request, login)
        stage.state.update(cls.initial_state(user=None, phone=phone))
        process = cls(stage)
        process.send()
        process.persist()

    @classmethod
    def under_way(cls, request: HttpRequest) -> "PhoneCodeProcess | None":
        """Return the process of this session, or None where there is none or its time is over."""
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        return cls(stage).abort_if_invalid() if stage else None

    def generate_code(self) -> str:
        phone = self.state["phone"]
        code = get_adapter().generate_phone_verification_code(user=None, phone=phone)
        self.state["code"] = digest_of(phone, code)
        return code

    def send_by_phone(self, phone: str, skip_enumeration_mails: bool = False) -> None:
        adapter = get_adapter()
        if adapter.can_get_code(phone):
            adapter.send_verification_code_sms(user=None, phone=phone, code=self.generate_code())
        else:
            adapter.send_unknown_account_sms(phone)

    def accepts(self, phone: str, code: str) -> bool:
        """Tell whether this is the code, and the phone it was sent to. Without a code nothing is accepted."""
        return phone == self.state["phone"] and compare_user_code(actual=digest_of(phone, code), expected=self.code)


def digest_of(phone: str, code: str) -> str:
    """Return what is kept of a code: of no use without the signing key."""
    return salted_hmac(
        "governance.identity.codes", f"{phone} {normalize_user_code(code)}", algorithm="sha256"
    ).hexdigest()


def code_send(request: HttpRequest, phone: str) -> None:
    """Send a one-time code to ``phone`` (stored form) and remember it in the session of ``request``.

    Raises TooMany, or Unavailable when the gateway fails; the session is then as it was.
    """
    count_code(request, phone)
    PhoneCodeProcess.begin(request, phone)
    if not request.user.is_authenticated:
        # Somebody who never comes back leaves a phone number behind: not for the two weeks of a session.
        request.session.set_expiry(settings.ACCOUNT_LOGIN_TIMEOUT)


@dataclass(frozen=True)
class PhoneCode:
    """What a person types in: the phone (stored form) and the code, in the session that asked for it."""

    request: HttpRequest
    phone: str
    code: str


class PhoneCodeProvider:
    """Who holds the phone a code was sent to is its owner."""

    name = "phone"

    @staticmethod
    def seconds() -> int:
        """How long a code is valid."""
        return settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT

    def exchange(self, credential: PhoneCode) -> Identity:
        """Judge a code; a right one is spent. Raises Invalid naming ``code``, TooMany.

        One request at a time looks at a session, so that tries sent together are counted and a code is spent once.
        """
        request = credential.request
        count_try(request)
        with atomically():
            session = Session.objects.select_for_update().filter(session_key=request.session.session_key).first()
            process = accepted = None
            if session is not None:
                request.session = type(request.session)(session.session_key)  # as stored now, not as first read
                process = PhoneCodeProcess.under_way(request)
                accepted = process is not None and process.accepts(credential.phone, credential.code)
                if accepted:
                    clear_login(request)
                elif process is not None:
                    process.record_invalid_attempt()
                request.session.save()
                request.session.modified = False  # a second save, after the lock, would undo what others count
        if process is None:
            raise Invalid(CODE_OVER, field="code", code="code_expired")
        if not accepted:
            raise Invalid(_("This code is not right."), field="code", code="incorrect_code")
        return Identity(self.name, credential.phone, credential.phone)
