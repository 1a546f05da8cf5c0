"""``$filter`` and ``$orderby``: OData expressions over the names of SensorThings, as Django queries."""

import re

from django.db.models import Q
from django.utils.translation import gettext as _
from odata_query import ast
from odata_query.django.django_q import AstToDjangoQVisitor
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser
from odata_query.visitor import NodeTransformer

from devices.models import ObservedProperty
from devices.models.datastream import PROPERTIES
from devices.sensorthings.entities import ENTITIES, Entity
from devices.sensorthings.options import refusal

MOST_LETTERS = 4000
# Of the library's functions those that no request can make endless, and that our database has.
TRUTHS = {"contains", "startswith", "endswith"}
FUNCTIONS = TRUTHS | {
    "length", "indexof", "substring", "tolower", "toupper", "trim", "concat", "year", "month", "day", "hour", "minute",
    "second", "date", "time", "now", "round", "floor", "ceiling",
}  # fmt: skip
DATASTREAM_ID = "Datastream/id"
# OData 3, which SensorThings names too: substringof(part, whole).
_QUOTED = re.compile(r"('(?:[^']|'')*')")


def lookup_of(entity: Entity, path: str) -> str | None:
    """Return the look-up of a property by its path (``Thing/name``), or None where nothing is compared by it."""
    if path in entity.fields:
        return entity.fields[path]
    for shortcut, lookup in entity.fields.items():
        if path.startswith(f"{shortcut}/") and shortcut.endswith("Thing"):
            return _further(lookup, "Things", path[len(shortcut) + 1 :])
    name, _slash, rest = path.partition("/")
    link = entity.links.get(name)
    if link is None or link.path is None or not rest:
        return None
    return _further(link.path, link.target, rest)


def _further(prefix: str, target: str, rest: str) -> str | None:
    found = lookup_of(ENTITIES[target], rest)
    return found and (f"{prefix}__{found}" if prefix else found)


def ordering_of(entity: Entity, order: list[tuple[str, bool]]) -> list[str]:
    """Return ``$orderby`` as Django orders. Raises Failure."""
    found = []
    for path, descending in order:
        lookup = lookup_of(entity, _plain(path))
        if lookup is None:
            raise refusal("$orderby", _unknown(path, entity))
        found.append(f"-{lookup}" if descending else lookup)
    return found


def query_of(entity: Entity, text: str) -> tuple[Q, int | None]:
    """Return ``$filter`` as a Q, and the id of the one datastream it asks for, if it does. Raises Failure."""
    if not text:
        return Q(), None
    tree = _parsed(text)
    if not _truth(tree):
        raise refusal("$filter", _("It compares nothing."))
    try:
        found = AstToDjangoQVisitor(None).visit(_Names(entity).visit(tree))
    except ODataException as error:
        raise refusal("$filter", _("It cannot be read: %(error)s") % {"error": error}) from error
    except (TypeError, ValueError, AttributeError, NotImplementedError, OverflowError) as error:
        # The library's own ways of saying that operands do not fit together.
        raise refusal("$filter", _("It compares what cannot be compared.")) from error
    return found, _one_datastream(tree)


def _parsed(text: str) -> ast._Node:
    if len(text) > MOST_LETTERS:
        raise refusal("$filter", _("It is too long."))
    plain = "".join(part if part.startswith("'") else _plain(part) for part in _QUOTED.split(text))
    lexer, parser = ODataLexer(), ODataParser()
    try:
        return parser.parse(lexer.tokenize(plain))
    except (ODataException, RecursionError) as error:
        raise refusal("$filter", _("It cannot be read: %(error)s") % {"error": error}) from error


def _truth(node: ast._Node) -> bool:
    """Tell whether an expression is true or false, not a value."""
    if isinstance(node, ast.BoolOp):
        return _truth(node.left) and _truth(node.right)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) and _truth(node.operand)
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and node.func.full_name() in TRUTHS)


