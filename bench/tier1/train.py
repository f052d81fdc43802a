"""Train the classifier: fixed seeds and step counts, on whatever device there is.

Two stages: ``main`` at one learning rate, as long as there is time for, then ``cool`` down to zero. Each takes a
checkpoint, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import pickle
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

from bench.tier1.batches import Batch, Encoder, batches
from bench.tier1.model import Classifier, load_bert

BACKBONE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SMOOTHING = 0.01
CONTRADICTION_SHARE = 0.3


@dataclass(frozen=True)
class Stage:
    """``mixture``: each source's share of the examples. The rate rises over ``warmup`` steps, then falls to ``end``."""

    mixture: dict[str, float]
    peak: float
    end: float
    warmup: int


MIXTURE = {
    "acts": 0.57, "sgd_turns": 0.13, "sgd_acts": 0.06, "sgd_state": 0.06, "sgd_claims": 0.02, "snli": 0.05,
    "cad-nli": 0.05, "conjnli-auto": 0.04, "disfl-qa": 0.01, "ci-tod": 0.005, "begin": 0.001, "faithdial_audit": 0.001,
}  # fmt: skip
STAGES = {
    "main": Stage(MIXTURE, peak=1.2e-4, end=1.2e-4, warmup=100),
    "cool": Stage(MIXTURE, peak=1.2e-4, end=0.0, warmup=20),
}  # fmt: skip


def rate(step: int, steps: int, stage: Stage) -> float:
    """The learning rate: linear rise, then a cosine down to the stage's end."""
    if step < stage.warmup:
        return stage.peak * (step + 1) / stage.warmup
    done = (step - stage.warmup) / max(1, steps - stage.warmup)
    return stage.end + (stage.peak - stage.end) * (1 + math.cos(math.pi * done)) / 2


def loss_of(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross entropy of both questions, each over the cells that have an answer."""
    total = torch.zeros((), device=logits.device)
    for at, (labels, weight) in enumerate(((batch.entailed, 1.0), (batch.contradicted, CONTRADICTION_SHARE))):
        asked = labels >= 0
        if asked.any():
            soft = labels[asked] * (1 - 2 * SMOOTHING) + SMOOTHING
            total = total + weight * functional.binary_cross_entropy_with_logits(logits[..., at][asked].float(), soft)
    return total


def moved(batch: Batch, device: str) -> Batch:
    return Batch(**{name: value.to(device) for name, value in vars(batch).items()})


def backbone(folder: Path) -> Classifier:
    """The model with the backbone's weights, whose hash is checked."""
    path = folder / "model.safetensors"
    if hashlib.sha256(path.read_bytes()).hexdigest() != BACKBONE_SHA256:
        raise SystemExit(f"{path} is not the backbone of this recipe")
    model = Classifier(dropout=0.0)  # each example is seen about once: nothing to learn by heart
    load_bert(model, load_file(path))
    return model


def groups(model: Classifier) -> list[dict[str, object]]:
    """Weights decay, biases and norms do not; word vectors stay as they are (few words are seen here)."""
    model.words.weight.requires_grad_(False)
    named = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    bare = [value for name, value in named if value.ndim < 2]
    return [
        {"params": [value for _, value in named if value.ndim >= 2], "weight_decay": 0.01},
        {"params": bare, "weight_decay": 0.0},
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True, help="written by bench.tier1.build")
    parser.add_argument("--backbone", type=Path, required=True, help="folder with model.safetensors and tokenizer.json")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--stage", choices=sorted(STAGES), required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peak", type=float, help="another highest rate, to go on with a stage that was cut off")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    train(args)


def train(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    stage = STAGES[args.stage] if args.peak is None else replace(STAGES[args.stage], peak=args.peak)
    model = backbone(args.backbone)
    if args.start:
        model.load_state_dict(load_file(args.start))
    model.to(device).train()
    optimizer = torch.optim.AdamW(groups(model), lr=stage.peak, betas=(0.9, 0.98), fused=True)
    examples = [example for example in pickle.loads(args.examples.read_bytes()) if example.split == "train"]
    encoder = Encoder(args.backbone / "tokenizer.json")
    source = batches(examples, stage.mixture, encoder, args.seed)
    started, pairs, recent = time.monotonic(), 0, 0.0
    for step in range(args.steps):
        batch = moved(next(source), device)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, args.steps, stage)
        with torch.autocast(device, torch.bfloat16):
            logits = model(batch.premise, batch.hypotheses, batch.premise_mask, batch.hypotheses_mask)
        loss = loss_of(logits, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        pairs += int((batch.entailed >= 0).sum())
        recent = 0.98 * recent + 0.02 * float(loss.detach())
        if step % 10 == 9:
            shown = recent / (1 - 0.98 ** (step + 1))
            print(f"{step + 1} loss {shown:.4f} pairs {pairs} s {time.monotonic() - started:.0f}", flush=True)
        if step % 100 == 99:
            save(model, args, pairs)
    save(model, args, pairs)


def save(model: Classifier, args: argparse.Namespace, pairs: int) -> None:
    args.out.parent.mkdir(parents=True, exist_ok=True)
    part = args.out.with_suffix(".part")
    save_file({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}, part)
    part.replace(args.out)
    about = {"stage": args.stage, "steps": args.steps, "seed": args.seed, "pairs": pairs, **asdict(STAGES[args.stage])}
    args.out.with_suffix(".json").write_text(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
