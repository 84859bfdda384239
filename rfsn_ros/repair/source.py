# Copyright 2026 rfsn_ros maintainers
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""
A module under repair: its concrete syntax tree as sites with positions, and edits of its text.

An edit replaces one span of the source text; everything outside the span, formatting and comments
included, stays as it was. Positions are byte offsets into the UTF-8 text.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
import difflib
from functools import cached_property, lru_cache
import keyword
import warnings

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
from rfsn_ros.errors import TaskError

__all__ = ['Edit', 'Function', 'Site', 'Source', 'dedent_lines', 'normal_form',
           'same_sides_form']

_SKIPPED = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Comma,
            cst.LeftParen, cst.RightParen, cst.Semicolon, cst.LeftSquareBracket,
            cst.RightSquareBracket, cst.LeftCurlyBrace, cst.RightCurlyBrace, cst.Colon, cst.Dot,
            cst.AssignEqual, cst.BaseBinaryOp, cst.BaseBooleanOp, cst.BaseCompOp,
            cst.BaseUnaryOp, cst.BaseAugOp, cst.Annotation, cst.Import, cst.ImportFrom,
            cst.Newline, cst.Comment)
_BINARY = {
    'Power': 15, 'Multiply': 13, 'Divide': 13, 'FloorDivide': 13, 'Modulo': 13,
    'MatrixMultiply': 13, 'Add': 12, 'Subtract': 12, 'LeftShift': 11, 'RightShift': 11,
    'BitAnd': 10, 'BitXor': 9, 'BitOr': 8,
}
_AST_BINARY = {
    ast.Pow: 15, ast.Mult: 13, ast.Div: 13, ast.FloorDiv: 13, ast.Mod: 13, ast.MatMult: 13,
    ast.Add: 12, ast.Sub: 12, ast.LShift: 11, ast.RShift: 11, ast.BitAnd: 10, ast.BitXor: 9,
    ast.BitOr: 8,
}
_ATOM = 16
_TARGETS = (cst.Name, cst.Tuple, cst.List, cst.Element, cst.Attribute, cst.Subscript,
            cst.StarredElement)
_ASSIGNING = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.For, cst.CompFor,
              cst.NamedExpr, cst.NameItem)


@dataclass(eq=False, repr=False)
class Function:
    """
    A function of the module: its parameters, local names and sites in source order.

    `names` are those in scope: its own, then those of the functions around it. `fields` are the
    attributes that the module reads as values (never as methods).
    """

    name: str
    params: tuple[str, ...]
    outer: Function | None = None
    fields: tuple[str, ...] = ()
    own: list[str] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)

    def __repr__(self) -> str:
        return f'<Function {self.name}>'

    @cached_property
    def names(self) -> list[str]:
        """Return the local names in scope, each once."""
        outer = self.outer.names if self.outer else []
        return list(dict.fromkeys([*self.own, *outer]))

    @cached_property
    def _regions(self) -> dict[str, list[tuple[int, int]]]:
        """Where each local name may be bound: from its binding, or the loop around it, on."""
        regions: dict[str, list[tuple[int, int]]] = {}
        end = max((site.end for site in self.sites), default=0)
        for site in self.sites:
            if not site.is_target or not isinstance(site.node, cst.Name):
                continue
            start, stop = site.statement.start, end
            for ancestor in site.ancestors():
                if isinstance(ancestor.node, (cst.BaseComp, cst.Lambda)):
                    start, stop = ancestor.start, ancestor.end
                    break
                if isinstance(ancestor.node, cst.FunctionDef):
                    break
                if isinstance(ancestor.node, (cst.For, cst.While)):
                    start = ancestor.start
            regions.setdefault(site.text, []).append((start, stop))
        return regions

    def binds(self, name: str, position: int) -> bool:
        """Whether a name can have a value at a place of the function, as far as its text says."""
        return name in self.params or name not in self._regions or any(
            start <= position <= end for start, end in self._regions[name])

    @cached_property
    def expressions(self) -> list[Site]:
        """Return the expression sites of one line, in source order."""
        return [site for site in self.sites if site.is_expression and '\n' not in site.text]

    @cached_property
    def statements(self) -> list[Site]:
        """Return the statement sites, in source order."""
        return [site for site in self.sites if site.is_statement]