def _plain(text: str) -> str:
    return text.replace("@iot.id", "id").replace("substringof(", "contains(")


def _unknown(path: str, entity: Entity) -> str:
    return _("%(entity)s cannot be compared by “%(path)s”.") % {"entity": entity.name, "path": path}


def _path(node: ast._Node) -> str | None:
    if isinstance(node, ast.Identifier):
        return node.full_name()
    if isinstance(node, ast.Attribute):
        owner = _path(node.owner)
        return owner and f"{owner}/{node.attr}"
    return None


def _one_datastream(tree: ast._Node) -> int | None:
    """Return the id N of ``Datastream/id eq N`` where that is all, or one part of an ``and``."""
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return _one_datastream(tree.left) or _one_datastream(tree.right)
    if isinstance(tree, ast.Compare) and isinstance(tree.comparator, ast.Eq) and _path(tree.left) == DATASTREAM_ID:
        return tree.right.py_val if isinstance(tree.right, ast.Integer) else None
    return None


class _Names(NodeTransformer):
    """Puts look-ups in the place of the names of SensorThings. Raises Failure for names that are none."""

    def __init__(self, entity: Entity):
        self.entity = entity

    def visit_Identifier(self, node: ast.Identifier) -> ast._Node:
        return self._named(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast._Node:
        return self._named(node)

    def _named(self, node: ast._Node) -> ast.Identifier:
        lookup = lookup_of(self.entity, _path(node) or "")
        if lookup is None:
            raise refusal("$filter", _unknown(_path(node) or "?", self.entity))
        return ast.Identifier(lookup)

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if node.func.full_name() not in FUNCTIONS:
            raise refusal("$filter", _("“%(name)s” is not known here.") % {"name": node.func.full_name()})
        arguments = list(node.args)
        if node.func.name == "contains" and len(arguments) == 2 and isinstance(arguments[0], ast.String):
            arguments.reverse()  # it was substringof, which has them the other way round
        return ast.Call(node.func, [self.visit(argument) for argument in arguments])

    def visit_CollectionLambda(self, node: ast.CollectionLambda) -> ast._Node:
        raise refusal("$filter", _("any and all are not known here."))

    def visit_DateTime(self, node: ast.DateTime) -> ast.DateTime:
        return node if re.search(r"(Z|[+-]\d\d:\d\d)$", node.val, re.IGNORECASE) else ast.DateTime(f"{node.val}Z")

    def visit_Compare(self, node: ast.Compare) -> ast._Node:
        sides = [node.left, node.right]
        paths = [_path(side) for side in sides]
        if self.entity.name == "Observations" and DATASTREAM_ID in paths:
            return self._datastream(node, sides[1 - paths.index(DATASTREAM_ID)])
        if (
            self.entity.name == "Observations"
            and "result" in paths
            and any(isinstance(one, ast.String) for one in sides)
        ):
            # A word is compared with words.
            sides = [
                ast.Identifier("text") if path == "result" else one for one, path in zip(sides, paths, strict=True)
            ]
            return ast.Compare(node.comparator, *sides)
        return ast.Compare(node.comparator, *[self.visit(side) for side in sides])

    def _datastream(self, node: ast.Compare, number: ast._Node) -> ast._Node:
        if not isinstance(node.comparator, ast.Eq) or not isinstance(number, ast.Integer):
            raise refusal("$filter", _("A datastream's id is compared by “eq” with a whole number."))
        device, number = divmod(number.py_val, PROPERTIES)
        word = ObservedProperty.objects.filter(pk=number).values_list("word", flat=True).first()
        return ast.BoolOp(
            ast.And(),
            ast.Compare(ast.Eq(), ast.Identifier("device_id"), ast.Integer(str(min(device, 2**62)))),
            ast.Compare(ast.Eq(), ast.Identifier("metric"), ast.String(word or "")),
        )
