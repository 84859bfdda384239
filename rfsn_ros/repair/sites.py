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

"""The nodes of a module's concrete syntax tree as sites with positions, function by function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import libcst as cst
from rfsn_ros.repair.precedence import binding, required

__all__ = ['Function', 'Site']

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
        if getattr(self.node, 'lpar', ()) or binding(text) >= required(
                None if self.parent is None else self.parent.node, self.role):
            return text
        return f'({text})'


@lru_cache(maxsize=512)
def _sorts(kind: type[cst.CSTNode]) -> tuple[bool, bool]:
    """Return whether nodes of a class are expressions, and whether they are statements."""
    return (issubclass(kind, cst.BaseExpression),
            issubclass(kind, (cst.SimpleStatementLine, cst.BaseCompoundStatement)))
