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

"""Write the tables of docs/reliability.md from what `make soak` has measured."""

import json
from pathlib import Path

HERE = Path(__file__).parent
HEAD = """# Reliability

Faults are injected into real processes over real DDS; the robot is a program that publishes `scan` and
`odom` and obeys `cmd_vel` within its acceleration, or the simulator. The short form of each fault runs in
every test run (`test/faults`), the long form with `make soak`. *Lost* is what the learner does not get to
learn. *Stands within 0.5 s* is judged at 0.95 s: the limit, the watch timer, a control period and what a
busy machine adds.

"""
TAIL = """
When bandit_node is killed, the simulated base sets its wheels to zero `bridge.command_timeout` (0.2 s, five
commands) after the last command. It then brakes as fast as the robot can: from 2 m/s
at 3 m/s2 that takes 0.67 s more, so no timeout makes this robot stand within 0.5 s at full speed; a TurtleBot3
(0.22 m/s) stands well within. For a real base both figures are its own: set the command timeout of its driver to
0.2 s (such as `cmd_vel_timeout` of diff_drive_controller). A machine too busy to run 25 commands per second
stops the simulated robot needlessly; `watchdog_stops` in sim_bridge's diagnostics counts that. Seconds after
a kill are the robot's own: a simulator that is held up stands with its robot. In lockstep time
stands still until a command comes, and the watchdog has nothing to do.

## A killed process can hold up the others

Now and then sim_bridge stood still for 3 s after a kill of bandit_node: three times in some 550 kills, twice in
some 30 in earlier runs. Caught in the act with a debugger, its thread waited in Fast DDS for the lock of the killed
process's shared memory port: whoever publishes to a process that is killed while it holds that lock waits until it
is given up. The driver of a real base can be held up in the same way, and its command timeout with it. The nodes here
therefore set `FASTDDS_BUILTIN_TRANSPORTS=UDPv4` for themselves unless the environment sets it; in a network namespace
of its own, range SUBNET, 155 kills with that setting held up nothing for as much as 0.7 s (few enough that one in
fifty could have been missed). In the range LOCALHOST, in which these tests run, rmw_fastrtps adds shared memory
whatever that variable says; so it stays there.
Give the driver of the base the same setting if other nodes may die beside it.

In that range processes that merely come and go hold up publishers too: while one joined and left the graph every 1.6 s,
commands paused for .3 to .4 s at 6 of 205 comings, longer than `bridge.command_timeout`, so the robot stopped for a moment
(seven runs of about a minute, two cores; in five of the six the clock stood, too, and sim_bridge was once caught waiting inside its publishing). In a network namespace of its own,
range SUBNET, where the nodes use no shared memory, the longest of 93 comings was .097 s, as with a busy processor alone (.098).

## A wrong request could end a node

rclpy's own services raise on a lifecycle transition that is none from the node's state
([its issue 1209](https://github.com/ros2/rclpy/issues/1209), not mended in rclpy 7.1.5) and on a parameter of no known type,
and what a callback raises ends the process: one `change_state` to `configure` ended an active bandit_node. The nodes
here refuse such requests and say so in their logs. `test/nodes/test_guard.py` asks random things of each of these services.

## Who came first is heard of late

Fast DDS announces each process when it begins and then every 3 s, and now and then the process that was there first is
found only by its next announcement: of 20 pairs of processes begun 2 s apart, range LOCALHOST, two busy cores, 8
heard each other only after 1.8 to 1.9 s, when the first was a little over 3 s old; of 20 begun together or .3 s apart none. So whatever must
not miss a beginning has to be waited for: `bridge.recorder` and `bridge.observer` name whom sim_bridge waits for.

## A reader that is held up misses packets

Linux keeps some 200 kB of what a process has not yet taken from a UDP socket (`net.core.rmem_default`, 212,992 bytes here),
and in lockstep, where scans come as fast as the machine allows, a recorder held up for a second exceeds that. Reliable
topics are sent again, but Fast DDS tells a reader only every 3 s what it misses, keeps back all that followed, and
a node that ended before that left it without the rest. Of 8 runs whose reader was stopped for 1.5 s
under way 7 lost something, one of them 116 of its 176 rewards. Nodes here therefore wait at their end, 6.5 s at most, until
all who read have what was sent; the simulated sensors keep 1000 messages to send again instead of 20; and in lockstep a scan waits for
its odometry as long as for rewards. With that 28 of 28 such runs were whole, but for `cmd_vel`, of which only the newest counts.
One of 52 runs had even come to a stand before the last of these, for a lost packet of odometry kept back all later ones until
the last that had come was too old to decide by.
A node that ends while a reader was killed less than 20 s ago waits those 6.5 s in vain; its robot stands by then.
"""


