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

"""Pictures of the quality benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rfsn_ros.bench.quality import CEILING, Curve
from rfsn_ros.outputs import need_matplotlib

__all__ = ['SHOWN', 'plot_regret']

SHOWN = (
    CEILING,
    'LinUCB (default, alpha .1)',
    'VW tuned (default): squarecb',
    'VW standardised: softmax',
    'VW, its usual start',
    'preset development',
    'preset production',
)


def plot_regret(curves: Sequence[Curve], path: str | Path) -> None:
    """
    Draw the regret (rounds minus rewards, mean over seeds) of some learners, a panel per set.

    :raises MissingDependencyError: matplotlib is not installed.
    """
    need_matplotlib()
    from matplotlib.figure import Figure

    datasets = list(dict.fromkeys(curve.dataset for curve in curves))
    figure = Figure(figsize=(11.0, 7.4), layout='constrained')
    panels = figure.subplots(2, -(-len(datasets) // 2), squeeze=False).ravel()
    for panel, dataset in zip(panels, datasets, strict=False):
        for learner in SHOWN:
            played = [curve.rewards for curve in curves
                      if (curve.learner, curve.dataset) == (learner, dataset)]
            if played:
                regret = np.cumsum(1.0 - np.mean(played, axis=0))
                style = {'color': 'black', 'linestyle': '--'} if learner == CEILING else {}
                panel.plot(np.arange(1, len(regret) + 1), regret, label=learner, **style)
        panel.set(title=dataset.replace('_', ' '), xlabel='round', ylabel='regret')
        panel.set_xlim(left=0)
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc='upper center', bbox_to_anchor=(0.5, 0.0), ncol=4,
                  frameon=False)
    figure.savefig(path, dpi=110, bbox_inches='tight')
