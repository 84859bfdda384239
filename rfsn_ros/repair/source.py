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
A module under repair: its text, parsed into sites, and edits of it.

An edit replaces one span of the source text; everything outside the span, formatting and comments
included, stays as it was. Positions are byte offsets into the UTF-8 text.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
import difflib

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper
from rfsn_ros.errors import TaskError
from rfsn_ros.repair.sites import Function, Site

__all__ = ['Edit', 'Source', 'dedent_lines']

_SKIPPED = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Comma,
            cst.LeftParen, cst.RightParen, cst.Semicolon, cst.LeftSquareBracket,
            cst.RightSquareBracket, cst.LeftCurlyBrace, cst.RightCurlyBrace, cst.Colon, cst.Dot,
            cst.AssignEqual, cst.BaseBinaryOp, cst.BaseBooleanOp, cst.BaseCompOp,
            cst.BaseUnaryOp, cst.BaseAugOp, cst.Annotation, cst.Import, cst.ImportFrom,
            cst.Newline, cst.Comment)


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
