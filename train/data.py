"""Tiny-ImageNet as two uint8 arrays: decoded once from the npz files, then memory-mapped.

The npz files hold the photos as they were published, compressed: `webp` (u8, all
files one after the other), `offsets` (i64, n + 1) and `labels` (u8, a line of
www/labels/tiny-imagenet.tsv). README.md says how to build the same files from the
public archive.
"""

import io
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image

SIDE = 64


def decode(paths):
    """npz files -> photos (n, 64, 64, 3) u8, labels (n,) i64."""
    photos, labels = [], []
    for path in paths:
        with np.load(path) as npz:
            webp, offsets = npz["webp"], npz["offsets"]
            labels.append(npz["labels"].astype(np.int64))
        part = np.empty((len(offsets) - 1, SIDE, SIDE, 3), np.uint8)
        for i in range(len(part)):
            photo = Image.open(io.BytesIO(webp[offsets[i] : offsets[i + 1]].tobytes()))
            part[i] = np.asarray(photo.convert("RGB"))
        photos.append(part)
    return np.concatenate(photos), np.concatenate(labels)


def load(data, cache, split):
    """The split "train" or "val" -> photos (n, 64, 64, 3) u8 and labels (n,) i64, as tensors."""
    photos_file, labels_file = cache / f"{split}-photos.npy", cache / f"{split}-labels.npy"
    if not labels_file.exists():
        paths = sorted(Path(data).glob(f"{split}*.npz"))
        if not paths:
            raise SystemExit(f"no {split}*.npz in {data}: see README.md, or name the folder with --data")
        cache.mkdir(parents=True, exist_ok=True)
        photos, labels = decode(paths)
        for array, file in ((photos, photos_file), (labels, labels_file)):
            # Written aside and renamed, so that an interrupted run leaves no half file behind.
            unfinished = file.with_suffix(".part.npy")
            np.save(unfinished, array)
            os.replace(unfinished, file)
    photos = np.load(photos_file, mmap_mode="c")
    return torch.from_numpy(photos), torch.from_numpy(np.load(labels_file))


def spread(n, wanted, seed=0):
    """`wanted` indices out of n, the same ones each time (the files are sorted by class)."""
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    return order[:wanted].sort().values


class Batches:
    """Which photos step t sees: a function of (seed, t) alone, so a resumed run sees what it would have seen."""

    def __init__(self, n, batch, seed):
        self.n, self.batch, self.seed = n, batch, seed
        self.per_epoch = n // batch
        self.epoch, self.order = None, None

    def indices(self, step):
        epoch, at = divmod(step, self.per_epoch)
        if epoch != self.epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self.epoch, self.order = epoch, torch.randperm(self.n, generator=generator)
        return self.order[at * self.batch : (at + 1) * self.batch]