def page(result):
    """Return the whole page."""
    lines = [
        HEAD, f'Measured {result["date"]} with `{result["command"]}` in {result["minutes"]} minutes on '
        f'{result["machine"]}, shared with other work (load {result["load"]}).\n\n'
        '| fault | injected | held | outcome | lost |\n|---|---|---|---|---|\n']
    for row in result['rows']:
        outcome = row['outcome']
        for what, took in row.get('seconds', {}).items():
            outcome += f'; {what} after {took["median"]} s in the median, {took["largest"]} s at most'
        lines.append(f'| {row["name"]} | {row["times"]} | {row["times"] - len(row["failures"])} | '
                     f'{outcome} | {row["lost"]} |\n')
    failures = [(row['name'], failure) for row in result['rows'] for failure in row['failures']]
    if failures:
        lines.append('\nWhere it did not hold:\n\n')
        lines += [f'- {name}: {failure}\n' for name, failure in failures]
    lines += [f'\n{note}\n' for note in result.get('notes', [])]
    lines.append(TAIL)
    if 'robots' in result:
        lines.append(_robots(result['robots']))
    if 'memory' in result:
        lines.append(_memory(result['memory']))
    return ''.join(lines)


def _robots(load):
    least, median = load['decisions_per_second']
    rewards = load['rewards_per_second']
    return f"""
## Many robots

{load['robots']} robots in namespaces on this one machine, bandit_node and reward_node each, beside the programs
that stand in for the robots, for {load['seconds']:g} s. Asked for: 5 decisions per second each.

| | least | median |
|---|---|---|
| decisions per second and robot | {least} | {median} |
| rewards per second and robot | {rewards[0]} | {rewards[1]} |

Latency from scan to command, 99th percentile: {load['latency_p99_ms']} ms in the median of the robots; the machine
was {load['cpu_percent_of_machine']:g} % busy; bandit_node takes {load['bandit_node_rss_mb']} MB each: Python with NumPy and
SciPy 53 MB, Numba with LLVM 55 MB, the compiled navigation 60 MB, ROS 2 messages and DDS 30 MB.
"""


def _memory(memory):
    rows = ''.join(
        f'| {node} | {memory[node]["rss_mb"][0]} | {memory[node]["rss_mb"][1]} | '
        f'{memory[node]["kb_per_1000_decisions"]} | {memory[node]["file_handles"][0]} → '
        f'{memory[node]["file_handles"][1]} |\n'
        for node in ('sim_bridge', 'bandit_node', 'reward_node'))
    return f"""
## Memory and file handles

{memory['episodes']} short episodes in lockstep (a small room, the goal 2 m away) with {memory['decisions']} decisions in
{memory['minutes']:g} minutes; figures of the last two thirds.

| node | RSS at first [MB] | at the end [MB] | growth [kB per 1000 decisions] | file handles |
|---|---|---|---|---|
{rows}"""


if __name__ == '__main__':
    measured = HERE / 'reliability.json'
    if measured.exists():
        (HERE / 'reliability.md').write_text(
            page(json.loads(measured.read_text(encoding='utf-8'))), encoding='utf-8')
