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

"""`rfsn replay`: from any bag to a judgement of policies."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
import math
from pathlib import Path
import sys
from typing import Any

from rfsn_ros.arguments import share, whole
from rfsn_ros.bandit import make_bandit
from rfsn_ros.errors import BagError, ConfigError
from rfsn_ros.evaluation import (
    BEST,
    ESTIMATORS,
    HEADLINE,
    LOGGED,
    make_estimator,
    REWARD_MODELS,
)
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.evaluation.table import comparison_table, estimator_table
from rfsn_ros.navigation.robots import ROBOTS
from rfsn_ros.outputs import check_output, need_matplotlib
from rfsn_ros.replay.candidates import check_names, learner_settings, train_on
from rfsn_ros.replay.counterfactual import ForecastReport
from rfsn_ros.replay.engines import ENGINES
from rfsn_ros.replay.jobs import AUTO, BagJob, find_bags, Outcome, run_jobs
from rfsn_ros.replay.judgement import judge_trace, ReplayResult
from rfsn_ros.replay.models import navigation_of
from rfsn_ros.replay.promote import FACTS, facts_of, Promotable, PromoteRule
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.report import REPORT_FILES, write_report
from rfsn_ros.replay.topics import deciding_robots, ReaderConfig
from rfsn_ros.replay.trace import join_traces, joinable, Trace, TraceKind
from rfsn_ros.replay.verify import verify
from rfsn_ros.schema import YAML_ERRORS
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

__all__ = ['main']

_EPILOG = f"""
policies: recorded (the model in the bag as it was at its start, not learning; what it learned
since is in the run's checkpoints/final.rfsn), a checkpoint FILE, default (the shipped checkpoint),
train[:KEY=VALUE,...] (a new learner, trained on the other half of the log), greedy, random,
fixed:NAME, dwa[:SPEED].

exit codes: 0 done; 1 --verify found a mismatch or --promote-if did not promote; 2 nothing usable.

words of --promote-if: {', '.join(FACTS)}; joined by "and".
"""


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(argv)
    try:
        return _run(options)
    except OSError as error:
        raise ConfigError(f'{error.filename}: {error.strerror}') from None


def _run(options: argparse.Namespace) -> int:
    console = Console(width=None if sys.stdout.isatty() else 110, markup=False, emoji=False)
    rule = None if options.promote_if is None else PromoteRule.parse(options.promote_if)
    check_names(options.policy)
    make_estimator(options.estimator)
    if options.baseline not in (LOGGED, *options.policy):
        raise ConfigError(
            f'--baseline {options.baseline}: is neither {LOGGED} nor one of the policies')
    candidate = _candidate_to_promote(options) if rule else None
    # What cannot be written shall be known before the work is done.
    if options.out is not None:
        need_matplotlib()
        for name in REPORT_FILES:
            check_output(options.out / name)
    if options.warm_start is not None:
        check_output(options.warm_start)
    bags = find_bags(options.bags)
    reader = _reader_config(options)
    verification, verified = _verify(options, bags, reader, console)
    if options.verify and not options.policy and options.out is None:
        return 0 if verified else 1
    outcomes = _replay(options, bags, reader, console)
    refused = [outcome.refusal for outcome in outcomes if outcome.trace is None]
    found = [(outcome.path, outcome.trace) for outcome in outcomes if outcome.trace is not None]
    together, apart = joinable([trace for _, trace in found])
    refused += [f'{found[number][0]}: {why}' for number, why in apart.items()]
    for line in refused:
        print(f'rfsn replay: refused: {line}', file=sys.stderr)
    used = [found[number] for number in together]
    if not used:
        return 2
    trace = join_traces([trace for _, trace in used])
    if trace.kind is TraceKind.REBUILT and (sentence := _without_effect(options)):
        print(f'rfsn replay: {sentence}', file=sys.stderr)
    with console.status('judging'):
        result = judge_trace(
            trace, bags=tuple(path for path, _ in used), refused=tuple(refused),
            verification=verification, headline=options.estimator, baseline=options.baseline,
            level=options.level, seed=options.seed, model=options.model,
            options={key: _plain(value) for key, value in vars(options).items()
                     if value is not None})
    _show(result, console)
    if options.out is not None:
        page, facts = write_report(result, options.out)
        console.print(f'report: {page} and {facts.name}', highlight=False, soft_wrap=True)
    if options.warm_start is not None:
        _warm_start(trace, options, console)
    if rule is None or candidate is None:
        return 0 if verified else 1
    hindrance = 'the bags were not verified' if not verified else _hindrance(
        rule, candidate, result, options)
    if hindrance:
        before = f'; {candidate.mark} of before is removed' if candidate.withdraw() else ''
        hindrance = hindrance.rstrip('.')
        console.print(f'not promoted: {hindrance}{before}', highlight=False, soft_wrap=True)
        return 1
    console.print(f'promoted: {options.promote_if} holds; {candidate.mark}', highlight=False,
                  soft_wrap=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='rfsn replay', description='Judge policies from recorded bags or decision logs.',
        epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bags', nargs='+', metavar='BAG',
                        help='bag (sqlite3, mcap, ROS 1), folder of bags or decision log (.jsonl)')
    parser.add_argument('--policy', nargs='+', action='extend', default=[], metavar='NAME|FILE',
                        help='candidates to judge')
    parser.add_argument('--out', type=Path, help='folder for report.html and report.json')
    judging = parser.add_argument_group('judging')
    judging.add_argument('--estimator', default=HEADLINE, metavar='NAME',
                         help='which orders the candidates and gives the verdicts: '
                              f'{", ".join(ESTIMATORS)} (default {HEADLINE})')
    judging.add_argument('--baseline', default=LOGGED, metavar='NAME',
                         help='logged, or one of the policies (default logged)')
    judging.add_argument('--model', choices=(BEST, *REWARD_MODELS), default=BEST,
                         help='reward model of the estimators (default: the one that foretells '
                              'best what it has not seen)')
    judging.add_argument('--level', type=share, default=0.95,
                         help='of the intervals (default: %(default)s)')
    judging.add_argument('--seed', type=whole(0), default=1, help='of resampling and folds')
    judging.add_argument('--promote-if', metavar='RULE',
                         help='mark the checkpoint among the policies as promoted where this '
                              'holds, such as "lower_bound > baseline"')
    checking = parser.add_argument_group('verifying (bags of this package)')
    checking.add_argument('--verify', action='store_true',
                          help='recompute every probability, draw and reward')
    checking.add_argument('--checkpoint', type=Path,
                          help='verify against this model instead of the one in the bag')
    other = parser.add_argument_group("any robot's bag")
    other.add_argument('--rebuild', action='store_true',
                       help="treat bags of this package like any other robot's")
    other.add_argument('--robot', choices=(AUTO, *ROBOTS), default=AUTO,
                       help='limits and footprint (default: what the bag suggests)')
    other.add_argument('--config', type=Path, help='settings as a ROS parameter file')
    other.add_argument('--goal', metavar='X,Y',
                       help='goal in the odom frame; else as recorded, else where drives ended')
    other.add_argument('--warm-start', type=Path, metavar='FILE',
                       help='train a learner from what was driven and save it')
    topics = parser.add_argument_group('topics')
    topics.add_argument('--scan', default='', help='LaserScan topic (default: found by type)')
    topics.add_argument('--odom', default='',
                        help='Odometry topic, or one of poses, as of motion capture')
    topics.add_argument('--cmd-vel', default='', help='Twist or TwistStamped topic')
    topics.add_argument('--goal-topic', default='', help='PoseStamped topic')
    topics.add_argument('--namespace', default='',
                        help='only topics below this namespace; / = those in none')
    topics.add_argument('--laser-yaw', type=float, help='yaw of the laser in the base [rad]')
    topics.add_argument('--base-frame', default='', help='base frame of the robot')
    topics.add_argument('--clock', choices=('auto', 'header', 'bag'), default='auto',
                        help='which stamps to take')
    running = parser.add_argument_group('many bags')
    running.add_argument('--engine', choices=ENGINES, default='processes')
    running.add_argument('--jobs', type=whole(1), help='processes (default: all cores)')
    running.add_argument('--fresh', action='store_true',
                         help='replay again what an interrupted run with the same --out has done')
    return parser


def _plain(value: Any) -> Any:
    """Return an option as JSON knows it."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)


def _reader_config(options: argparse.Namespace) -> ReaderConfig:
    return ReaderConfig(
        scan=options.scan, odometry=options.odom, cmd_vel=options.cmd_vel,
        goal=options.goal_topic, namespace=options.namespace, laser_yaw=options.laser_yaw,
        base_frame=options.base_frame, clock=options.clock)


def _robots(bags: list[Path], reader: ReaderConfig) -> Iterator[tuple[Path, ReaderConfig]]:
    """Yield each bag with how it is read: several robots that decide are read one by one."""
    for bag in bags:
        robots: list[str] = []
        if not reader.namespace and bag.suffix != '.jsonl':
            # What cannot be read is said by who reads it.
            with suppress(BagError):
                robots = deciding_robots(bag)
        if len(robots) > 1:
            yield from ((bag, reader.replace(namespace=robot)) for robot in robots)
        else:
            yield bag, reader


def _verify(
    options: argparse.Namespace, bags: list[Path], reader: ReaderConfig, console: Console,
) -> tuple[tuple[str, ...], bool]:
    if not options.verify:
        return (), True
    model = None
    if options.checkpoint is not None:
        try:
            model = options.checkpoint.read_bytes()
        except OSError as error:
            raise ConfigError(f'{options.checkpoint}: {error.strerror}') from None
    lines, everything = [], True
    robots = list(_robots(bags, reader))
    for bag, one in robots:
        try:
            found = verify(read_bag(bag, one), model=model)
        except BagError as error:
            if len(robots) == 1:
                raise
            lines.append(f'NOT VERIFIED: {error}')
            console.print(lines[-1], style='bold red', highlight=False, soft_wrap=True)
            everything = False
            continue
        name = f'{bag} ({one.namespace})' if one.namespace else str(bag)
        lines.append(f'{name}: {found.summary()}')
        console.print(lines[-1], style='green' if found.ok else 'bold red', highlight=False,
                      soft_wrap=True)
        for line in found.lines:
            console.print(f'  {line}', highlight=False, soft_wrap=True)
        everything = everything and found.ok
    return tuple(lines), everything


def _replay(
    options: argparse.Namespace, bags: list[Path], reader: ReaderConfig, console: Console,
) -> list[Outcome]:
    navigation = None
    if options.config is not None:
        try:
            navigation = navigation_of(options.config.read_text(encoding='utf-8')).to_dict()
        except (OSError, BagError, *YAML_ERRORS) as error:
            raise ConfigError(f'{options.config}: {error}') from None
    goal = _goal(options.goal)
    jobs = [BagJob(
        path=str(bag), policies=tuple(dict.fromkeys(options.policy)), reader=one.to_dict(),
        navigation=navigation, robot=options.robot, goal=goal, rebuilt=options.rebuild,
        seed=options.seed) for bag, one in _robots(bags, reader)]
    cache = options.out / 'cache' if options.out is not None and not options.fresh else None
    progress = Progress(
        TextColumn('replaying'), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=len(jobs) < 2)
    with progress:
        task = progress.add_task('bags', total=len(jobs))
        return run_jobs(jobs, engine=options.engine, workers=options.jobs, cache=cache,
                        done=lambda _: progress.advance(task))


def _without_effect(options: argparse.Namespace) -> str:
    """Return a sentence on the options of judging that bags without decisions leave unread."""
    usual = {'estimator': HEADLINE, 'baseline': LOGGED, 'model': BEST}
    given = [f'--{name} {value}' for name in usual
             if (value := getattr(options, name)) != usual[name]]
    if not given:
        return ''
    return (f'{", ".join(given)} {"has" if len(given) == 1 else "have"} no effect: without '
            'decision probabilities roll-outs are compared with what was driven')


def _show(result: ReplayResult, console: Console) -> None:
    trace = result.trace
    bags = '1 bag' if len(result.bags) == 1 else f'{len(result.bags)} bags'
    console.print(f'{bags}, {len(trace)} decisions, mean reward {trace.reward.mean():.3f}',
                  highlight=False)
    if len(result.bags) == 1:
        facts = trace.facts
        if facts.get('duration'):
            speed = facts['duration'] / max(facts['replay_time'], 1e-6)
            loading = facts.get('loading_time', 0.0)
            first = f', after {loading:.2f} s of loading code' if loading > 0.05 else ''
            console.print(f'  {facts["duration"]:.1f} s replayed in {facts["replay_time"]:.2f} s '
                          f'({speed:.0f} x real time){first}', highlight=False)
        for note in trace.quality.get('notes', []):
            console.print(f'  {note}', highlight=False, soft_wrap=True)
    if result.comparison is not None:
        console.print(comparison_table(result.comparison))
        console.print(estimator_table(result.comparison))
    elif result.forecasts:
        console.print(_forecast_table(list(result.forecasts)))
    for sentence in result.sentences:
        console.print(sentence, highlight=False, soft_wrap=True)


def _forecast_table(reports: list[ForecastReport]) -> Table:
    table = Table(title='what the candidates might have earned (roll-outs on recorded scans)')
    for name in ('candidate', 'forecast', 'bounds', 'agreement', 'verdict'):
        table.add_column(name, justify='left' if name in ('candidate', 'verdict') else 'right')
    for report in reports:
        table.add_row(Text(report.name), f'{report.value:.3f}',
                      f'{report.low:.3f} to {report.high:.3f}', f'{percent(report.agreement)}%',
                      report.judgement.verdict.value)
    return table


def _warm_start(trace: Trace, options: argparse.Namespace, console: Console) -> None:
    bandit = make_bandit(learner_settings('', trace, options.seed))
    try:
        learned = train_on(bandit, trace, range(len(trace)))
        bandit.save(options.warm_start)
    finally:
        bandit.close()
    console.print(f'warm start: {learned} of {len(trace)} decisions learned, saved as '
                  f'{options.warm_start}', highlight=False, soft_wrap=True)


def _candidate_to_promote(options: argparse.Namespace) -> Promotable:
    files = [Path(name) for name in options.policy if Path(name).is_file()]
    if len(files) != 1:
        raise ConfigError(f'--promote-if needs one checkpoint file among the policies, got '
                          f'{len(files)}')
    return Promotable.of(files[0])


def _hindrance(
    rule: PromoteRule, candidate: Promotable, result: ReplayResult, options: argparse.Namespace,
) -> str:
    """Promote a checkpoint, or return why not."""
    if result.comparison is None:
        return (f'{result.trace.source} holds no decision probabilities, roll-outs alone promote '
                'nothing')
    if candidate.changed:
        return f'{candidate.path} changed while it was judged'
    name = next(one for one in options.policy if Path(one) == candidate.path)
    report = result.comparison[name]
    facts = facts_of(result.comparison, report)
    failures = rule.failures(facts)
    if not failures and report.judgement.lacking:
        return report.judgement.sentence
    if not failures:
        candidate.promote(options.promote_if, facts, {
            'sentence': report.judgement.sentence, 'bags': list(result.bags),
            'baseline': options.baseline, 'estimator': options.estimator})
    return '; '.join(failures)


def _goal(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        x, y = (float(part) for part in text.split(','))
        if not math.isfinite(x + y):
            raise ValueError
    except ValueError:
        raise ConfigError(f'--goal {text!r}: must be X,Y in metres') from None
    return x, y
