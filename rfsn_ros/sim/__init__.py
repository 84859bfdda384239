"""Simulated worlds, robots and sensors."""
