"""Augmentation of a whole batch at once, on tensors: crop, flip, colour, in one resampling.

At 64 x 64 the model is so cheap that augmenting photo by photo would cost as much
as training; here it is one grid_sample for the batch, on the device where the photos
are. Chance comes from a generator on the CPU, so it is the same on every device.
"""

import torch
import torch.nn.functional as F

MEAN = (0.5, 0.5, 0.5)
STD = (0.5, 0.5, 0.5)


def normalize(photos):
    """(B, H, W, 3) u8 -> (B, 3, H, W) f32, in [-1, 1]: (x / 255 - 0.5) / 0.5."""
    return photos.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0).contiguous()


def uniform(n, low, high, generator):
    return torch.rand(n, generator=generator) * (high - low) + low


def crop_and_flip(x, smallest, generator):
    """Random resized crop (area `smallest`..1, aspect 3/4..4/3) and horizontal flip: (B, 3, S, S) -> same."""
    n = len(x)
    area = uniform(n, smallest, 1.0, generator)
    aspect = uniform(n, -0.2877, 0.2877, generator).exp()
    width = (area * aspect).sqrt().clamp(max=1.0)
    height = (area / aspect).sqrt().clamp(max=1.0)
    flip = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = width * flip
    theta[:, 1, 1] = height
    theta[:, 0, 2] = (1 - width) * uniform(n, -1, 1, generator)
    theta[:, 1, 2] = (1 - height) * uniform(n, -1, 1, generator)
    grid = F.affine_grid(theta.to(x.device), x.shape, align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def colour(x, strength, generator):
    """Brightness, contrast and saturation, each by a factor of 1 ± strength."""
    n = len(x)
    brightness, contrast, saturation = (
        uniform(n, 1 - strength, 1 + strength, generator).view(n, 1, 1, 1).to(x.device) for _ in range(3)
    )
    x = (x + 1) * brightness - 1
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean
    grey = x.mean(dim=1, keepdim=True)
    return ((x - grey) * saturation + grey).clamp_(-1, 1)


def augment(photos, smallest, strength, generator):
    """(B, 64, 64, 3) u8 -> (B, 3, 64, 64) f32, augmented and normalized."""
    x = crop_and_flip(normalize(photos), smallest, generator)
    return colour(x, strength, generator) if strength > 0 else x


def mixup(x, labels, classes, smoothing, alpha, generator):
    """Soft targets (B, classes); with alpha > 0 each photo is mixed with its neighbour in the batch."""
    targets = torch.full((len(x), classes), smoothing / classes, device=x.device)
    targets.scatter_(1, labels[:, None], 1 - smoothing + smoothing / classes)
    if alpha > 0:
        # Uniform weights stand in for Beta(alpha, alpha): `alpha` is then the largest share of the other photo.
        share = uniform(len(x), 0, alpha, generator).to(x.device)
        x = torch.lerp(x, x.roll(1, 0), share.view(-1, 1, 1, 1))
        targets = torch.lerp(targets, targets.roll(1, 0), share.view(-1, 1))
    return x, targets
