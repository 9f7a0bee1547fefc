"""Draws the curve of a run: python train/plot.py train/curves/vit.csv train/curves/vit.png"""

import csv
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    source, picture = sys.argv[1:]
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    epochs = [float(row["epoch"]) for row in rows]
    figure, (losses, accuracies) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for column, label in (("train_loss", "training (augmented, smoothed labels)"), ("val_loss", "validation")):
        losses.plot(epochs, [float(row[column]) for row in rows], ".-", label=label)
    for column, label in (("val_top5", "top-5"), ("val_top1", "top-1")):
        accuracies.plot(epochs, [100 * float(row[column]) for row in rows], ".-", label=label)
    # A row ends what it reports: a decay began where the row before its first one ended.
    decaying = [(epochs[max(0, i - 1)], epochs[i]) for i, row in enumerate(rows) if row["phase"] == "decay"]
    for axes, title in ((losses, "cross-entropy"), (accuracies, "accuracy of the average, % (decay shaded)")):
        axes.set(title=title, xlabel="epoch")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        for span in decaying:
            axes.axvspan(*span, alpha=0.12, linewidth=0)
    figure.savefig(picture, dpi=100)


if __name__ == "__main__":
    main()
