"""Live push: from the Event table to the open WebSockets. The table is the truth, a push is only a hint.

cursor        where a reader stands in the history: a database snapshot as an opaque string
journal       reading what was committed after a cursor
descriptions  what an app adds to the events of its objects (number, state, place ...)
coalescing    kinds of events that come in storms, told by area
audience      who is connected, what each may see of a batch, and the texts they get
relay         one per live process: looks what was committed, reads, prepares batches and tells this process's sockets
replays       history for those who come back together, read once
sockets       what all WebSocket consumers share: joining, catching up, back-pressure, leaving
staff         ``/ws/v1/events/``
origin        who may open a WebSocket from which web page
application   the ASGI application: lifespan, health, WebSockets
"""

from governance.live.coalescing import coalesce, list_by_area
from governance.live.descriptions import describe

__all__ = ["coalesce", "describe", "list_by_area"]
