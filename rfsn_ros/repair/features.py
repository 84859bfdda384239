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

"""What describes an attempt: sparse features of an edit at its place, given the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import re

from rfsn_ros.repair.evidence import Evidence
from rfsn_ros.repair.flow import Flow
from rfsn_ros.repair.sites import Function, Site
from rfsn_ros.repair.source import Edit, Source

__all__ = ['edit_features', 'failure_words']

_WORD = re.compile(r'[A-Za-z_]\w*|\d+|[^\w\s]+')
_QUOTED = re.compile(r"'([A-Za-z_]\w*)'")
_ASSIGNED = re.compile(r'\s*([A-Za-z_]\w*)((?:\.\w+|\[[^\]]*\])*) ?[-+*/|%]{0,2}= (\w*)')
_GROWN = re.compile(r'\s*([A-Za-z_]\w*)(?:\.(\w+)\(|\[[^\]]*\] ?\+?= )(\w*)')
_BUILTIN = frozenset(dir(__builtins__)) if not isinstance(__builtins__, dict) else frozenset(
    __builtins__)
_KEYWORDS = frozenset(('and', 'or', 'not', 'in', 'is', 'if', 'else', 'return', 'for', 'while',
                       'None', 'True', 'False', 'yield', 'from', 'break', 'continue', 'pass'))

Key = tuple[str, ...]


def failure_words(evidence: Evidence) -> tuple[str, ...]:
    """Return what the failing tests have in common, most telling first, at most six words."""
    words: dict[str, int] = {}
    for outcome in evidence.failing[:12]:
        for word in {outcome.error, *outcome.words}:
            words[word] = words.get(word, 0) + 1
    enough = max(1, (min(12, len(evidence.failing)) + 1) // 2)
    common = [word for word, count in words.items() if count >= enough]
    return tuple(sorted(common))[:6]


def edit_features(source: Source, edits: Sequence[Edit], numbers: Iterable[int],
                  evidence: Evidence) -> Iterator[list[Key]]:
    """Yield the features of the edits with the given numbers, as tuples of words."""
    words = failure_words(evidence)
    raised = {outcome.line for outcome in evidence.failing if outcome.line}
    quoted = {name for outcome in evidence.failing if outcome.error != 'AssertionError'
              for name in _QUOTED.findall(outcome.message)}
    share = 'all fail' if not evidence.passing else (
        'most fail' if len(evidence.failing) > len(evidence.passing) else 'few fail')
    places: dict[Site, tuple[list[Key], Key]] = {}
    details: dict[tuple[str, str], list[Key]] = {}
    counted: dict[Site | None, dict[str, int]] = {}
    flows: dict[Function | None, Flow] = {}
    for number in numbers:
        edit = edits[number]
        site = edit.site
        if site not in places:
            places[site] = _place(source, site, evidence, raised)
        place, where = places[site]
        kind = (edit.family, edit.detail)
        if kind not in details:
            details[kind] = _kind(edit, words, share)
        family = edit.family
        features = [*place, *details[kind], (family, *where), ('fs', family, site.kind),
                    ('dr', *kind, site.role)]
        features += _change(source, edit, evidence, counted)
        if site.function not in flows:
            flows[site.function] = Flow(site.function)
        features += _flowing(edit, flows[site.function], words)
        if quoted and not quoted.isdisjoint(_WORD.findall(edit.text)):
            features.append(('named in the error', family, *sorted(words)[:1]))
        features += _probed(number, edit, evidence)
        yield features


def _place(source: Source, site: Site, evidence: Evidence,
           raised: set[int]) -> tuple[list[Key], Key]:
    line = source.line_of(site.start)
    statement = source.line_of(site.statement.start)
    score = max(evidence.suspicion.get(line, 0.0), evidence.suspicion.get(statement, 0.0))
    level = str(min(10, int(score * 10)))
    always = line in evidence.always or statement in evidence.always
    distance = min((abs(line - other) for other in raised), default=99)
    near = ('raised here' if distance == 0 else 'raised near' if distance <= 2
            else 'raised far' if distance < 99 else 'not raised')
    executed = 'executed' if score > 0 else 'not executed'
    parent = site.parent.kind if site.parent else ''
    depth = sum(1 for one in site.ancestors() if one.kind in ('For', 'While'))
    ahead = site.statement.kind
    if ahead == 'SimpleStatementLine':
        ahead = site.statement.children[0].kind
    place: list[Key] = [
        ('suspicion', level), ('always', str(always)), ('near', near), (executed,),
        ('statement', ahead), ('site', site.kind, site.role), ('parent', parent, site.role),
        ('loops', str(min(depth, 2))), ('level', level, executed),
        ('in function', str(site.function is not None)),
        ('test near', near, ahead),
    ]
    return place, (near, ahead)


def _kind(edit: Edit, words: tuple[str, ...], share: str) -> list[Key]:
    family, detail = edit.family, edit.detail
    features: list[Key] = [('f', family), ('d', family, detail), ('share', family, share)]
    for word in words:
        features.append(('w', word, family))
        features.append(('wd', word, family, detail))
    return features


def _change(source: Source, edit: Edit, evidence: Evidence,
            counted: dict[Site | None, dict[str, int]]) -> list[Key]:
    """Describe the words that come and go, and how natural the new text is."""
    family = edit.family
    old = _WORD.findall(source.slice(edit.start, edit.end))
    new = _WORD.findall(edit.text)
    counts = _counts(edit.site, counted)
    line_words = set(_WORD.findall(edit.site.statement.text.split('\n', 1)[0]))
    features: list[Key] = [('size', str(max(-6, min(6, len(new) - len(old)))))]
    incoming = [word for word in new if word not in old]
    outgoing = [word for word in old if word not in new]
    names = [word for word in incoming if word[0].isalpha() and word not in _KEYWORDS]
    features.append(('incoming', family, str(min(4, len(incoming)))))
    for word in names[:3]:
        if word in _BUILTIN and word not in counts:
            features.append(('builtin', word))
            features.append(('builtin', family, word))
        else:
            common = str(min(4, counts.get(word, 0)))
            features += [('count', common), ('same line', family, str(word in line_words)),
                         ('count', family, common)]
            function = edit.site.function
            if function is not None:
                role = 'parameter' if word in function.params else 'local' \
                    if word in function.names else 'itself' if word == function.name else 'other'
                features.append(('role', family, role))
    if len(names) == 1:
        gone = [word for word in outgoing if word[0].isalpha()]
        if len(gone) == 1:
            features.append(('types', family, _types(gone[0], names[0], evidence)))
        found = evidence.types.get(names[0])
        if found:
            features.append(('type', family, edit.detail, found[0]))
            features.append(('type', family, edit.site.role, found[0]))
    for word in outgoing[:2]:
        if word[0].isalpha() and word not in _KEYWORDS:
            features.append(('gone', family, str(min(4, counts.get(word, 0)))))
    if len(new) >= 3 and new[0] == new[2] and len(new) <= 4:
        features.append(('repeats itself',))
    if edit.site.is_expression:
        found = evidence.types.get(edit.site.text)
        if found:
            features.append(('old type', family, edit.detail, found[0]))
    if edit.text.strip() and edit.text.strip() in counts:
        features.append(('text is known', family, str(min(3, counts[edit.text.strip()]))))
    return features


def _flowing(edit: Edit, flow: Flow, words: tuple[str, ...]) -> list[Key]:
    """
    Describe what the edit does to names that are never read, or never change in a loop.

    A missing line or term leaves such names behind.
    """
    family = edit.family
    new, old = flow.names_in(edit.text), flow.names_in(edit.site.text)
    if edit.site.is_statement:
        old = set()
    features: list[Key] = []
    coming = new - old
    if coming:
        fewest = min(flow.reads[name] for name in coming)
        features.append(('reads', family, str(min(2, fewest))))
        if fewest == 0:
            features.append(('reads what nothing read', family, edit.detail))
    if any(flow.reads[name] == 1 for name in old - new):
        features.append(('leaves unread', family))
    if edit.site.is_statement:
        features.append(('block', edit.detail, *_block(edit.site)))
        grown = _GROWN.match(edit.text)
        if grown and grown[1] in flow.bindings:
            inner = flow.loop_around(edit.site)
            use = flow.use(grown[1], inner)
            with_ = flow.changes(grown[3], inner) if grown[3] in flow.bindings else 'other'
            features += [('grows', use), ('grows', grown[2] or 'element', use),
                         ('grows', edit.detail, use), ('grows with', grown[2] or 'element', with_),
                         ('grows with', use, with_)]
        assigned = _ASSIGNED.match(edit.text)
        if assigned and assigned[1] in flow.bindings:
            name, field = assigned[1], bool(assigned[2])
            inner = flow.loop_around(edit.site)
            changes = 'field' if field else flow.changes(name, inner)
            features += [('assigns', changes), ('assigns', family, edit.detail, changes),
                         ('assigns', changes, str(min(2, flow.reads[name])))]
            if flow.resets(edit.text.strip(), inner):
                features += [('resets', *_block(edit.site)), ('resets', changes)]
            value = assigned[3]
            if value in flow.bindings and not field:
                features.append(('assigns from', changes, flow.changes(value, inner)))
            if not field and name in flow.waits_for(inner):
                features += [('lets a loop end',), *(('lets a loop end', word) for word in words)]
    return features


def _block(site: Site) -> tuple[str, str]:
    """Return in what kind of block a statement is, and whether it is its first or last one."""
    block = site.parent
    if block is None or block.parent is None:
        return '', ''
    lines = block.filling('body')
    return block.parent.kind, 'last' if lines[-1] is site else 'first' if lines[0] is site else ''


def _counts(site: Site, counted: dict[Site | None, dict[str, int]]) -> dict[str, int]:
    """Return how often words, and whole expressions, occur in the function around a site."""
    function = site.function
    owner = function.sites[0] if function and function.sites else None
    if owner not in counted:
        counts: dict[str, int] = {}
        for one in function.sites if function else ():
            if one.kind == 'SimpleStatementLine' or not (
                    one.is_statement or one.kind == 'IndentedBlock'):
                counts[one.text] = counts.get(one.text, 0) + 1
        counted[owner] = counts
    return counted[owner]


def _types(old: str, new: str, evidence: Evidence) -> str:
    one, other = evidence.types.get(old), evidence.types.get(new)
    if one is None or other is None:
        return 'unknown'
    return 'equal' if one == other else 'common' if set(one) & set(other) else 'different'


def _probed(number: int, edit: Edit, evidence: Evidence) -> list[Key]:
    """Describe how often the edit's value would have differed in failing and passing tests."""
    failing = evidence.failing_change.get(number)
    if failing is None:
        return [('not probed', edit.family)]
    passing = evidence.passing_change.get(number)
    after = 'none' if passing is None else _level(passing)
    return [*_told(number, edit, evidence), ('changes failing', _level(failing)),
            ('changes passing', after), ('changes', _level(failing), after),
            ('changes', edit.family, _level(failing), after)]


def _told(number: int, edit: Edit, evidence: Evidence) -> list[Key]:
    """Describe how the edit's value compares with what the tests expect."""
    features: list[Key] = []
    hint = evidence.hints.get(number)
    if hint is not None:
        features += [('hint', hint), ('hint', edit.family, hint)]
    claims = evidence.claims.get(number)
    if claims is not None:
        failing, passing = (
            'none' if not right + wrong else 'right' if not wrong else 'wrong' if not right
            else 'mixed' for right, wrong in (claims[:2], claims[2:]))
        features += [('gives', failing, passing), ('gives', edit.family, failing, passing)]
    return features


def _level(share: float) -> str:
    return ('never' if share == 0 else 'rarely' if share < 0.15 else 'sometimes' if share < 0.5
            else 'often' if share < 1 else 'always')
