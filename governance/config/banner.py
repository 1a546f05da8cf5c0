"""What is printed when Jiceng is up: addresses and, in the demo, the accounts to sign in with."""

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path


def text(env: Mapping[str, str]) -> str:
    """Return the banner, Chinese first, without a last line break."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(env["HOST"], env["HOST"])
    web = f"http://{host}:{env['PORT']}"
    lines = [
        "",
        "基层已启动 · Jiceng is up",
        f"  工作台 Staff        {web}/admin/",
        f"  居民上报 Residents  {web}/r/",
        f"  移动端 On the phone {web}/m/",
        f"  接口文档 API        {web}/api/docs/",
        f"  实时推送 Live       ws://{host}:{env['LIVE_PORT']}/ws/v1/events/",
    ]
    accounts = _accounts(env)
    if accounts:
        lines += ["", "演示账号 Demo accounts (var/demo.json)", *_table(accounts)]
        lines += ["", f"  居民登录验证码 Sign-in codes of residents: grep SMS {env['JICENG_VAR']}/log/web.log"]
    return "\n".join([*lines, "", "按 Ctrl-C 停止 · Ctrl-C stops everything", ""])


def _accounts(env: Mapping[str, str]) -> list[tuple[str, ...]]:
    path = Path(env["JICENG_VAR"]) / "demo.json"
    if env.get("JICENG_PRODUCTION") == "1" or not path.exists():
        return []
    try:
        accounts = json.loads(path.read_text()).get("accounts", [])
        rows = [(str(one["role"]), str(one["username"]), _way(one)) for one in accounts]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        return [("demo.json", type(error).__name__, str(error))]  # shown in the table: no reason to stop
    return [("角色 role", "用户名 username", "密码 password"), *rows]


def _way(account: Mapping) -> str:
    """Return how an account signs in: by its password, or, where the admin refuses it, by a text code to its phone."""
    if phone := account.get("phone"):
        return f"在居民端用验证码登录 by text code at /r/: {phone}"
    return str(account["password"])


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    """Return the columns a terminal needs for ``cell``: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)
