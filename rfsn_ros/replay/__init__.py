"""Recorded bags turned into decisions and judged."""
