class CheckpointServices:
    problems = []
    def __init__(self, node, pilot, publish): pass
    def load_first(self): pass
    def save_last(self): pass
    def after_reward(self): pass
    def destroy(self): pass
