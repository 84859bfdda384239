"""Code-repair episodes: the same bandit, no ROS."""
