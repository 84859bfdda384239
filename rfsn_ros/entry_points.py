"""What `ros2 run rfsn_ros NAME` starts; each imports only what it needs."""

__all__ = ['bandit_node', 'repair', 'reward_node', 'rfsn', 'sim_bridge']


def bandit_node() -> int:
    """Run the bandit node."""
    from rfsn_ros.nodes.bandit_node import main
    return main()


def reward_node() -> int:
    """Run the reward node."""
    from rfsn_ros.nodes.reward_node import main
    return main()


def sim_bridge() -> int:
    """Run the simulation bridge."""
    from rfsn_ros.nodes.sim_bridge import main
    return main()


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
