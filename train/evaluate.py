"""Top-1 and top-5 on validation photos. Also a command: evaluate an exported model in f32."""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F

import augment
import data


@torch.no_grad()
def accuracy(model, photos, labels, batch=500, device="cpu", bf16=False):
    """photos (n, 64, 64, 3) u8 -> {"loss", "top1", "top5"}, fractions of n; and the answers."""
    model.eval()
    loss, top1, top5, answers = 0.0, 0, 0, []
    for i in range(0, len(photos), batch):
        truth = labels[i : i + batch]
        with torch.autocast(device, torch.bfloat16, enabled=bf16):
            logits = model(augment.normalize(photos[i : i + batch]).to(device))
        logits = logits.float().cpu()
        loss += F.cross_entropy(logits, truth, reduction="sum").item()
        best = logits.topk(5).indices
        answers += best[:, 0].tolist()
        hits = best == truth[:, None]
        top1 += hits[:, 0].sum().item()
        top5 += hits.sum().item()
    n = len(photos)
    return {"loss": loss / n, "top1": top1 / n, "top5": top5 / n}, answers


def main():
    import export

    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path, help="folder with model.safetensors and config.json")
    arguments.add_argument("--data", type=Path, default=Path("../shared/tiny-imagenet"))
    arguments.add_argument("--cache", type=Path, default=Path("train/runs/cache"))
    arguments.add_argument("--answers", type=Path, help="where to write the first class of each photo, as csv")
    options = arguments.parse_args()
    photos, labels = data.load(options.data, options.cache, "val")
    result, answers = accuracy(export.read(options.model), photos, labels)
    print(result)
    if options.answers:
        options.answers.write_text("photo,answer\n" + "".join(f"{i},{a}\n" for i, a in enumerate(answers)))


if __name__ == "__main__":
    main()
