"""Makes what the engines of the bench load: one model as safetensors (for Vitrine) and as ONNX (for onnxruntime-web).

    python models.py MODEL FOLDER [--weights FOLDER]

MODEL is deit_tiny, vit_small or swin_tiny. FOLDER gets model.safetensors and config.json in timm's hub layout,
f32.onnx, and int8.onnx (dynamically quantized). The weights are random, the same each time, unless a folder
with model.safetensors and config.json is given. `cargo xtask bench` calls this once a model.
"""

import argparse
import logging
import shutil
import warnings
import zlib
from pathlib import Path

import onnx
import safetensors.torch
import timm
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from timm.models import save_for_hf

ARCHITECTURES = {
    "deit_tiny": "deit_tiny_patch16_224",
    "vit_small": "vit_small_patch16_224",
    "swin_tiny": "swin_tiny_patch4_window7_224",
}


def randomize(model):
    """Gives every parameter a value of its own from its name, so that no part of the model could be left out unseen."""
    for key, parameter in model.named_parameters():
        generator = torch.Generator().manual_seed(zlib.crc32(key.encode()))
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.ndim > 1 and key.endswith("weight"):
            value = noise / parameter[0].numel() ** 0.5
        elif "norm" in key and key.endswith("weight"):
            value = 1 + 0.1 * noise
        else:
            value = 0.1 * noise
        parameter.data.copy_(value)


def build(name, weights):
    """The model, with attention as plain products, which is what an exporter can write down."""
    timm.layers.set_fused_attn(False)
    model = timm.create_model(ARCHITECTURES[name]).eval()
    if weights:
        model.load_state_dict(safetensors.torch.load_file(weights / "model.safetensors"))
    else:
        randomize(model)
    return model


def export(model, path):
    """One photo at a time, which lets onnxruntime fold every shape into a constant."""
    photo = torch.zeros(1, *model.default_cfg["input_size"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shapes that are constants, and of the exporter's age
        torch.onnx.export(
            model, (photo,), path, opset_version=17, dynamo=False, input_names=["input"], output_names=["logits"]
        )
    onnx.checker.check_model(str(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=ARCHITECTURES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    args = parser.parse_args()

    logging.disable(logging.WARNING)  # the quantizer remarks on each shape that it does not know
    torch.set_grad_enabled(False)
    args.folder.mkdir(parents=True, exist_ok=True)
    model = build(args.model, args.weights)
    if args.weights:
        for name in ("model.safetensors", "config.json"):
            shutil.copyfile(args.weights / name, args.folder / name)
    else:
        config = {"pretrained_cfg": {"tag": "random"}}
        save_for_hf(model, args.folder, model_config=config, safe_serialization=True)
    export(model, args.folder / "f32.onnx")
    quantize_dynamic(args.folder / "f32.onnx", args.folder / "int8.onnx", weight_type=QuantType.QInt8)


if __name__ == "__main__":
    main()
