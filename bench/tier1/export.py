"""Write the classifier as int8 ONNX: ``python -m bench.tier1.export CHECKPOINT TOKENIZER OUT``.

One premise, padded hypotheses: the graph takes ``premise`` [P], ``hypotheses`` [H, L] and ``mask`` [H, L] and returns
``entailed`` [H], the logit of each hypothesis. Weights are quantised per channel, activations as they come.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import math
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from bench.tier1.model import MASKED, Classifier, Layer
from bench.tier1.train import BACKBONE_SHA256
from judging.providers.embedded import MODEL_FILES

OPSET = 17


class SmallEmbedding(nn.Module):
    """Word vectors as whole numbers from -127 to 127 with one scale per word: a quarter of the size."""

    def __init__(self, words: nn.Embedding) -> None:
        super().__init__()
        scale = words.weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("whole", (words.weight.detach() / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, tokens: Tensor) -> Tensor:
        return functional.embedding(tokens, self.whole).float() * functional.embedding(tokens, self.scale)


class Exported(nn.Module):
    """The classifier for one premise without padding, all tokens in one row: every weight is used once and quantised."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.model = copy.deepcopy(model)
        self.words = SmallEmbedding(model.words)

    def forward(self, premise: Tensor, hypotheses: Tensor, mask: Tensor) -> Tensor:
        length, (count, width) = premise.shape[0], hypotheses.shape
        own_bias = (1.0 - mask.float())[:, None, None, :] * MASKED
        states = self.embedded(premise, hypotheses)
        for at, layer in enumerate(self.model.layers):
            is_last = at == len(self.model.layers) - 1
            states = attend(layer, states, length, (count, width), own_bias, is_last=is_last)
        shares = mask.float()[..., None]
        mean = (states.reshape(count, width, -1) * shares).sum(1) / shares.sum(1)
        return self.model.head(torch.tanh(self.model.pool(mean)))[:, 0]

    def embedded(self, premise: Tensor, hypotheses: Tensor) -> Tensor:
        places = torch.arange(hypotheses.shape[1]).repeat(hypotheses.shape[0])
        places = torch.cat([torch.arange(premise.shape[0]), places])
        kinds = torch.cat([torch.zeros_like(premise), torch.ones_like(hypotheses).reshape(-1)])
        words = self.words(torch.cat([premise, hypotheses.reshape(-1)]))
        return self.model.norm(words + self.model.positions(places) + self.model.types(kinds))


def attend(
    layer: Layer, states: Tensor, length: int, shape: tuple[int, int], own_bias: Tensor, *, is_last: bool
) -> Tensor:
    """One layer over ``length`` tokens of the premise and then the hypotheses'; the last layer needs only the latter."""
    (count, width), size = shape, states.shape[-1] // layer.heads
    key, value = (part(states).reshape(-1, layer.heads, size) for part in (layer.key, layer.value))
    asking = states[length:] if is_last else states
    query = layer.query(asking).reshape(-1, layer.heads, size) * (1.0 / math.sqrt(size))
    premise_key, premise_value = (part[:length].transpose(0, 1) for part in (key, value))  # [heads, P, size]
    own_key, own_value = (
        part[length:].reshape(count, width, layer.heads, size).transpose(1, 2) for part in (key, value)
    )
    asked = query if is_last else query[length:]
    cross = asked.transpose(0, 1) @ premise_key.transpose(1, 2)  # [heads, H * L, P]
    cross = cross.reshape(layer.heads, count, width, -1).transpose(0, 1)
    own = asked.reshape(count, width, layer.heads, size).transpose(1, 2) @ own_key.transpose(2, 3) + own_bias
    weights = torch.cat([cross, own], -1).softmax(-1)
    to_premise = weights[..., :length].transpose(0, 1).reshape(layer.heads, count * width, -1) @ premise_value
    to_own = (weights[..., length:] @ own_value).transpose(1, 2).reshape(count * width, -1)
    attended = to_premise.transpose(0, 1).reshape(count * width, -1) + to_own
    if not is_last:
        inside = (query[:length].transpose(0, 1) @ premise_key.transpose(1, 2)).softmax(-1) @ premise_value
        attended = torch.cat([inside.transpose(0, 1).reshape(length, -1), attended])
    asking = layer.norm_1(asking + layer.mixed(attended))
    return layer.norm_2(asking + layer.narrow(functional.gelu(layer.wide(asking))))


def load(checkpoint: Path) -> Classifier:
    model = Classifier(dropout=0.0)
    model.load_state_dict(load_file(checkpoint))
    return model.eval()


def write_onnx(model: Classifier, path: Path) -> None:
    premise, hypotheses = torch.randint(5, 999, (40,)), torch.randint(5, 999, (3, 12))
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(model),
            (premise, hypotheses, torch.ones_like(hypotheses)),
            str(path),
            input_names=["premise", "hypotheses", "mask"],
            output_names=["entailed"],
            dynamic_axes={
                "premise": {0: "premise_tokens"},
                "hypotheses": {0: "count", 1: "tokens"},
                "mask": {0: "count", 1: "tokens"},
                "entailed": {0: "count"},
            },
            opset_version=OPSET,
            dynamo=False,
        )
    onnx.checker.check_model(str(path))


def quantised(path: Path, out: Path) -> None:
    quantize_dynamic(
        str(path), str(out), per_channel=True, weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--training", type=Path, help="JSON for the manifest: stages, seeds, hashes of data and examples"
    )
    parser.add_argument("--full", type=Path, help="folder for the same model in full precision, to compare with")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        full = args.full or Path(scratch)
        for folder in (args.out, full):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "tokenizer.json").write_bytes(tokenizer_bytes(args.tokenizer))
        write_onnx(load(args.checkpoint), full / "model.onnx")
        quantised(full / "model.onnx", args.out / "model.onnx")
    training = json.loads(args.training.read_text()) if args.training else {}
    (args.out / "manifest.json").write_text(json.dumps(manifest(args.out, training), indent=1) + "\n")
    print((args.out / "model.onnx").stat().st_size, "bytes")


def manifest(folder: Path, training: dict[str, object]) -> dict[str, object]:
    """The manifest before anything was measured: nothing may be decided. ``bench.tier1 --write`` enters the rest."""
    return {
        "name": "mirror-acts-minilm-l6-int8",
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in MODEL_FILES},
        "temperature": 1.0,
        "uses": {},
        "backbone": {"name": "all-MiniLM-L6-v2", "licence": "Apache-2.0", "sha256": BACKBONE_SHA256},
        "training": training,
    }


def tokenizer_bytes(path: Path) -> bytes:
    """The tokenizer without its own cutting and padding, in one line."""
    found = json.loads(path.read_text())
    found["truncation"] = found["padding"] = None
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    main()
