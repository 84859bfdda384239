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

"""The digest a node gives to its messages is the one that replay computes from a bag."""

from pathlib import Path

from geometry_msgs.msg import Point, Pose2D, Twist, Vector3
import pytest
from rclpy.serialization import serialize_message
from rfsn_ros.msg import Decision, ModelInfo, Reward
from rfsn_ros.replay.digest import digest_of, whole

pytest.importorskip('rosbags')
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

FOLDER = Path(__file__).resolve().parents[2] / 'msg'
MESSAGES = [
    Reward(), ModelInfo(),
    Decision(
        id='s-1', episode='e', mode=Decision.MODE_FROZEN, pose=Pose2D(x=1.0, y=-0.0, theta=0.1),
        goal=Point(x=1e300), context=[0.1, -1.0], action_features=[0.25] * 6,
        feasible=[True, False, True], pmf=[0.5, 0.0, 0.5], requested=2, probability=0.5,
        seed=2**64 - 1, draw=0.7, executed=Decision.NOT_EXECUTED,
        command=Twist(linear=Vector3(x=0.3)), example_count=2**40, learned=['s-0', 'é']),
    Reward(decision_id='s-1', total=-1.0, term_names=['a', 'b'], term_values=[0.1, -1.1],
           valid=True, duration=0.8, final=True),
    ModelInfo(backend='vw', primitives=['stop'], config='a: 1\n', model=bytes(range(256))),
]


@pytest.mark.parametrize('message', MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_keeps_its_digest_in_a_bag(message):
    name = f'rfsn_ros/msg/{type(message).__name__}'
    store = get_typestore(Stores.ROS2_JAZZY)
    for file in FOLDER.glob('*.msg'):
        store.register(get_types_from_msg(file.read_text(), f'rfsn_ros/msg/{file.stem}'))
    message.digest = digest_of(message)
    recorded = store.deserialize_cdr(serialize_message(message), name)
    assert digest_of(recorded) == message.digest
    assert whole(recorded)
    message.header.stamp.nanosec += 1
    assert not whole(message)
