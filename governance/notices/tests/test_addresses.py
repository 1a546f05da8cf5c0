"""Addresses of channels: which are allowed, that the server's own network stays out of reach, and how they are kept."""

import pytest
from django.core.exceptions import ValidationError

from governance.notices import addresses, sealing

KEY = "abcdef12-1234-1234-1234-123456789012"


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("wecom", f"wecombot://{KEY}/"),
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=abcdef0123"),
        ("dingtalk", "dingtalk://SECabc@abcdef0123/"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/abc-def-012"),
        ("mail", "mailtos://user:pass@1.1.1.1?to=a@example.com&from=b@example.com"),
        ("webhook", "jsons://1.1.1.1/path?+X-Key=1"),
        ("sms", "jsons://1.1.1.1/sms/{phone}?:to={phone}"),
        ("sms", ""),
    ],
)
def test_what_each_kind_may_have(kind, address):
    addresses.check(addresses.normal(address), kind)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", "file:///etc/passwd"), ("webhook", "https://1.1.1.1/x"), ("webhook", "dbus://"),
        ("webhook", "syslog://"), ("wecom", f"https://qyapi.weixin.qq.com.evil.example/send?key={KEY}"),
        ("wecom", "json://1.1.1.1/x"), ("dingtalk", f"wecombot://{KEY}/"), ("feishu", "x"), ("mail", ""),
        ("webhook", "json://127.0.0.1/x"), ("webhook", "json://localhost:5432/"), ("webhook", "json://10.0.0.8/"),
        ("webhook", "json://169.254.169.254/latest/meta-data"), ("webhook", "json://[::1]/"),
        ("webhook", "json://2130706433/"), ("mail", "mailto://u:p@192.168.1.9?to=a@example.com"),
        ("mail", "mailto://u:p@example.com?smtp=127.0.0.1&to=a@example.com"),
        ("mail", "mailtos://u:p@1.1.1.1?to=a@example.com&pgpkey=/etc/passwd"),
        ("webhook", "json://1.1.1.1/?redirect=yes"), ("webhook", "json://1.1.1.1/ x"), ("sms", "jsons://1.1.1.1/sms/"),
        ("webhook", "json://1.1.1.1/" + "x" * 2000),
    ],
)  # fmt: skip
def test_what_is_refused_without_repeating_it(kind, address):
    with pytest.raises(ValidationError) as caught:
        addresses.check(addresses.normal(address), kind)
    assert not address or address not in str(caught.value)


def test_a_host_of_the_own_network_that_the_settings_name_is_allowed(settings):
    settings.NOTICE_INTERNAL_HOSTS = ["10.0.0.8"]
    addresses.check("json://10.0.0.8/x", "webhook")
    with pytest.raises(ValidationError):
        addresses.check("json://10.0.0.9/x", "webhook")


def test_only_the_service_of_an_address_is_shown():
    assert addresses.masked("mailtos://user:password@host") == "mailtos://****"
    assert addresses.masked("") == ""


def test_a_sealed_address_is_opened_by_the_key_of_the_installation_only(settings):
    token = sealing.sealed("wecombot://key")
    assert "wecombot" not in token and sealing.opened(token) == "wecombot://key"
    # when the key is changed, the old one opens it while it is named, and nothing does afterwards
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key " * 5, [settings.SECRET_KEY]
    assert sealing.opened(token) == "wecombot://key"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.CannotOpen):
        sealing.opened(token)
