"""Weights and what one must know to use them, in timm's hub layout: model.safetensors + config.json."""

import json
from pathlib import Path

import safetensors.torch

import augment
import models

# The page has the names, too.
LABELS = Path(__file__).parents[1] / "www" / "labels" / "tiny-imagenet.tsv"


def label_names(column=1):
    """Class names in index order; column 1 English, 2 Chinese."""
    return [line.split("\t")[column] for line in LABELS.read_text("utf-8").splitlines()]


def config(kind, changes, accuracy, photos):
    """What config.json says. `accuracy` is evaluate.accuracy's answer on `photos` validation photos."""
    spec = models.KINDS[kind]
    args = {**spec["args"], **changes}
    model = models.build(kind, changes)
    side = args["img_size"]
    return {
        "architecture": spec["architecture"],
        "num_classes": models.CLASSES,
        "num_features": model.num_features,
        "global_pool": args["global_pool"],
        "model_args": args,
        "pretrained_cfg": {
            "tag": "tiny_in200",
            "input_size": [3, side, side],
            "fixed_input_size": True,
            "interpolation": "bicubic",
            "crop_pct": 1.0,
            "crop_mode": "center",
            "mean": list(augment.MEAN),
            "std": list(augment.STD),
            "num_classes": models.CLASSES,
            "pool_size": None,
            "first_conv": spec["first_conv"],
            "classifier": spec["classifier"],
        },
        "label_names": label_names(),
        "vitrine": {
            "name": spec["name"],
            "accuracy": {
                "top1": round(accuracy["top1"], 4),
                "top5": round(accuracy["top5"], 4),
                "photos": photos,
                "dataset": "Tiny-ImageNet validation",
            },
        },
    }


def write(kind, changes, state, folder, accuracy, photos):
    """Writes both files; the config last, so that a folder with a config is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().float().contiguous() for name, tensor in state.items()}
    safetensors.torch.save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    text = json.dumps(config(kind, changes, accuracy, photos), indent=2, ensure_ascii=False)
    (folder / "config.json").write_text(text + "\n", "utf-8")


def read(folder):
    """The exported model, as the training code builds it; every tensor must be there."""
    said = json.loads((folder / "config.json").read_text("utf-8"))
    kind = next(k for k, spec in models.KINDS.items() if spec["architecture"] == said["architecture"])
    model = models.build(kind, said["model_args"])
    model.load_state_dict(safetensors.torch.load_file(folder / "model.safetensors"))
    return model.eval()
