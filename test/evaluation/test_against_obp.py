"""The same values as Open Bandit Pipeline, where that is installed (it needs PyTorch)."""

import sys
from pathlib import Path

import pytest

pytest.importorskip('obp.ope', reason='obp is not installed: pip install obp')
sys.path.append(str(Path(__file__).resolve().parents[2] / 'examples' / 'replay'))
import against_obp

from rfsn_ros.evaluation import Rounds, cross_fit


def test_the_same_model_gives_the_same_values():
    source = against_obp.make_source()
    for _ in range(3):
        feedback = source.obtain_batch_bandit_feedback(500)
        policy = against_obp.candidate(feedback['expected_reward'])
        data = against_obp.logged(feedback)
        predictions = cross_fit(data)
        apart = against_obp.differences(
            feedback, policy, Rounds.of(data, policy, predictions), predictions.q)
        assert set(apart) == set(against_obp.NAMES)
        assert max(apart.values()) < 1e-12
