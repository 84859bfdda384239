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
What of an edit can be evaluated beside the module as it is: expressions without side effects.

The replacement of an expression is evaluated where the original is about to be, a guard as its
condition and value, a line put in as the value that it would give to its target.
"""

from __future__ import annotations

import ast
from functools import lru_cache
import re
from typing import NamedTuple

import libcst as cst
from rfsn_ros.repair.jail.effects import GROW, PLUS, RETURNED, SLOT
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Edit, Source

__all__ = ['Root', 'Rooted', 'rooted']

_PURE_FUNCTIONS = frozenset((
    'len', 'abs', 'min', 'max', 'sum', 'sorted', 'list', 'set', 'tuple', 'str', 'int', 'range',
    'reversed', 'enumerate', 'any', 'all', 'dict', 'zip', 'bool', 'float', 'ord', 'chr', 'round',
    'isinstance', 'divmod', 'frozenset', 'repr', 'type', SLOT, PLUS, GROW))
_PURE_METHODS = frozenset((
    'get', 'keys', 'values', 'items', 'copy', 'upper', 'lower', 'strip', 'lstrip', 'rstrip',
    'count', 'index', 'find', 'rfind', 'startswith', 'endswith', 'isdigit', 'isalpha', 'isalnum',
    'isspace', 'isupper', 'islower', 'join', 'split', 'rsplit', 'replace', 'union',
    'intersection', 'difference', 'issubset', 'issuperset', 'isdisjoint', 'title', 'capitalize',
    'swapcase', 'zfill', 'ljust', 'rjust', 'center', 'bit_length'))
_BEFORE_PARENTHESIS = frozenset(('in', 'not', 'and', 'or', 'if', 'else', 'is', 'for', 'return'))
_IMPURE = re.compile(r'\b(yield|await|lambda)\b|:=|\*\*\s*\d\d|\*\*\s*[^\d\s]|<<|[\])\'"]\s*\(')
_CALL = re.compile(r'(\.?)\b([A-Za-z_]\w*)\s*\(')
_GROWING = ('append', 'appendleft', 'add', 'remove', 'discard', 'extend', 'update', 'insert')


class Root(NamedTuple):
    """A place and the expression there, as the probe wants them (`jail.probe.Probe`)."""

    line: int
    end: int
    once: bool
    original: str
    kind: str
    into: str = ''
    taken: str = ''
    left: str = ''


class Rooted(NamedTuple):
    """An edit as another text at a root; `value` is what a guard returns ('' for no value)."""

    root: Root
    text: str
    value: str


def rooted(source: Source, edit: Edit, blocked: set[str]) -> Rooted | None:
    """Return what can be evaluated of an edit; None where nothing can."""
    if edit.site.function is None:
        return None
    found = _line_put_in(source, edit, blocked) if edit.site.is_statement else _replaced(
        source, edit, blocked)
    if found is None or not all(_pure(text, blocked) for text in (
            found.root.original, found.text, *([found.value] if found.value else ()))):
        return None
    return found


def _line_put_in(source: Source, edit: Edit, blocked: set[str]) -> Rooted | None:
    """Return a guard, or a line before or after a statement, as an expression."""
    site = edit.site
    line, last = source.line_of(site.start), source.line_of(max(site.end - 1, site.start))
    if isinstance(site.node, (cst.FunctionDef, cst.ClassDef, cst.Try, cst.With)):
        return None
    once = isinstance(site.node, (cst.For, cst.While))
    if site.kind == 'SimpleStatementLine':
        if line != last:
            return None
    elif line != source.line_of(site.child('iter' if site.kind == 'For' else 'test').end):
        return None
    if edit.guard:
        found = re.search(r'\n\s+return\b *(.*)\s*$', edit.text)
        value = (found[1] or 'None') if found and edit.start == edit.end else ''
        if edit.text.rstrip().endswith('break'):
            value = _after_loop(site, blocked)
        return Rooted(Root(line, 0, once, 'False', 'guard'), f'bool({edit.guard})', value)
    if edit.start != edit.end:
        return None
    effect = _effect(edit.text.strip())
    if effect is None:
        return None
    after = edit.start > site.start
    place = (line, last, False) if after else (line, 0, once)
    value = _after_loop(site, blocked) if edit.text.strip() == 'break' else effect.value
    return Rooted(Root(*place, effect.original, effect.kind, effect.into), effect.text, value)


class _Effect(NamedTuple):
    kind: str
    original: str
    text: str
    into: str = ''
    value: str = ''


@lru_cache(maxsize=65536)
def _effect(line: str) -> _Effect | None:
    """Return what a line would change, as it is and as the line would make it."""
    try:
        (node,) = ast.parse(line).body
    except (SyntaxError, ValueError):
        return None
    match node:
        case ast.Return(value):
            return _Effect('guard', 'False', 'True',
                           value='None' if value is None else ast.unparse(value))
        case ast.Break() | ast.Continue():
            return _Effect('guard', 'False', 'True')
        case ast.Expr(ast.Yield(value)) if value is not None:
            return _Effect('yield', GROW, ast.unparse(value))
        case ast.Expr(ast.Call(ast.Attribute(owner, method), arguments, [])) \
                if method in _GROWING:
            into = ast.unparse(owner) if method == 'append' else ''
            texts = ', '.join([ast.unparse(owner), repr(method), *map(ast.unparse, arguments)])
            return _Effect('put in', 'None', f'{GROW}({texts})', into)
        case ast.Assign([target], value):
            return _assigned(target, ast.unparse(value))
        case ast.AugAssign(target, operator, value):
            old, new = ast.unparse(target), ast.unparse(value)
            if isinstance(operator, ast.Add):
                return _assigned(target, f'{PLUS}({old}, {new})')
            return _assigned(target, ast.unparse(ast.BinOp(
                ast.parse(old, mode='eval').body, operator, value)))
        case _:
            return None


def _assigned(target: ast.expr, value: str) -> _Effect:
    text = ast.unparse(target)
    if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
        value = f'{SLOT}({ast.unparse(target.value)}, {ast.unparse(target.slice)}, {value})'
    return _Effect('put in', text, value)


def _replaced(source: Source, edit: Edit, blocked: set[str]) -> Rooted | None:
    """Return the largest expression around an edit that can be evaluated beside the original."""
    best: Site | None = None
    site: Site | None = edit.site
    if site is not None and not (site.start <= edit.start and edit.end <= site.end):
        site = site.parent
    while site is not None and not site.is_statement:
        parent = site.parent
        if site.is_expression and site.start <= edit.start and edit.end <= site.end \
                and _pure(site.text, blocked):
            best = site
        if parent is None or isinstance(parent.node, (cst.Param, cst.Decorator)):
            return None
        conditional = (
            (isinstance(parent.node, cst.BooleanOperation) and site.role == 'right')
            or (isinstance(parent.node, cst.IfExp) and site.role != 'test')
            or isinstance(parent.node, (cst.BaseComp, cst.CompFor, cst.CompIf, cst.Lambda,
                                        cst.Comparison)))
        if conditional:
            best = None
        elif best is None and isinstance(parent.node, cst.Return):
            return _of_returned(source, edit, site)
        site = parent
    if best is None or site is None:
        return None
    replaced = _with(source, best, edit)
    line = source.line_of(best.start)
    simple = site.kind == 'SimpleStatementLine'
    if '\n' in best.text or line != source.line_of(site.start) or (
            simple and len(site.children) > 1):
        return None
    if best.role == 'test' and best.parent is site:
        taken, left = _branches(site, blocked)
        return Rooted(Root(line, 0, False, f'bool({best.text})', 'test', '', taken, left),
                      f'bool({replaced})', '')
    kind, into = _use(best)
    return Rooted(Root(line, 0, isinstance(site.node, cst.For), best.text, kind, into),
                  replaced, '')


def _branches(site: Site, blocked: set[str]) -> tuple[str, str]:
    """Return what the function gives back at once where a condition holds, and where not."""
    taken = '' if site.kind == 'While' else _first_return(site.child('body'), blocked)
    other = site.filling('orelse')
    if not other:
        return taken, _following(site, blocked)
    left = _first_return(other[0].child('body'), blocked) if other[0].kind == 'Else' else ''
    return taken, left


def _first_return(block: Site, blocked: set[str]) -> str:
    lines = block.filling('body')
    return _returned_by(lines[0], blocked) if lines else ''


def _returned_by(statement: Site, blocked: set[str]) -> str:
    """Return the expression of a `return`, where it has no side effects."""
    if statement.kind != 'SimpleStatementLine' or statement.children[0].kind != 'Return':
        return ''
    value = statement.children[0].filling('value')
    text = value[0].text if value else 'None'
    return text if '\n' not in text and _pure(text, blocked) else ''


def _following(statement: Site, blocked: set[str]) -> str:
    """Return what the function gives back if nothing but the next statement runs."""
    block = statement.parent
    if block is None or block.kind != 'IndentedBlock':
        return _following(block, blocked) if block is not None and block.kind == 'If' else ''
    lines = block.filling('body')
    index = lines.index(statement) + 1
    if index < len(lines):
        return _returned_by(lines[index], blocked)
    owner = block.parent
    if owner is not None and owner.kind == 'Else':
        owner = owner.parent
    if owner is None or owner.kind not in ('FunctionDef', 'If'):
        return ''
    return 'None' if owner.kind == 'FunctionDef' else _following(owner, blocked)


def _after_loop(site: Site, blocked: set[str]) -> str:
    """Return what the function gives back once the loop around a statement is left."""
    for above in site.ancestors():
        if above.kind == 'FunctionDef':
            return ''
        if above.kind in ('For', 'While'):
            return _following(above, blocked)
    return ''


def _with(source: Source, site: Site, edit: Edit) -> str:
    """Return the text of a site with the edit made."""
    return (source.slice(site.start, edit.start) + edit.text
            + source.slice(edit.end, site.end))


def _use(site: Site) -> tuple[str, str]:
    """Return the kind of root, and what the expression is appended to."""
    parent = site.parent
    assert parent is not None
    if parent.kind in ('Return', 'Yield'):
        return parent.kind.lower(), ''
    if parent.kind == 'AugAssign' and site.role == 'value':
        return '', parent.child('target').text
    call = parent.parent
    if parent.kind == 'Arg' and call is not None and call.parent is not None \
            and call.parent.kind == 'Expr' and call.child('func').kind == 'Attribute':
        func = call.child('func')
        if func.child('attr').text == 'append':
            return '', func.child('value').text
    return '', ''


def _of_returned(source: Source, edit: Edit, value: Site) -> Rooted | None:
    """Return a change of a returned value as a function of that value, where it is one."""
    text = _with(source, value, edit)
    if '\n' in text or '\n' in value.text or value.text not in text:
        return None
    try:
        whole = ast.parse(text, mode='eval')
        part = ast.dump(ast.parse(value.text, mode='eval').body)
    except (SyntaxError, ValueError):
        return None
    changed = ast.unparse(_Returned(part).visit(whole))
    if RETURNED not in changed:
        return None
    line = source.line_of(value.start)
    return Rooted(Root(line, 0, False, RETURNED, 'returned'), changed, '')


class _Returned(ast.NodeTransformer):
    """Put what a line returned in the place of what it evaluated for that."""

    def __init__(self, part: str) -> None:
        self._part = part

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and ast.dump(node) == self._part:
            return ast.Name(RETURNED, ast.Load())
        return self.generic_visit(node)


@lru_cache(maxsize=65536)
def _called(text: str) -> frozenset[str] | None:
    """Return the functions that an expression calls; None where a part may have side effects."""
    if _IMPURE.search(text):
        return None
    names = set()
    for dot, name in _CALL.findall(text):
        if dot and name in _PURE_METHODS:
            continue
        if name in _PURE_FUNCTIONS and not dot:
            names.add(name)
        elif dot or name not in _BEFORE_PARENTHESIS:
            return None
    return frozenset(names)


def _pure(text: str, blocked: set[str]) -> bool:
    called = _called(text)
    return called is not None and not called & blocked
