"""Off-policy evaluation: estimators, intervals, comparisons."""
