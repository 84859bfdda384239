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

"""Draw the figures of docs/concepts.md from the package's own code; they follow the reader's theme."""

from pathlib import Path

import numpy as np

from rfsn_ros.evaluation import SNIPS, LoggedData, Rounds
from rfsn_ros.navigation import NavigationConfig, Navigator, Observation, make_policy
from rfsn_ros.report.charts import INK, SERIES, SOFT, drawing
from rfsn_ros.sim import SimConfig, make_simulator, parse_worlds
from rfsn_ros.training.episode import run_episode

IMAGES = Path(__file__).with_name('images')
THEME = """<style>
svg { --ink: #1b1f24; --soft: #5b6570; --line: #d8dde3; --paper: #ffffff; --series-0: #0b6bb8;
  --series-1: #d97f00; --series-2: #003d1b; --series-3: #6a005d; --series-4: #954b00;
  --series-5: #d30d59; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6e9ed; --soft: #9aa5b1; --line: #363d46;
  --paper: #14171b; --series-0: #5aaef2; --series-1: #b46a1b; --series-2: #9f9d72;
  --series-3: #545ad4; --series-4: #c7e100; --series-5: #ffc9db; } }
</style>"""


def write(name, svg):
    """Write a figure that brings its colours along."""
    head, rest = svg.split('>', 1)
    (IMAGES / f'{name}.svg').write_text(f'{head}>{THEME}{rest}', encoding='utf-8')


def one_round():
    """Draw a real decision: scan, feasible and infeasible primitives, probabilities, the draw."""
    config = NavigationConfig()
    world = parse_worlds('generated:7')[0]
    sim = make_simulator(SimConfig())
    driver = Navigator(config, make_policy('bandit', config, seed=1))
    for number, easy in enumerate(parse_worlds('generated:100-124')):
        run_episode(sim, driver, easy, number=number, seed=number)
    driver.reset()
    sim.reset(world, 3)
    goal = world.goal_from_start
    for _ in range(100):
        scan = sim.scan()
        made = driver.decide(Observation(scan, sim.odometry(), goal))
        if 8 < made.mask.sum() < 24:
            break
        for _ in range(10):
            sim.step(driver.command(sim.odometry(), sim.time), 0.02)
    sim.close()

    hits = scan.ranges < 5.0
    angle = scan.angles[hits] + scan.mount.yaw
    x = scan.mount.x + scan.ranges[hits] * np.cos(angle)
    y = scan.mount.y + scan.ranges[hits] * np.sin(angle)
    with drawing(width=6.4, height=4.4, xlabel='ahead [m]', ylabel='left [m]') as result:
        axes = result.axes
        axes.plot(x, y, '.', color=INK, markersize=2.5, label='laser')
        ahead, side = config.robot.length / 2.0, config.robot.width / 2.0
        axes.plot([ahead, -ahead, -ahead, ahead, ahead], [side, side, -side, -side, side],
                  color=SOFT, linewidth=1.2, label='robot')
        largest = made.pmf.max()
        for action, primitive in enumerate(driver.library.primitives):
            path = np.array(_arc(primitive, 1.0))
            if not made.mask[action]:
                axes.plot(*path, color=SERIES[1], linewidth=1.0, linestyle=':')
            elif action == made.action:
                axes.plot(*path, color=SERIES[2], linewidth=3.0, label='drawn', zorder=3)
            else:
                axes.plot(*path, color=SERIES[0], alpha=0.25 + 0.75 * made.pmf[action] / largest,
                          linewidth=1.0 + 2.0 * made.pmf[action] / largest)
        axes.plot([], [], color=SERIES[0], label='feasible; the wider, the more probable')
        axes.plot([], [], color=SERIES[1], linestyle=':', label='no braking in time: not offered')
        axes.set_xlim(-1.2, 3.6)
        axes.set_ylim(-1.7, 1.7)
        axes.set_aspect('equal')
        axes.figure.legend(loc='outside upper left', ncols=2, fontsize=9)
    write('round', result.svg)
    print(f'drawn {made.primitive.name}, p {made.probability:.3f}, '
          f'{int(made.mask.sum())} of {len(made.mask)} feasible')


def _arc(primitive, seconds):
    time = np.linspace(0.0, seconds, 30)
    turn = primitive.turn_rate or 1e-9
    return (primitive.speed / turn * np.sin(turn * time),
            primitive.speed / turn * (1.0 - np.cos(turn * time)))


def why_propensities():
    """Judge a new policy from another's log: averages mislead, weighting does not."""
    generator = np.random.default_rng(4)
    rounds, chance = 20_000, np.array([[0.8, 0.3], [0.2, 0.7]])
    hard = generator.random(rounds) < 0.5
    # The logging driver brakes (action 1) mostly in hard places, where braking pays.
    pmf = np.where(hard[:, None], [0.1, 0.9], [0.9, 0.1])
    action = (generator.random(rounds) > pmf[:, 0]).astype(int)
    reward = (generator.random(rounds) < chance[hard.astype(int), action]).astype(float)
    truth = 0.5 * (0.3 + 0.7)
    always = np.tile([0.0, 1.0], (rounds, 1))
    data = LoggedData(
        context=hard[:, None].astype(float), action=action, reward=reward,
        probability=pmf[np.arange(rounds), action], available=np.ones((rounds, 2), bool))
    sizes = np.unique(np.geomspace(60, rounds, 60).astype(int))
    naive, weighted = [], []
    for size in sizes:
        part = data.select(slice(0, size))
        taken = np.asarray(part.action) == 1
        naive.append(np.asarray(part.reward)[taken].mean())
        weighted.append(SNIPS().terms(Rounds.of(part, always[:size])).value)
    with drawing(xlabel='logged rounds', ylabel='estimated reward') as result:
        axes = result.axes
        axes.axhline(truth, color=INK, linewidth=1.2, label='truth')
        axes.plot(sizes, naive, color=SERIES[1], label='mean reward of logged braking')
        axes.plot(sizes, weighted, color=SERIES[0], label='weighted by 1 / propensity (SNIPS)')
        axes.set_xscale('log')
        axes.figure.legend(loc='outside upper left', ncols=2, fontsize=9)
    write('propensities', result.svg)
    print(f'truth {truth:.3f}, naive {naive[-1]:.3f}, weighted {weighted[-1]:.3f}')


if __name__ == '__main__':
    one_round()
    why_propensities()
