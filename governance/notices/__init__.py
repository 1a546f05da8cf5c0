"""Notices: people are told what happens, in the product, on their phones and in their units' groups.

Events become notices in the worker (``planning``), which reads the Event table by snapshot as live push does: nothing
is written in the transaction of the event, nothing is skipped while the worker is down. Messages go out over channels
(``sending``) with retries and rate limits. Apps state what may be said about their objects with ``notice_context``;
apps above may tell people something by themselves with ``notify``.
"""

from governance.notices.contexts import Parties, notice_context
from governance.notices.telling import notify, notify_if_kept

__all__ = ["Parties", "notice_context", "notify", "notify_if_kept"]
