"""From which web pages a WebSocket may be opened."""

from channels.security.websocket import OriginValidator


class WebOrigins(OriginValidator):
    """Lets in pages of exactly the given origins (scheme, host and port), and clients that are no browser.

    The check protects a person's cookie from other sites' pages. Browsers send Origin with every WebSocket and do not
    let a page leave it out; a client without one is a program that was given its cookie or token on purpose, and could
    write any Origin it likes.
    """

    def valid_origin(self, parsed_origin):
        """Tell whether the connection may go on; an Origin that cannot be read is a wrong one."""
        try:
            return parsed_origin is None or super().valid_origin(parsed_origin)
        except ValueError:
            return False
