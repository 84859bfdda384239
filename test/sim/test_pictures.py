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

"""Videos and plots: what is drawn is there, and looking changes nothing."""

import dataclasses

import numpy as np
from PIL import Image
import pytest
from rfsn_ros.errors import InputError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig, World
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.pictures.drawing import draw_scene
from rfsn_ros.sim.pictures.recorder import EpisodeRecorder
from rfsn_ros.sim.pictures.scene import Scene
from rfsn_ros.sim.pictures.trajectories import plot_trajectories, Trajectory
from rfsn_ros.sim.pictures.video import write_video
from rfsn_ros.sim.pictures.view import OVERSAMPLING, View
from rfsn_ros.training.episode import run_episode

WORLD = World(name='w', start=Pose2D(), goal=(6.0, 0.0), reference_length=6.0, timeout=2.0,
              circles=[(2.0, 1.0, 0.3)], boxes=[(3.0, -1.0, 0.5, 0.2, 0.4)],
              segments=[(0.0, 2.0, 5.0, 2.0)])


def drive(recorder=None, world=WORLD, disturbances='moving'):
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('greedy', config, seed=1))
    if recorder is True:
        recorder = EpisodeRecorder(navigator.library, label='greedy')
    hooks = {} if recorder is None else {
        'on_decision': recorder.decision, 'on_tick': recorder.tick}
    with make_simulator(SimConfig.for_robot('jackal', disturbances=disturbances)) as sim:
        return run_episode(sim, navigator, world, number=0, seed=1, **hooks), recorder


@pytest.fixture(scope='module')
def recorded():
    return drive(True)[1]


def test_looking_does_not_change_the_drive():
    world, = parse_worlds('generated:1')
    plain, _ = drive(world=world)
    watched, recorder = drive(True, world=world)
    assert (plain.outcome, plain.time, plain.path_length) == (
        watched.outcome, watched.time, watched.path_length)
    assert recorder.outcome.value == plain.outcome
    steps = np.hypot(*np.diff(np.array(recorder.trail), axis=0).T)
    assert steps.sum() == pytest.approx(plain.path_length, abs=0.1)


def test_scenes_come_at_their_rate(recorded):
    times = [scene.time for scene in recorded.scenes]
    assert np.diff(times[:-1]) == pytest.approx(0.1, abs=0.021)
    assert recorded.scenes[-1].outcome is not Outcome.RUNNING
    scene = recorded.scenes[5]
    assert len(scene.arcs) == len(scene.feasible) > 10
    assert len(scene.scan) == len(scene.hits) == 720
    assert len(scene.moving) == 6


def test_beams_end_at_the_obstacles():
    circles = np.array([(2.0, 0.4, 0.3), (3.5, -0.5, 0.3), (5.0, 0.5, 0.3)])
    world = dataclasses.replace(WORLD, circles=circles, boxes=[], segments=[])
    scenes = [scene for scene in drive(True, world, disturbances='ideal')[1].scenes
              if scene.hits.any()]
    assert len(scenes) > 10
    for scene in scenes:
        away = np.linalg.norm(scene.scan[scene.hits, None] - circles[:, :2], axis=2)
        assert np.abs(away - circles[:, 2]).min(axis=1).max() < 0.03


def count(image, colour):
    pixels = np.asarray(image.convert('RGB'), dtype=int)
    return int((np.abs(pixels - np.array(colour)).sum(axis=2) < 30).sum())


@pytest.mark.parametrize('goal', [(6.0, 0.0), (0.0, 6.0), (-5.0, -3.0)])
def test_the_way_runs_from_left_to_right_whichever_way_it_points(recorded, goal):
    world = dataclasses.replace(WORLD, goal=goal)
    view = View(world, recorded.scenes[0].robot, width=400, way=[])
    start, end = view.pixel(world.start.x, world.start.y), view.pixel(*goal)
    assert end[0] - start[0] == pytest.approx(view.scale * np.hypot(*goal))
    assert end[1] == pytest.approx(start[1])
    for x, y in (start, end):
        assert 0.0 < x < OVERSAMPLING * view.size[0]
        assert 0.0 < y < OVERSAMPLING * view.size[1]


