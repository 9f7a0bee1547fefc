"""A running average of the weights: smoother, and nearly always better than the weights of one step."""

import copy

import torch


class Ema:
    """average ← decay · average + (1 − decay) · weights, with a shorter memory at the start."""

    def __init__(self, model, decay):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        averages = list(self.model.state_dict().values())
        weights = list(model.state_dict().values())
        floats = [i for i, a in enumerate(averages) if a.is_floating_point()]
        torch._foreach_lerp_([averages[i] for i in floats], [weights[i] for i in floats], 1 - decay)

    def state_dict(self):
        return {"model": self.model.state_dict(), "updates": self.updates}

    def load_state_dict(self, state):
        self.model.load_state_dict(state["model"])
        self.updates = state["updates"]
