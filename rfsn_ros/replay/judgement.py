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

"""All that replay found out, ready to be shown: on the terminal, as JSON, as a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rfsn_ros.errors import BagError
from rfsn_ros.evaluation import (
    BEST,
    compare,
    Comparison,
    cross_fit,
    ESTIMATORS,
    HEADLINE,
    LOGGED,
    Predictions,
)
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.replay.counterfactual import ForecastReport, judge_forecasts
from rfsn_ros.replay.trace import Trace, TraceKind

__all__ = ['ReplayResult', 'judge_trace']


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The joined trace with either a comparison (probabilities known) or bounds (rebuilt)."""

    trace: Trace
    bags: tuple[str, ...]
    refused: tuple[str, ...] = ()
    comparison: Comparison | None = None
    forecasts: tuple[ForecastReport, ...] = ()
    predictions: Predictions | None = None
    verification: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def sentences(self) -> list[str]:
        """One plain sentence per candidate."""
        reports = self.comparison.candidates if self.comparison else self.forecasts
        return [report.judgement.sentence for report in reports]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        trace = self.trace
        return {
            'bags': list(self.bags), 'refused': list(self.refused), 'kind': trace.kind.value,
            'decisions': len(trace), 'drives': len(np.unique(trace.drive)),
            'mean_reward': float(trace.reward.mean()),
            'mean_terms': dict(zip(trace.term_names, trace.terms.mean(axis=0).tolist(),
                                   strict=True)) if trace.terms.size else {},
            'comparison': None if self.comparison is None else self.comparison.to_dict(),
            'forecasts': [report.to_dict() for report in self.forecasts],
            'sentences': self.sentences, 'verification': list(self.verification),
            'quality': trace.quality, 'facts': trace.facts, 'options': self.options,
        }


def judge_trace(
    trace: Trace, *, bags: tuple[str, ...] = (), refused: tuple[str, ...] = (),
    verification: tuple[str, ...] = (), estimators: tuple[str, ...] = tuple(ESTIMATORS),
    headline: str = HEADLINE, baseline: str = LOGGED, level: float = 0.95, seed: int = 0,
    model: str = BEST, options: dict[str, Any] | None = None,
) -> ReplayResult:
    """
    Judge the candidates of a joined trace by what the trace supports.

    :raises InputError: the baseline is no candidate.
    :raises ConfigError: an unknown estimator or reward model.
    """
    common: dict[str, Any] = {
        'bags': bags, 'refused': refused, 'verification': verification, 'options': options or {}}
    if trace.kind is TraceKind.REBUILT:
        forecasts = judge_forecasts(trace, _speeds(trace), level=level, seed=seed) \
            if trace.candidates else []
        return ReplayResult(trace, forecasts=tuple(forecasts), **common)
    data = trace.logged_data()
    comparison = compare(
        data, trace.candidates, estimators=estimators, headline=headline, baseline=baseline,
        level=level, seed=seed, model=model) if trace.candidates else None
    if comparison is not None and comparison.predictions is not None:
        predictions: Predictions | None = comparison.predictions
    else:
        predictions = cross_fit(data, model=model, seed=seed) if len(data) >= 5 else None
    return ReplayResult(trace, comparison=comparison, predictions=predictions, **common)


def _speeds(trace: Trace) -> Any:
    """Return the forward speeds of the primitives, shape (K,), from the settings of the trace."""
    facts = trace.facts if 'navigation' in trace.facts else next(iter(trace.facts.values()), {})
    config = NavigationConfig.from_dict(facts.get('navigation', {}))
    library = PrimitiveLibrary(config.primitives, config.robot)
    if library.names != trace.primitives:
        raise BagError(f'{trace.source}: its primitives are not those of its settings')
    return library.table[:, 0]
