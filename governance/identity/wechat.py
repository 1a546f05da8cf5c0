"""Sign-in from a WeChat mini-program: its codes exchanged for who somebody is.

The exchange as WeChat documents it for servers of mini-programs:

- ``GET /sns/jscode2session`` (code2Session): the code of ``wx.login`` becomes the person's openid. 40029 and 40163
  mean a wrong or spent code, 40226 a person WeChat blocks, 45011 more than 100 calls a minute for one person, -1 busy.
- ``POST /cgi-bin/stable_token``: the access token of the mini-program, valid two hours. Asking for it again does not
  end the one other processes hold, which ``/cgi-bin/token`` does.
- ``POST /wxa/business/getuserphonenumber``: the code of a ``getPhoneNumber`` button becomes the person's phone.

The session key in the first answer is not kept: nothing here decrypts with it.
"""

import logging
from dataclasses import dataclass
from json import JSONDecodeError

import httpx
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, Unavailable
from governance.identity.phones import phone_of
from governance.identity.providers import Identity

log = logging.getLogger(__name__)

SECONDS = 5.0  # an answer may take; somebody waits for it
SPENT_OR_WRONG = {40029, 40163}
BLOCKED = {40226}
TOKEN_OVER = {40001, 40014, 42001}
TOKEN_SPARE = 300  # seconds before its end at which a token is renewed
TOKEN_KEY = "governance.identity.wechat.token"


@dataclass(frozen=True)
class WeChatCodes:
    """``code`` of ``wx.login``; ``phone_code`` of a ``getPhoneNumber`` button, where the person gave it."""

    code: str
    phone_code: str | None = None


class WeChatProvider:
    """Who WeChat says is signed in to our mini-program."""

    name = "wechat"

    def exchange(self, credential: WeChatCodes) -> Identity:
        """Ask WeChat who this is; at most three requests. Raises Invalid naming the code, Unavailable, Conflict."""
        if not (settings.WECHAT_APPID and settings.WECHAT_SECRET):
            raise Conflict(_("Signing in with WeChat is not offered here."), code="wechat_not_configured")
        subject = self._openid(credential.code)
        phone = self._phone(credential.phone_code) if credential.phone_code else None
        return Identity(self.name, subject, phone)

    def _openid(self, code: str) -> str:
        query = {
            "appid": settings.WECHAT_APPID,
            "secret": settings.WECHAT_SECRET,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        answer = _asked("GET", "/sns/jscode2session", params=query)
        _judge(answer, field="code")
        return _text(answer, "openid")

    def _phone(self, phone_code: str) -> str:
        answer = self._ask_phone(phone_code, _token())
        if answer.get("errcode") in TOKEN_OVER:
            answer = self._ask_phone(phone_code, _token(renew=True))
        _judge(answer, field="phone_code")
        found = answer.get("phone_info")
        if not isinstance(found, dict) or _appid_of(found) not in (None, settings.WECHAT_APPID):
            raise _unreadable()
        number, country = _text(found, "purePhoneNumber"), str(found.get("countryCode") or "86")
        return phone_of(number if country == "86" else f"+{country}{number}")

    def _ask_phone(self, phone_code: str, token: str) -> dict:
        query = {"access_token": token}
        return _asked("POST", "/wxa/business/getuserphonenumber", params=query, json={"code": phone_code})


def _token(*, renew: bool = False) -> str:
    """Return the mini-program's access token, kept in the cache until shortly before its end."""
    token = None if renew else cache.get(TOKEN_KEY)
    if token is None:
        body = {
            "grant_type": "client_credential",
            "appid": settings.WECHAT_APPID,
            "secret": settings.WECHAT_SECRET,
            "force_refresh": False,
        }
        answer = _asked("POST", "/cgi-bin/stable_token", json=body)
        _judge(answer, field=None)
        token, seconds = _text(answer, "access_token"), answer.get("expires_in")
        if not isinstance(seconds, int):
            raise _unreadable()
        cache.set(TOKEN_KEY, token, max(60, seconds - TOKEN_SPARE))
    return token


def _asked(method: str, path: str, **given) -> dict:
    """Send a request and return the JSON object of the answer. The request is not logged: it holds the secret."""
    address = settings.WECHAT_API.rstrip("/") + path
    try:
        response = httpx.request(method, address, timeout=SECONDS, **given)
        answer = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, JSONDecodeError, UnicodeDecodeError) as error:
        log.error("WeChat %s: %s", path, type(error).__name__)
        raise _silent() from None
    if not response.is_success or not isinstance(answer, dict):
        log.error("WeChat %s: HTTP %s", path, response.status_code)
        raise _silent()
    if answer.get("errcode"):
        log.warning("WeChat %s: errcode %s", path, answer["errcode"])
    return answer


def _judge(answer: dict, *, field: str | None) -> None:
    """Raise what the error code of an answer means; ``field`` is the code that was exchanged, if one was."""
    code = answer.get("errcode", 0)
    if code == 0:
        return
    if field and code in SPENT_OR_WRONG:
        raise Invalid(_("WeChat does not know this code, or it was used already."), field=field, code="invalid")
    if field and code in BLOCKED:
        raise Invalid(_("WeChat does not let this account sign in."), field=field, code="blocked")
    raise _silent()


def _text(answer: dict, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 512:
        raise _unreadable()
    return value


def _appid_of(found: dict) -> str | None:
    mark = found.get("watermark")
    return mark.get("appid") if isinstance(mark, dict) else None


def _unreadable() -> Unavailable:
    log.error("WeChat: an answer is not as documented")
    return _silent()


def _silent() -> Unavailable:
    return Unavailable(_("WeChat does not answer just now. Please try again in a minute."), code="wechat_failed")
