"""WeChat's servers as documented, on this machine: a real HTTP server that the adapter talks to over a socket."""

import json
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

APPID, SECRET = "wx0000000000000000", "secret-of-the-stand-in"
OPENID = "oTEST-0000000000000000000001"


class StandIn:
    """What the servers know, and what they were asked.

    ``logins``: openid by code of ``wx.login``; ``phones``: phone_info by code of the button. Each code is good once.
    ``odd``: for a path, what is answered instead: an errcode, raw bytes, an HTTP status, or "slow".
    """

    def __init__(self):
        self.logins: dict[str, str] = {}
        self.phones: dict[str, dict] = {}
        self.odd: dict[str, int | bytes | str] = {}
        self.asked: Counter[str] = Counter()
        self.tokens = 0
        self.address = ""

    def phone(self, number: str, country="86", appid=APPID) -> dict:
        return {
            "phoneNumber": number if str(country) == "86" else f"+{country}{number}",
            "purePhoneNumber": number,
            "countryCode": country,
            "watermark": {"timestamp": 1_700_000_000, "appid": appid},
        }

    def end_tokens(self) -> None:
        """The token given out is over before its time."""
        self.tokens += 1

    @property
    def token(self) -> str:
        return f"TOKEN-{self.tokens}"

    def code2session(self, query, _body) -> dict:
        if query.get("appid") != APPID or query.get("secret") != SECRET:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if query.get("grant_type") != "authorization_code":
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        openid = self.logins.pop(query.get("js_code", ""), None)
        if openid is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        return {"openid": openid, "session_key": "c2Vzc2lvbiBrZXkgMTIzNA==", "unionid": "u" + openid}

    def stable_token(self, _query, body) -> dict:
        wanted = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        if {name: body.get(name) for name in wanted} != wanted:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        return {"access_token": self.token, "expires_in": 7200}

    def phone_number(self, query, body) -> dict:
        if query.get("access_token") != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        found = self.phones.pop(body.get("code", ""), None)
        if found is None:
            return {"errcode": 40029, "errmsg": "code is invalid"}
        return {"errcode": 0, "errmsg": "ok", "phone_info": found}

    ways = {
        ("GET", "/sns/jscode2session"): code2session,
        ("POST", "/cgi-bin/stable_token"): stable_token,
        ("POST", "/wxa/business/getuserphonenumber"): phone_number,
    }


@contextmanager
def running():
    """Serve on a free port of this machine until the end."""
    known = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            parts = urlsplit(self.path)
            known.asked[parts.path] += 1
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            odd = known.odd.get(parts.path)
            status, content = 200, b""
            if odd == "slow":
                time.sleep(1.5)
            if isinstance(odd, bytes):
                content = odd
            elif isinstance(odd, int) and odd >= 400 and odd < 600:
                status, content = odd, b"<html>gateway</html>"
            elif isinstance(odd, int):
                content = json.dumps({"errcode": odd, "errmsg": "as documented"}).encode()
            else:
                way = known.ways.get((self.command, parts.path))
                content = json.dumps(way(known, query, body) if way else {"errcode": 404}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")  # as WeChat does
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    known.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
