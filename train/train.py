"""Trains, resumes, evaluates and exports the models that Vitrine embeds: one command.

    python train/train.py --model vit --run RUN                     stable phase, until stopped
    python train/train.py --model vit --run RUN --decay-minutes 20  branch off, decay, evaluate, export
    python train/train.py --model vit --smoke                       a minute: the whole path, tiny

Stopping with SIGTERM or Ctrl-C saves first; the same command resumes. README.md has the rest.
"""

import argparse
import csv
import json
import os
import signal
import time
from pathlib import Path

# Beside other work, threads that spin while they wait for one another burn the time they wait for.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from timm.layers import set_fused_attn

import augment
import data
import evaluate
import export
import models
import schedule
from ema import Ema

COLUMNS = ["step", "epoch", "minutes", "phase", "lr", "train_loss", "val_loss", "val_top1", "val_top5", "photos_per_second"]


def parse():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--model", choices=models.KINDS, default="vit")
    a.add_argument("--data", type=Path, default=Path("../shared/tiny-imagenet"))
    a.add_argument("--run", type=Path, help="checkpoints, curve, decoded photos (default train/runs/MODEL)")
    a.add_argument("--out", type=Path, help="where the exported model goes (default RUN/export)")
    a.add_argument("--from", dest="start", type=Path, help="start from this checkpoint instead of RUN/last.pt")
    a.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a.add_argument("--precision", choices=["bf16", "f32"], help="default: bf16 where the hardware multiplies in it")
    a.add_argument("--threads", type=int, default=os.cpu_count())
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--batch", type=int, default=128)
    a.add_argument("--lr", type=float, default=1e-3)
    a.add_argument("--optimizer", choices=["muon", "adamw"], default="muon", help="for the blocks' matrices")
    a.add_argument("--weight-decay", type=float, default=0.05)
    a.add_argument("--warm-up", type=int, default=200, help="steps")
    a.add_argument("--ema", type=float, default=0.998)
    a.add_argument("--clip", type=float, default=1.0, help="largest norm of the gradient")
    a.add_argument("--model-args", type=json.loads, default={}, help='changes to the model, such as {"depth": 6}')
    a.add_argument("--patch-drop", type=float, default=0.0, help="share of the patches left out (ViT)")
    a.add_argument("--drop-path", type=float, default=0.0)
    a.add_argument("--smoothing", type=float, default=0.1)
    a.add_argument("--smallest-crop", type=float, default=0.35, help="share of the area")
    a.add_argument("--colour", type=float, default=0.2)
    a.add_argument("--mixup", type=float, default=0.0, help="largest share of the other photo")
    a.add_argument("--steps", type=int, help="stop the stable phase after so many in all")
    a.add_argument("--minutes", type=float, help="stop the stable phase after so many in this call")
    a.add_argument("--decay-steps", type=int)
    a.add_argument("--decay-minutes", type=float)
    a.add_argument("--eval-minutes", type=float, default=4)
    a.add_argument("--eval-photos", type=int, default=1000, help="on the way; the end uses all")
    a.add_argument("--checkpoint-minutes", type=float, default=10)
    a.add_argument("--keep", type=int, default=4, help="stable checkpoints to keep")
    a.add_argument("--export", action="store_true", help="no training: evaluate quickly, export the checkpoint as it is")
    a.add_argument("--smoke", action="store_true")
    options = a.parse_args()
    here = Path(__file__).parent
    options.run = options.run or here / "runs" / (options.model + ("-smoke" if options.smoke else ""))
    options.out = options.out or options.run / "export"
    options.precision = options.precision or ("bf16" if multiplies_bf16(options.device) else "f32")
    if options.smoke:
        options.batch, options.warm_up, options.eval_photos = 32, 4, 100
        options.steps, options.decay_steps, options.decay_minutes = 8, 4, None
    return options


def multiplies_bf16(device):
    """Whether bf16 is worth it: without instructions for it, a CPU emulates it nine times slower than f32."""
    return device != "cpu" or bool(torch.cpu.get_capabilities().get("amx_bf16"))