def test_robot_obstacles_and_goal_are_in_the_picture(recorded):
    image = draw_scene(recorded.scenes[3])
    assert image.width == 960
    assert count(image, (29, 78, 216)) > 300
    assert count(image, (59, 64, 72)) > 2000
    assert count(image, (194, 65, 12)) > 1000
    assert count(image, (245, 158, 11)) > 50


def test_a_scene_needs_no_decision():
    with make_simulator(SimConfig.for_robot('turtlebot3')) as sim:
        sim.reset(WORLD, 0)
        sim.step(Twist2D(0.2, 0.0), 0.1)
        image = draw_scene(Scene.of(sim), width=400)
    assert image.width == 400
    assert count(image, (245, 158, 11)) == 0


@pytest.mark.parametrize('far', [(3.0, 9.0), (3.0, -25.0), (-12.0, 0.0)])
def test_a_robot_on_a_way_around_stays_in_the_film(tmp_path, recorded, far):
    scenes = [
        dataclasses.replace(
            recorded.scenes[0], pose=Pose2D(x, y), trail=((0.0, 0.0), (x, y)),
            scan=np.zeros((0, 2)), hits=np.zeros(0, dtype=bool))
        for x, y in ((0.0, 0.0), far)]
    write_video(tmp_path / 'way.gif', [scenes])
    with Image.open(tmp_path / 'way.gif') as film:
        assert film.height <= 1.3 * film.width
        for frame in range(2):
            film.seek(frame)
            pixels = np.array(film.convert('RGB'), dtype=int)
            assert (np.abs(pixels - (29, 78, 216)).sum(axis=2) < 20).sum() > 30


@pytest.mark.parametrize('suffix', ['.gif', '.mp4'])
def test_videos_are_written(tmp_path, recorded, suffix):
    path = tmp_path / f'drive{suffix}'
    write_video(path, [recorded.scenes[:4], recorded.scenes[4:6]], width=320)
    assert path.stat().st_size > 2000
    if suffix == '.gif':
        with Image.open(path) as image:
            assert image.width == 320
            # Stills at the end of a drive are one picture that stands longer.
            assert image.n_frames >= 6
    else:
        assert path.read_bytes()[4:8] == b'ftyp'


def test_what_cannot_be_written_is_refused(tmp_path, recorded):
    with pytest.raises(InputError, match=r'\.gif or \.mp4'):
        write_video(tmp_path / 'a.avi', [recorded.scenes])
    with pytest.raises(InputError, match='no scene'):
        write_video(tmp_path / 'a.gif', [[]])
    with pytest.raises(InputError, match='ffmpeg'):
        write_video(tmp_path / 'nowhere' / 'a.mp4', [recorded.scenes[:1]], width=320)
    with pytest.raises(InputError, match='fps'):
        EpisodeRecorder(fps=0.0)


def test_trajectories_are_plotted(tmp_path, recorded):
    other, = parse_worlds('generated:0')
    path = tmp_path / 'drives.png'
    plot_trajectories(path, [
        Trajectory('greedy', WORLD, recorded.trail, recorded.outcome),
        Trajectory('other', WORLD, [(0.0, 0.0), (1.0, 1.0)], Outcome.COLLISION),
        Trajectory('a$_{$', dataclasses.replace(other, name='$_{$'),
                   [(-2.25, 3.0), (-2.25, 5.0)], Outcome.TIMEOUT)])
    with Image.open(path) as image:
        assert image.width > image.height * 0.4
        assert count(image, (29, 78, 216)) > 100
        assert count(image, (234, 88, 12)) > 100
    with pytest.raises(InputError, match='no trajectory'):
        plot_trajectories(path, [])
