"""From a laser scan to a safe, chosen and driven primitive; no ROS, no simulator."""
