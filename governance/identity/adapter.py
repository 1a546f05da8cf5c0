"""django-allauth on our terms: its account adapter for residents, who have a phone and no password."""

from ipaddress import IPv6Address, ip_address

from allauth.account import signals
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.forms import CharField
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.throttling import BaseThrottle

from governance import sms
from governance.identity.people import account_of, may_sign_in
from governance.models import User
from governance.models.person import phone_validator

BACKEND = "governance.identity.people.ResidentBackend"
UNKNOWN_ADDRESS = "0.0.0.0"


class ResidentAdapter(DefaultAccountAdapter):
    """Where allauth finds phones, how it sends codes, and what it must not do (messages, pages, mail)."""

    def get_phone(self, user):
        return (user.phone, True) if user.phone else None

    def set_phone(self, user, phone, verified):
        user.phone = phone
        user.save(update_fields=["phone"])

    def set_phone_verified(self, user, phone):
        """Nothing to do: a stored phone is either an administrator's statement or was proven by a code."""

    def get_user_by_phone(self, phone) -> User | None:
        user = account_of(phone)
        return user if may_sign_in(user) else None

    def phone_form_field(self, **options):
        return CharField(validators=[phone_validator], **options)

    def can_get_code(self, phone: str) -> bool:
        """Tell whether a code may be sent: to residents, and to phones nobody here has yet."""
        return may_sign_in(account_of(phone))

    def send_verification_code_sms(self, user, phone, code, **_options):
        minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
        text = _("%(code)s is your sign-in code for Jiceng. It is valid for %(minutes)s minutes. Give it to nobody.")
        values = {"code": code, "minutes": str(minutes)}
        sms.send_code(phone, text % values, values=values)

    def send_unknown_account_sms(self, phone, **_options):
        """Tell the owner of the phone, and nobody else, why no code comes; also takes as long as sending one."""
        sms.send_code(
            phone, _("Jiceng: this account cannot sign in by code. Staff sign in with user name and password.")
        )

    def get_login_stages(self):
        return ["allauth.account.stages.LoginByCodeStage"]

    def login(self, request, user):
        user.backend = BACKEND
        super().login(request, user)

    def post_login(self, request, user, *, signal_kwargs=None, **_options):
        """Tell allauth's list of sessions; the answer itself is our doors' matter."""
        signals.user_logged_in.send(
            sender=type(user), request=request, response=None, user=user, **(signal_kwargs or {})
        )
        return HttpResponse(status=204)

    def add_message(self, *_arguments, **_options):
        """No messages: each door answers for itself."""

    def get_client_ip(self, request) -> str:
        """Return the address as far as it is kept: without its last part (IPv4) or as the /48 network (IPv6)."""
        try:
            address = ip_address(BaseThrottle().get_ident(request) or "")
        except ValueError:
            return UNKNOWN_ADDRESS  # what a proxy wrote there is no address
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is None:
                return str(ip_address(int(address) >> 80 << 80))
            address = address.ipv4_mapped
        return str(ip_address(int(address) >> 8 << 8))
