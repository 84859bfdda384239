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
A self-contained HTML page: text, figures, tables and tiles, with nothing loaded from elsewhere.

Everything given as text is escaped; only `figure` takes markup, which `rfsn_ros.report.charts`
makes. Colours are CSS variables with a light and a dark set, so figures follow the theme too;
those of series are told apart also by who does not see red, green or blue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import html
import math
from pathlib import Path
import re

__all__ = ['Page']

Cell = str | int | float | bool | None

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f5f6f8; --ink: #1b1f24; --soft: #5b6570; --line: #d8dde3;
  --accent: #0b5fa5; --series-0: #0b6bb8; --series-1: #d97f00; --series-2: #003d1b;
  --series-3: #6a005d; --series-4: #954b00; --series-5: #d30d59; --series-6: #9885ac;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --card: #1d2127; --ink: #e6e9ed; --soft: #9aa5b1; --line: #363d46;
  --accent: #6cb4f2; --series-0: #5aaef2; --series-1: #b46a1b; --series-2: #9f9d72;
  --series-3: #545ad4; --series-4: #c7e100; --series-5: #ffc9db; --series-6: #9a6585;
} }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; padding-top: .6rem;
  border-top: 1px solid var(--line); }
p { max-width: 44rem; margin: .5rem 0; overflow-wrap: anywhere; }
.soft, figcaption, nav { color: var(--soft); font-size: .9rem; }
nav { display: flex; flex-wrap: wrap; gap: 0 .9rem; }
a { color: var(--accent); }
.tiles { display: grid; gap: .6rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); }
.tile { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; }
.tile b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.note { background: var(--card); border-left: 3px solid var(--accent); padding: .5rem .8rem;
  max-width: none; }
figure { margin: 1rem 0; max-width: 46rem; }
figure svg { display: block; width: 100%; height: auto; }
.pair { display: grid; gap: 0 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.number, th.number { text-align: right; }
summary { cursor: pointer; color: var(--accent); }
pre { background: var(--card); padding: .6rem .8rem; border-radius: .5rem; overflow-x: auto;
  font-size: .85rem; }
@media print { body { max-width: none; } }
"""


class Page:
    """
    Collects the parts of one page in order; `html` and `write` give the whole of it.

    >>> page = Page('A run', subtitle='runs/a')
    >>> page.section('Result')
    >>> page.tiles({'success': '9 of 10'})
    >>> 'src=' in page.html()
    False
    """

    def __init__(self, title: str, *, subtitle: str = '') -> None:
        """Start a page with a heading and a softer line below it."""
        self._title = title
        self._subtitle = subtitle
        self._sections: list[str] = []
        self._parts: list[str] = []
        self._figures = 0

    def section(self, title: str) -> None:
        """Start a section; it is also listed in the page's navigation."""
        self._sections.append(title)
        anchor = f's{len(self._sections)}'
        self._parts.append(f'<h2 id="{anchor}">{html.escape(title)}</h2>')

    def text(self, words: str, *, soft: bool = False) -> None:
        """Add a paragraph."""
        self._parts.append(f'<p{" class=soft" * soft}>{html.escape(words)}</p>')

    def note(self, words: str) -> None:
        """Add a paragraph that stands out: a verdict or a warning."""
        self._parts.append(f'<p class="note">{html.escape(words)}</p>')

    def code(self, words: str) -> None:
        """Add text in a fixed-width font, such as a command line or a diff."""
        self._parts.append(f'<pre>{html.escape(words)}</pre>')

    def tiles(self, values: Mapping[str, Cell]) -> None:
        """Add a row of large figures, each under its name."""
        tiles = ''.join(
            f'<div class="tile">{html.escape(name)}<b>{html.escape(_shown(value))}</b></div>'
            for name, value in values.items())
        self._parts.append(f'<div class="tiles">{tiles}</div>')

    def table(
        self, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, folded: str = '',
    ) -> None:
        """
        Add a table; columns that hold only numbers, written out or not, are set flush right.

        With `folded` only these words show until a reader opens it.
        """
        body = [tuple(row) for row in rows]
        numeric = [
            bool(body) and all(_is_number(row[column]) for row in body)
            for column in range(len(header))
        ]
        marks = [' class="number"' if flag else '' for flag in numeric]
        lines = ['<tr>' + ''.join(
            f'<th{mark}>{html.escape(name)}</th>'
            for name, mark in zip(header, marks, strict=True)) + '</tr>']
        lines += ['<tr>' + ''.join(
            f'<td{mark}>{html.escape(_shown(cell))}</td>'
            for cell, mark in zip(row, marks, strict=True)) + '</tr>' for row in body]
        table = f'<div class="scroll"><table>{"".join(lines)}</table></div>'
        if folded:
            table = f'<details><summary>{html.escape(folded)}</summary>{table}</details>'
        self._parts.append(table)

    def figure(self, svg: str, caption: str) -> None:
        """Append a picture (markup from `rfsn_ros.report.charts`) with its caption."""
        self._parts.append(self._framed(svg, caption))

    def figures(self, items: Iterable[tuple[str, str]]) -> None:
        """Add figures side by side, below each other on a narrow screen."""
        inner = ''.join(self._framed(svg, caption) for svg, caption in items)
        self._parts.append(f'<div class="pair">{inner}</div>')

    def html(self) -> str:
        """Return the whole document."""
        title = html.escape(self._title)
        links = ''.join(
            f'<a href="#s{number}">{html.escape(name)}</a>'
            for number, name in enumerate(self._sections, start=1))
        head = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" '
            'content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:">'
            f'<title>{title}</title><style>{_STYLE}</style></head><body>')
        top = f'<h1>{title}</h1><p class="soft">{html.escape(self._subtitle)}</p>'
        navigation = f'<nav>{links}</nav>' if len(self._sections) > 1 else ''
        return '\n'.join([head + top, navigation, *self._parts, '</body></html>\n'])

    def write(self, path: str | Path) -> Path:
        """Write the document, creating the folder where needed; return its path."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        # names of files may hold bytes that are no text
        target.write_text(self.html(), encoding='utf-8', errors='backslashreplace')
        return target

    def _framed(self, svg: str, caption: str) -> str:
        """Return a figure whose ids (clip paths, markers) clash with no other figure's."""
        self._figures += 1
        own = re.sub(r'(\bid="|url\(#|href="#)', rf'\g<1>f{self._figures}-', svg)
        words = html.escape(caption)
        own = own.replace(' role="img"', f' role="img" aria-label="{words}"', 1)
        return f'<figure>{own}<figcaption>{words}</figcaption></figure>'


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, str):
        return re.fullmatch(r'-?[\d.]+', cell) is not None
    return cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


def _shown(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return '–'
    if isinstance(cell, bool):
        return 'yes' if cell else 'no'
    if isinstance(cell, float):
        return f'{cell:.4g}'
    return str(cell)
