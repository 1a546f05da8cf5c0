"""The fictional city of Yunchuan: loaded once, with generated passwords and device keys told in ``var/demo.json``.

City, places, people and events are invented: code 9901 is no division's, +999 no country's telephone code, and where a
map would show the city there are none of these streets. Nothing here runs in production or with ``DEMO=0``. The
fixtures hold no password anybody could sign in with; the file with the generated ones is readable by the owner alone.
"""

import gc
import json
import os
import secrets
import string
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from cases.demo_history import load_history
from cases.demo_hotspots import load_hotspots
from cases.demo_patrols import load_patrols
from cases.demo_scores import load_scores
from cases.demo_sources import load_messages
from devices.demo_batteries import load_batteries
from devices.demo_bins import load_bins
from devices.demo_readings import DemoDevices
from devices.keys import credential_of, key_issue
from devices.models import Device
from governance.config.supervisor import reachable_host
from governance.demo_bookings import load_bookings
from governance.models import Area, User
from governance.notices.planning import tell_past
from mediation.demo_agreements import load_agreements
from mediation.demo_disputes import load_disputes
from mediation.demo_followup import load_followup
from mediation.demo_joint import load_joint
from mediation.demo_papers import load_papers
from mediation.demo_prevention import load_prevention
from mediation.demo_warning import load_warning
from partners.demo_credit import load_credit
from partners.demo_earning import load_earning
from partners.demo_needs import load_needs
from partners.demo_projects import load_projects
from partners.demo_recruiting import load_recruiting
from partners.demo_rewards import load_rewards
from partners.demo_surveys import load_surveys
from property.demo_assembly import load_assemblies
from property.demo_costs import load_costs
from property.demo_gatherings import load_gatherings
from property.demo_serving import load_services
from property.demo_stewards import load_stewards
from property.demo_voting import load_votes

CITY = "990100"
# Without letters and digits that look alike; 12 of them are 68 random bits.
LETTERS = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
PASSWORD_LENGTH = 12
# What is loaded after the notices of the past were told: each stands on the ones before it.
NOT_TOLD_OF = (
    load_bookings, load_costs, load_gatherings, load_surveys, load_needs, load_votes, load_recruiting, load_earning,
    load_rewards, load_projects, load_credit,
    load_prevention, load_disputes, load_joint, load_agreements, load_followup, load_warning, load_papers,
)  # fmt: skip
TOLD_BACK, UNREAD_BACK = timedelta(days=3), timedelta(hours=12)  # how far the demo's notices go back


def wanted() -> bool:
    """Tell whether this installation shows the demo city."""
    return os.environ.get("DEMO") != "0" and not settings.PRODUCTION


def ensure(fixtures: list[Path], *, load: Callable, say: Callable[[str], None], share: float) -> None:
    """Load the city into an empty database, and keep ``demo.json`` true.

    A database with areas or people of its own is left alone. Lost passwords and keys are generated anew.
    """
    if Area.objects.filter(code=CITY).exists():
        known = _read()
        if known is None:
            say("重新生成演示账号密码与设备密钥 · renewing demo passwords and device keys")
            accounts = _accounts()
            with ThreadPoolExecutor() as pool, transaction.atomic():
                known = _issue(accounts, _hashing(accounts, pool))
        _write(known)
    elif not Area.objects.exists() and not User.objects.filter(is_system=False).exists():
        say("正在装载虚构的云川市 · loading the fictional city of Yunchuan")
        _write(_load_city(fixtures, load, say, share))


def _load_city(fixtures: list[Path], load: Callable, say: Callable[[str], None], share: float) -> dict:
    """Load, make history and issue everything in one transaction; returns what ``demo.json`` tells."""
    # The garbage of hundreds of thousands of short-lived rows is freed by counting; looking for cycles costs a sixth.
    gc.freeze()
    thresholds = gc.get_threshold()
    gc.set_threshold(200_000)
    accounts = _accounts()
    try:
        with ThreadPoolExecutor() as pool, transaction.atomic():
            hashes = _hashing(accounts, pool)
            load(fixtures)
            say("正在生成数周的办件历史 · writing some weeks of history")
            now = timezone.now()
            devices = DemoDevices(Random(int(CITY)), now=now)
            number = load_history(now=now, sense=devices.sense, share=share)
            load_patrols(now=now)
            load_messages(now=now)
            load_scores(now=now)
            load_hotspots(now=now)
            devices.ordinary_day()
            load_bins(now=now)
            load_batteries(now=now)
            load_services(now=now)
            load_assemblies(now=now)
            load_stewards(now=now)
            tell_past(now - TOLD_BACK, unread_since=now - UNREAD_BACK)
            for load_more in NOT_TOLD_OF:
                load_more(now=now)
            known = _issue(accounts, hashes)
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    say(f"已生成 {number} 件案件 · {number} cases")
    return known


def _accounts() -> list[dict]:
    """Return role, user name and a new password of each account that demo visitors may use."""
    rows = json.loads((settings.BASE_DIR / "fixtures" / "demo" / "accounts.json").read_text())
    return [row | {"password": _password()} for row in rows]


def _hashing(accounts: list[dict], pool: ThreadPoolExecutor) -> Iterator[str]:
    """Hash the passwords in the background: it is slow on purpose, and the database has work meanwhile."""
    return pool.map(make_password, [account["password"] for account in accounts])


def _issue(accounts: list[dict], hashes: Iterator[str]) -> dict:
    """Store the passwords and give every demo device in use a new key; returns in clear what is now valid."""
    known = [
        account
        for account, password in zip(accounts, hashes, strict=True)
        if User.objects.filter(username=account["username"]).update(password=password)
    ]
    # Who may not enter the admin signs in by a text code: the banner tells the phone in place of the password.
    by_code = User.objects.filter(username__in=[account["username"] for account in known], is_staff=False)
    phones = dict(by_code.exclude(phone=None).values_list("username", "phone"))
    known = [
        account | ({"phone": phones[name]} if (name := account["username"]) in phones else {}) for account in known
    ]
    places = json.loads((settings.BASE_DIR / "fixtures" / "demo" / "places.json").read_text())
    codes = [place["device"] for place in places if place["device"]]
    actor = User.objects.system("devices")
    devices = Device.objects.in_use().filter(code__in=codes).order_by("code")
    return {
        "accounts": known,
        "device_keys": {device.code: key_issue(device, actor=actor)[1] for device in devices},
    }


def _password() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))


def _path() -> Path:
    return settings.VAR / "demo.json"


def _read() -> dict | None:
    """Return what the file tells, or None where it is lost, damaged, or of another database."""
    try:
        known = json.loads(_path().read_text())
        known = {"accounts": known["accounts"], "device_keys": known["device_keys"]}
        secret = next(iter(known["device_keys"].values()), None)
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return known if secret is not None and credential_of(str(secret)) else None


def _write(known: dict) -> None:
    """Write the file with today's addresses, unless it says just that; whole at any moment, for the owner alone."""
    host = reachable_host(os.environ.get("HOST", ""))
    host = f"[{host}]" if ":" in host else host
    addresses = {
        "web": f"http://{host}:{settings.PORT}",
        "live": settings.LIVE_URL or f"ws://{host}:{settings.LIVE_PORT}",
    }
    text = json.dumps(known | addresses, ensure_ascii=False, indent=1) + "\n"
    path, fresh = _path(), _path().with_suffix(f".{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
