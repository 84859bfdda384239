"""Averages over a sliding window."""


def moving_average(values, width):
    """Return the mean of every `width` neighbouring values."""
    averages = []
    total = 0.0
    for index, value in enumerate(values):
        total += value
        if index >= width:
            total -= values[index - width]
        if index >= width:  # the window is full
            averages.append(total / width)
    return averages
