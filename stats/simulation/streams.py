"""Decides where randomness comes from: one independent stream per purpose, named in words."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """Give the generator of one purpose, the same for the same seed and names on every platform.

    Draws for one purpose never shift those for another: that is what makes the random numbers of
    a variant independent of the effects of the others (common random numbers).

    Args:
        seed: The seed of the world or of the campaign, not negative.
        names: What is drawn, and for whom: ``("extra orders", "gold-q3", "trial")``.
    """
    # a digest, since Python's own hash of a text differs from process to process
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    entropy = [seed, int.from_bytes(digest[:16], "big")]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
