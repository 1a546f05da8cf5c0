"""What tests of the simulator share: our web application as its server, a clock that only waiting moves, a door."""

from datetime import timedelta

import httpx

from cases.tests.api import client_of
from devices.simulator import StoppedError

WEB = "http://127.0.0.1:8000"
CLIENT = httpx.Client


def the_server() -> httpx.Client:
    """A client whose requests go through our whole web application."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(client_of().get(request.url.path).status_code)
        headers, kind = {"Authorization": request.headers["Authorization"]}, request.headers["Content-Type"]
        found = client_of().post(request.url.path, request.read(), content_type=kind, headers=headers)
        return httpx.Response(found.status_code, content=found.content)

    return CLIENT(base_url=WEB, transport=httpx.MockTransport(answer))


class Clock:
    """Seconds that pass only when somebody waits; stops after ``until``."""

    def __init__(self, until: float):
        self.now, self.until, self.waits = 0.0, until, []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return self.now >= self.until


class Passing(Clock):
    """Waiting moves the time of everybody."""

    def __init__(self, traveller, until: float = float("inf")):
        super().__init__(until)
        self.traveller = traveller

    def wait(self, seconds: float) -> bool:
        self.traveller.shift(timedelta(seconds=seconds))
        return super().wait(seconds)


class Noted:
    """A door that notes what is sent, with the seconds of its clock."""

    def __init__(self, clock):
        self.clock, self.sent = clock, []

    def send(self, message):
        self.sent.append((self.clock(), message))
        return True

    def pause(self, seconds):
        if self.clock.wait(seconds):
            raise StoppedError