@dataclass(slots=True, eq=False, repr=False)
class Site:
    """
    A node of the syntax tree with its place in the text and in the tree.

    `is_expression`: it is read (not a target, a name or a keyword); `is_target`: it is assigned
    to; `is_statement`: it is a whole statement.
    """

    node: cst.CSTNode
    start: int
    end: int
    text: str
    line: int
    parent: Site | None
    role: str
    function: Function | None
    children: list[Site] = field(default_factory=list)
    is_expression: bool = False
    is_target: bool = False
    is_statement: bool = False

    def __post_init__(self) -> None:
        """Settle what the node and its place say once for all."""
        expression, self.is_statement = _sorts(type(self.node))
        self.is_target = self._assigned()
        self.is_expression = expression and not self.is_target and self.role not in (
            'target', 'keyword', 'attr', 'name', 'targets')

    def __repr__(self) -> str:
        return f'<{self.kind} {self.text[:40]!r} in line {self.line}>'

    @property
    def kind(self) -> str:
        """Return the name of the node's class."""
        return type(self.node).__name__

    def _assigned(self) -> bool:
        """Whether the site is assigned to."""
        site: Site | None = self
        while site is not None and isinstance(site.node, _TARGETS):
            parent = site.parent
            if site.role == 'attr' or parent is None:
                return False
            if site.role == 'target' and isinstance(parent.node, _ASSIGNING):
                return True
            if site.role in ('value', 'slice') and not isinstance(
                    site.node, (cst.Tuple, cst.List, cst.Element)) \
                    and not isinstance(parent.node, cst.Element):
                return False
            site = parent
        return False

    @property
    def statement(self) -> Site:
        """Return the innermost statement around the site (itself, where it is one)."""
        site = self
        while not site.is_statement and site.parent is not None:
            site = site.parent
        return site

    def child(self, role: str) -> Site:
        """Return the first child that fills `role`."""
        for site in self.children:
            if site.role == role:
                return site
        raise KeyError(role)

    def filling(self, role: str) -> list[Site]:
        """Return the children that fill `role`, in order."""
        return [site for site in self.children if site.role == role]

    def ancestors(self) -> Iterator[Site]:
        """Yield the parent, its parent and so on."""
        site = self.parent
        while site is not None:
            yield site
            site = site.parent

    def inside(self, *kinds: type[cst.CSTNode]) -> bool:
        """Whether an ancestor within the same function is of one of the kinds."""
        for site in self.ancestors():
            if isinstance(site.node, (cst.FunctionDef, cst.Lambda)):
                return False
            if isinstance(site.node, kinds):
                return True
        return False

    def fit(self, text: str) -> str:
        """Return `text` in the parentheses an expression at this place needs."""
        if getattr(self.node, 'lpar', ()) or _level(text) >= self._required():
            return text
        return f'({text})'

    def _required(self) -> int:
        parent = self.parent
        if parent is None:
            return 0
        node = parent.node
        if isinstance(node, cst.BinaryOperation):
            level = _BINARY[type(node.operator).__name__]
            right = self.role == 'right'
            return level + (right != isinstance(node.operator, cst.Power))
        if isinstance(node, cst.BooleanOperation):
            return 5 if isinstance(node.operator, cst.And) else 4
        if isinstance(node, cst.UnaryOperation):
            return 6 if isinstance(node.operator, cst.Not) else 14
        if isinstance(node, (cst.Comparison, cst.ComparisonTarget)):
            return 8
        if isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
            return _ATOM
        if isinstance(node, (cst.IfExp, cst.CompFor, cst.CompIf)):
            return 4
        if isinstance(node, (cst.Return, cst.Assign, cst.Index, cst.Expr, cst.AugAssign)):
            return -1
        return 1


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One replacement of the span [start, end) of a module's text by `text`.

    `family` names the operator, `detail` the kind of change within it, `site` the place. `guard`
    is, for an edit that acts only where a condition holds, that condition.
    """

    start: int
    end: int
    text: str
    family: str
    detail: str
    site: Site
    guard: str = ''


class Source:
    """
    The parsed text of a module; `attributes` are those that objects from elsewhere may have.

    :raises TaskError: the text is not Python.
    """

    def __init__(self, text: str, attributes: Iterable[str] = ()) -> None:
        self.text = text if text.endswith('\n') else text + '\n'
        self.data = self.text.encode()
        try:
            ast.parse(text)
            module = cst.parse_module(self.text)
        except (SyntaxError, ValueError, cst.ParserSyntaxError) as error:
            raise TaskError(f'the module does not parse: {error}') from None
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self._spans = wrapper.resolve(ByteSpanPositionProvider)
        self._line_starts = [0]
        for line in self.data.split(b'\n'):
            self._line_starts.append(self._line_starts[-1] + len(line) + 1)
        self.sites: list[Site] = []
        self.functions: list[Function] = []
        self.root = self._walk(module, None, '', None)
        self.globals = self._global_names()
        self.attributes = sorted({*attributes} | {
            child.text for site in self.sites if isinstance(site.node, cst.Attribute)
            for child in site.filling('attr')})
        fields = tuple(name for name in self.attributes if f'.{name}(' not in self.text)
        for function in self.functions:
            function.fields = fields

    def _walk(self, node: cst.CSTNode, parent: Site | None, role: str,
              function: Function | None) -> Site:
        span = self._spans[node]
        start, end = span.start, span.start + span.length
        site = Site(node, start, end, self.data[start:end].decode(), self.line_of(start), parent,
                    role, function)
        self.sites.append(site)
        if function is not None:
            function.sites.append(site)
        if isinstance(node, cst.FunctionDef):
            inner = Function(node.name.value, _parameters(node), function)
            inner.own.extend(inner.params)
            self.functions.append(inner)
            function = inner
        elif isinstance(node, cst.Name) and function is not None and site.is_target \
                and node.value not in function.own:
            function.own.append(node.value)
        for name in node.__dataclass_fields__:
            if name.startswith(('whitespace', 'leading', 'trailing', 'lines_', 'header', 'footer',
                                'lpar', 'rpar', 'lbr', 'rbr', 'decorators')):
                continue
            value = getattr(node, name)
            for item in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(item, cst.CSTNode) and not isinstance(item, _SKIPPED) \
                        and not _is_text(item):
                    site.children.append(self._walk(item, site, name, function))
        return site

    def _global_names(self) -> list[str]:
        names = [function.name for function in self.functions]
        for site in self.sites:
            if site.function is None and isinstance(site.node, cst.Name) and site.is_target:
                names.append(site.text)
            if isinstance(site.node, cst.ClassDef):
                names.append(site.node.name.value)
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names += [(alias.asname or alias.name).split('.')[0] for alias in node.names]
        return list(dict.fromkeys(names))

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return the span of any node of the tree, operators included."""
        span = self._spans[node]
        return span.start, span.start + span.length

    def line_of(self, offset: int) -> int:
        """Return the line number (from 1) of a byte offset."""
        return bisect_right(self._line_starts, offset)

    def line_span(self, site: Site) -> tuple[int, int]:
        """Return the span of the whole lines of a statement, last newline included."""
        start = self._line_starts[self.line_of(site.start) - 1]
        end = self._line_starts[self.line_of(max(site.end - 1, site.start))]
        return start, min(end, len(self.data))

    def slice(self, start: int, end: int) -> str:
        """Return the text of a span."""
        return self.data[start:end].decode()

    def indent(self, site: Site) -> str:
        """Return the white space in front of a statement."""
        start, _ = self.line_span(site)
        return self.slice(start, site.start)

    def apply(self, edit: Edit) -> str:
        """Return the module's text with the edit made."""
        return (self.data[:edit.start] + edit.text.encode() + self.data[edit.end:]).decode()

    def diff(self, text: str) -> str:
        """Return the unified diff from this module to `text`."""
        return ''.join(difflib.unified_diff(
            self.text.splitlines(keepends=True), text.splitlines(keepends=True),
            'buggy.py', 'repaired.py'))


