"""Contextual bandits: Vowpal Wabbit and NumPy backends, checkpoints, decision log."""
