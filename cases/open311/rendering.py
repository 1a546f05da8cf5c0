"""Open311's answers in XML and, by its “Spark” rule, in JSON: a container of one kind of element is a list."""

import re
from datetime import datetime
from xml.etree import ElementTree

from django.utils.timezone import localtime
from rest_framework.renderers import BaseRenderer, JSONRenderer

# The elements of each container; their order in a dictionary is that of the specification.
ELEMENT_OF = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
# Characters that no XML 1.0 document may hold, however written.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def moment(at: datetime | None) -> str | None:
    """Return a time as ISO 8601 to the second, with its zone."""
    return localtime(at).isoformat(timespec="seconds") if at else None


def xml_of(root: str, content) -> bytes:
    """Return an XML document of dictionaries, lists and plain values; None is an empty element."""
    document = ElementTree.Element(root)
    _fill(document, content)
    return ElementTree.tostring(document, encoding="utf-8", xml_declaration=True)


def _fill(element: ElementTree.Element, content) -> None:
    if isinstance(content, dict):
        for name, value in content.items():
            _fill(ElementTree.SubElement(element, name), value)
    elif isinstance(content, list):
        for value in content:
            _fill(ElementTree.SubElement(element, ELEMENT_OF[element.tag]), value)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = _FORBIDDEN.sub("", str(content))


class XmlRenderer(BaseRenderer):
    """``{root: content}`` as XML."""

    media_type = "text/xml"
    format = "xml"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        ((root, content),) = data.items()
        return xml_of(root, content)


class AnyXmlRenderer(XmlRenderer):
    """The same for clients that ask for ``application/xml``."""

    media_type = "application/xml"


class SparkRenderer(JSONRenderer):
    """``{root: content}`` as JSON, without the root."""

    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        ((_root, content),) = data.items()
        return super().render(content, accepted_media_type, renderer_context)