def regularizers(options):
    """What timm's models are built with for training alone.

    Leaving out half of the patches halves the cost of a photo (Li et al., FLIP, 2023); the decay then sees more of them.
    """
    chosen = {"drop_path_rate": options.drop_path}
    if options.patch_drop:
        chosen["patch_drop_rate"] = options.patch_drop
    return chosen


def optimizers(model, options):
    """Muon turns the blocks' matrices (Jordan et al., 2024), AdamW everything else; no decay on vectors."""
    matrices, others, vectors = [], [], []
    for name, parameter in model.named_parameters():
        inside = name.startswith(("blocks.", "layers.")) and "bias_table" not in name
        if options.optimizer == "muon" and inside and parameter.ndim == 2:
            matrices.append(parameter)
        elif parameter.ndim < 2 or name in ("pos_embed", "cls_token") or "bias_table" in name:
            vectors.append(parameter)
        else:
            others.append(parameter)
    decay = options.weight_decay
    groups = [{"params": others, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    found = [torch.optim.AdamW(groups, lr=options.lr, betas=(0.9, 0.98))]
    if matrices:
        found.append(torch.optim.Muon(matrices, lr=options.lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw"))
    return found


class Trainer:
    """One model with all that a checkpoint holds: weights, average, optimizers, step, minutes spent."""

    def __init__(self, options):
        self.options = options
        torch.manual_seed(options.seed)
        self.model = models.build(options.model, options.model_args, **regularizers(options)).to(options.device)
        self.ema = Ema(self.model, options.ema)
        self.optimizers = optimizers(self.model, options)
        self.step, self.minutes = 0, 0.0
        cache = options.run.parent / "cache"
        # A smoke test learns nothing anyway: it spares decoding the large split.
        train = data.load(options.data, cache, "val" if options.smoke else "train")
        # On a GPU they lie in its memory (1.2 GB), or it would wait for every batch.
        self.photos, self.labels = (part.to(options.device) for part in train)
        self.val = data.load(options.data, cache, "val")
        self.batches = data.Batches(len(self.photos), options.batch, options.seed)
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)

    def stop(self, *_):
        self.stopping = True

    def save(self, path):
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "step": self.step,
            "minutes": self.minutes,
        }
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        os.replace(unfinished, path)

    def load(self, path):
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.minutes = state["step"], state["minutes"]
        print(f"resumed {path} at step {self.step}", flush=True)

    def train_step(self, share):
        """One step at `share` of the peak rate; returns the loss."""
        o = self.options
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = o.lr * share
        # Like the order of the photos, chance is a function of (seed, step).
        chance = torch.Generator().manual_seed(o.seed * 7_368_787 + self.step)
        torch.manual_seed(o.seed * 7_368_787 + self.step)
        chosen = self.batches.indices(self.step).to(o.device)
        x = augment.augment(self.photos[chosen], o.smallest_crop, o.colour, chance)
        x, targets = augment.mixup(x, self.labels[chosen], models.CLASSES, o.smoothing, o.mixup, chance)
        self.model.train()
        with torch.autocast(o.device, torch.bfloat16, enabled=o.precision == "bf16"):
            logits = self.model(x)
        loss = torch.nn.functional.cross_entropy(logits.float(), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), o.clip)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.ema.update(self.model)
        self.step += 1
        return loss.item()

    def evaluate(self, model, wanted=None, quick=False):
        photos, labels = self.val
        if wanted and wanted < len(photos):
            some = data.spread(len(photos), wanted)
            photos, labels = photos[some], labels[some]
        bf16 = quick and self.options.precision == "bf16"
        result, _ = evaluate.accuracy(model, photos, labels, device=self.options.device, bf16=bf16)
        return result, len(photos)

    def note(self, phase, lr, losses, speed, result):
        """One row of the curve. Validation is that of the average, on --eval-photos photos, in --precision."""
        row = dict(zip(COLUMNS, [self.step, f"{self.step / self.batches.per_epoch:.3f}", f"{self.minutes:.1f}", phase,
            f"{lr:.3g}", f"{sum(losses) / max(1, len(losses)):.4f}", f"{result['loss']:.4f}", f"{result['top1']:.4f}",
            f"{result['top5']:.4f}", f"{speed:.0f}"]))
        print(" ".join(f"{k}={v}" for k, v in row.items()), flush=True)
        path = self.options.run / "curve.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(row)

    def phase(self, name, share_now, finished):
        """Steps until `finished(minutes, steps)` of this phase; evaluates and saves on the way."""
        o = self.options
        began, before, first = time.monotonic(), self.minutes, self.step
        noted, noted_step, saved, losses = began, self.step, began, []
        spent = lambda: (time.monotonic() - began) / 60
        while not self.stopping and not finished(spent(), self.step - first):
            share = share_now(spent(), self.step - first)
            losses.append(self.train_step(share))
            now = time.monotonic()
            self.minutes = before + spent()
            if self.step - first in (10, 50):
                speed = (self.step - first) * o.batch / (now - began)
                print(f"step {self.step} loss {losses[-1]:.3f} {speed:.0f} photos/s", flush=True)
            if now - noted >= 60 * o.eval_minutes:
                speed = (self.step - noted_step) * o.batch / (now - noted)
                self.note(name, o.lr * share, losses, speed, self.evaluate(self.ema.model, o.eval_photos, quick=True)[0])
                noted, noted_step, losses = time.monotonic(), self.step, []
            if name == "stable" and now - saved >= 60 * o.checkpoint_minutes:
                saved = now
                self.save(o.run / f"stable-{self.step:07}.pt")
                self.save(o.run / "last.pt")
                for old in sorted(o.run.glob("stable-*.pt"))[: -o.keep]:
                    old.unlink()
        if losses:
            speed = (self.step - noted_step) * o.batch / max(1e-9, time.monotonic() - noted)
            self.note(name, o.lr * share, losses, speed, self.evaluate(self.ema.model, o.eval_photos, quick=True)[0])

    def export(self):
        """Evaluates weights and average in f32 on all of validation (--smoke, --export: on --eval-photos), exports the better."""
        quick = self.options.smoke or self.options.export
        results = []
        for name, model in (("average", self.ema.model), ("weights", self.model)):
            result, photos = self.evaluate(model, self.options.eval_photos if quick else None)
            print(f"{name}: {result} on {photos} photos", flush=True)
            results.append((result["top1"], model, result))
        _, model, result = max(results, key=lambda r: r[0])
        o = self.options
        export.write(o.model, o.model_args, model.state_dict(), o.out, result, photos)
        print(f"exported to {self.options.out}", flush=True)


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    if options.device == "cpu":
        # On CPU in bf16 the fused kernel's backward pass is 3 times slower than plain matrix products.
        set_fused_attn(False)
    options.run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(options)
    last = options.start or options.run / "last.pt"
    if last.exists() and not options.smoke:
        trainer.load(last)
    if options.export:
        return trainer.export()
    decaying = options.decay_steps or options.decay_minutes
    if options.smoke or not decaying:
        trainer.phase(
            "stable",
            lambda minutes, steps: schedule.warm_up(trainer.step, options.warm_up),
            lambda minutes, steps: (options.steps is not None and trainer.step >= options.steps)
            or (options.minutes is not None and minutes >= options.minutes),
        )
        trainer.save(options.run / "last.pt")
    if decaying and not trainer.stopping:
        spent = lambda minutes, steps: steps / options.decay_steps if options.decay_steps else minutes / options.decay_minutes
        trainer.phase("decay", lambda *s: schedule.decay(spent(*s), 1.0), lambda *s: spent(*s) >= 1.0)
        trainer.save(options.run / f"decayed-{trainer.step:07}.pt")
        if not trainer.stopping:
            trainer.export()


if __name__ == "__main__":
    main()
