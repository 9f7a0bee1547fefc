"""The two models that Vitrine embeds, as timm builds them, and what their config.json must say."""

import torch
from timm.models.swin_transformer import SwinTransformer
from timm.models.vision_transformer import VisionTransformer

CLASSES = 200

VIT = {
    "img_size": 64,
    "patch_size": 8,
    "embed_dim": 192,
    "depth": 9,
    "num_heads": 3,
    "class_token": True,
    "qkv_bias": True,
    "global_pool": "token",
}

SWIN = {
    "img_size": 64,
    "patch_size": 4,
    "window_size": 4,
    "embed_dim": 48,
    "depths": [2, 2, 2],
    "num_heads": [3, 6, 12],
    "global_pool": "avg",
}

KINDS = {
    "vit": {
        "architecture": "vit_tiny_patch8_64",
        "name": "Vitrine ViT-Tiny/8",
        "build": VisionTransformer,
        "args": VIT,
        "first_conv": "patch_embed.proj",
        "classifier": "head",
    },
    "swin": {
        "architecture": "swin_mini_patch4_window4_64",
        "name": "Vitrine Swin-Mini/4",
        "build": SwinTransformer,
        "args": SWIN,
        "first_conv": "patch_embed.proj",
        "classifier": "head.fc",
    },
}


def build(kind, changes=None, **training):
    """A fresh model; `changes` to its arguments, and what only matters in training (drop_path_rate, ...).

    Parameters carry timm's state-dict names.
    """
    spec = KINDS[kind]
    model = spec["build"](**{**spec["args"], **(changes or {})}, num_classes=CLASSES, **training)
    if kind == "vit":
        model.pos_embed.data.copy_(sincos_positions(model))
    return model


def sincos_positions(model):
    """Starting values for the learned positions: 2-D sines and cosines, class token zero: (1, 1 + N, D).

    Beyer et al., "Better plain ViT baselines for ImageNet-1k" (2022), keep them fixed; as
    a mere start they spare a short run from having to find the grid by itself. Scaled to
    0.02·√2, the deviation timm starts from.
    """
    rows, columns = model.patch_embed.grid_size
    dim = model.embed_dim
    omega = 100.0 ** (-torch.arange(dim // 4) / (dim // 4))
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    angles = [axis.reshape(-1, 1) * omega for axis in (y, x)]
    grid = torch.cat([f(a) for a in angles for f in (torch.sin, torch.cos)], dim=1)
    prefix = torch.zeros(model.num_prefix_tokens, dim)
    return torch.cat([prefix, grid]).unsqueeze(0) * 0.04
