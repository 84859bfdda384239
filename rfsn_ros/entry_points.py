"""What `ros2 run rfsn_ros NAME` starts; each imports only what it needs."""

from importlib import import_module

__all__ = ['bandit_node', 'repair', 'reward_node', 'rfsn', 'sim_bridge']


def bandit_node() -> int:
    """Run the bandit node."""
    return _run('bandit_node')


def reward_node() -> int:
    """Run the reward node."""
    return _run('reward_node')


def sim_bridge() -> int:
    """Run the simulation bridge."""
    return _run('sim_bridge')


def _run(name: str) -> int:
    """Run a node; an interrupt before it has begun is no failure."""
    try:
        return int(import_module(f'rfsn_ros.nodes.{name}').main())
    except KeyboardInterrupt:
        return 0


def repair() -> int:
    """Run the repair process (no ROS)."""
    from rfsn_ros.repair.cli import main
    return main()


def rfsn() -> int:
    """Run the command line."""
    from rfsn_ros.cli import main
    return main()


if __name__ == '__main__':
    import sys

    sys.exit(globals()[sys.argv.pop(1)]())
