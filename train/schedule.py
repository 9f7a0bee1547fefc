"""Learning rate: warm-up, stable, decay (Hu et al., MiniCPM, 2024, section 4).

The stable phase has no end planned in advance. A good model branches off whenever
one is wanted: from any stable checkpoint, decay linearly to zero; the stable run
goes on from where it was. A cosine would tie every result to one total length.
"""


def warm_up(step, steps):
    """Share of the peak rate at this step of the stable phase."""
    return min(1.0, (step + 1) / max(1, steps))


def decay(done, budget):
    """Share of the peak rate when `done` of the budget (steps or minutes) is spent."""
    return max(0.0, 1.0 - done / budget)
