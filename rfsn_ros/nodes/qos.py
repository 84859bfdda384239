"""Every quality of service used, in one place, each with its reason."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

__all__ = ['CLOCK', 'COMMANDS', 'EPISODES', 'EVENTS', 'LATCHED', 'SENSORS', 'SIMULATED_SENSORS']

SENSORS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=20, reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE)
"""Subscriptions to scan and odometry: takes what reliable and best-effort drivers send."""

SIMULATED_SENSORS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=20, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE)
"""Publishers of simulated sensors: readers of both kinds match, lockstep loses nothing."""

COMMANDS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE)
"""Velocity commands: only the newest counts, and the last zero must arrive."""

EVENTS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1000, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE)
"""Decisions and rewards: each one counts, and a slow reader must not lose any."""

LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""State that a late joiner needs: model description, goal."""

EPISODES = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=10, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Episode states: latched, and an end must not be overwritten by the next beginning."""

CLOCK = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE)
"""Simulated time: reliable readers and best-effort readers both match."""