def normal_form(text: str) -> str | None:
    """Return a form equal for texts that differ in layout only; None if it does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', SyntaxWarning)
        try:
            tree = ast.parse(text)
            compile(tree, 'buggy.py', 'exec')
        except (SyntaxError, ValueError):
            return None
    return ast.dump(tree)


def same_sides_form(text: str) -> str | None:
    """
    Return a form equal also for texts that differ in the order of sides only.

    `a > b` and `b < a`, the operands of `and`, `or` and `*`, the arguments of `min` and `max` and
    the terms of a sum that holds a number or a difference count as exchangeable, although they
    are not where evaluating one of them raises an exception. None if the text does not compile.
    """
    if normal_form(text) is None:
        return None
    return ast.dump(_Sides().visit(ast.parse(text)))


class _Sides(ast.NodeTransformer):
    """Brings exchangeable sides into the order of their texts."""

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        self.generic_visit(node)
        if len(node.ops) == 1:
            opposite = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}.get(type(node.ops[0]))
            sides = [node.left, node.comparators[0]]
            if opposite is not None:
                node.ops = [opposite()]
                sides.reverse()
            elif isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                sides.sort(key=ast.dump)
            node.left, node.comparators = sides[0], [sides[1]]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        self.generic_visit(node)
        values: list[ast.expr] = []
        for value in node.values:
            if isinstance(value, ast.BoolOp) and type(value.op) is type(node.op):
                values += value.values
            else:
                values.append(value)
        node.values = sorted(values, key=ast.dump)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ('min', 'max'):
            node.args.sort(key=ast.dump)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            terms = list(_sum(node))
            if any(sign == '-' or (isinstance(term, ast.Constant) and isinstance(term.value, int))
                   for sign, term in terms):
                texts = sorted((sign, ast.dump(self.visit(term))) for sign, term in terms)
                return ast.Constant(f'sum {texts}')
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            node.left, node.right = sorted((node.left, node.right), key=ast.dump)
        return node


def _sum(node: ast.expr, sign: str = '+') -> Iterator[tuple[str, ast.expr]]:
    """Yield the terms of a sum with their signs."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _sum(node.left, sign)
        other = '-' if sign == '+' else '+'
        yield from _sum(node.right, other if isinstance(node.op, ast.Sub) else sign)
    else:
        yield sign, node


