"""Episodes in one process: training, evaluation and their tables."""