def dedent_lines(text: str, old: str, new: str) -> str:
    """Return lines with the indentation `old` replaced by `new`."""
    return ''.join(
        new + line[len(old):] if line.startswith(old) else line
        for line in text.splitlines(keepends=True))


def _is_text(node: cst.CSTNode) -> bool:
    """Whether a statement is but a string: a docstring, nothing that runs."""
    return (isinstance(node, cst.SimpleStatementLine) and len(node.body) == 1
            and isinstance(node.body[0], cst.Expr)
            and isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString)))


def _parameters(node: cst.FunctionDef) -> tuple[str, ...]:
    params = node.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    every += [star for star in (params.star_arg, params.star_kwarg)
              if isinstance(star, cst.Param)]
    return tuple(param.name.value for param in every)


@lru_cache(maxsize=512)
def _sorts(kind: type[cst.CSTNode]) -> tuple[bool, bool]:
    """Return whether nodes of a class are expressions, and whether they are statements."""
    return (issubclass(kind, cst.BaseExpression),
            issubclass(kind, (cst.SimpleStatementLine, cst.BaseCompoundStatement)))


@lru_cache(maxsize=65536)
def _level(text: str) -> int:
    """Return how tightly the outermost operation of an expression binds."""
    if text.isidentifier() and not keyword.iskeyword(text):
        return _ATOM
    try:
        node = ast.parse(text, mode='eval').body
    except SyntaxError:
        return -1
    match node:
        case ast.BinOp():
            return _AST_BINARY[type(node.op)]
        case ast.UnaryOp():
            return 6 if isinstance(node.op, ast.Not) else 14
        case ast.Compare():
            return 7
        case ast.BoolOp():
            return 5 if isinstance(node.op, ast.And) else 4
        case ast.IfExp():
            return 3
        case ast.Lambda():
            return 2
        case ast.NamedExpr():
            return 1
        case ast.Tuple():
            return _ATOM if text.startswith('(') and text.endswith(')') else 0
        case ast.Constant() if isinstance(node.value, int) and not isinstance(node.value, bool):
            return _ATOM - 1
        case ast.Starred() | ast.Yield() | ast.YieldFrom():
            return -1
        case _:
            return _ATOM
