"""The classifier: one premise, many hypotheses, one pass.

A small BERT in which the premise is read once, by itself, and every hypothesis reads itself and the premise. The
premise never sees a hypothesis, so its keys and values serve all of them: one more rule costs the tokens of its
sentence, not another reading of the turn, and the score of a rule does not depend on the rules beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MASKED = -1e4  # fits half precision


@dataclass(frozen=True)
class Shape:
    """Sizes of the backbone (those of MiniLM-L6)."""

    vocab: int = 30_522
    positions: int = 512
    width: int = 384
    heads: int = 12
    layers: int = 6
    inner: int = 1_536
    epsilon: float = 1e-12


class Layer(nn.Module):
    """One transformer layer over the premise and the hypotheses."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query, self.key, self.value, self.mixed = (nn.Linear(shape.width, shape.width) for _ in range(4))
        self.norm_1 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.wide = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.norm_2 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.dropout = nn.Dropout(dropout)

    def split(self, states: Tensor) -> Tensor:
        """[..., tokens, width] to [..., heads, tokens, width / heads]."""
        return states.reshape(*states.shape[:-1], self.heads, -1).transpose(-2, -3)

    def rest(self, states: Tensor, attended: Tensor) -> Tensor:
        """What follows attention."""
        states = self.norm_1(states + self.dropout(self.mixed(attended.transpose(-2, -3).flatten(-2))))
        return self.norm_2(states + self.dropout(self.narrow(functional.gelu(self.wide(states)))))

    def forward(
        self, premise: Tensor, hypotheses: Tensor, premise_bias: Tensor, own_bias: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``premise`` [B, P, W], ``hypotheses`` [B, K, L, W]; biases 0 or ``MASKED``: [B, 1, 1, P], [B, K, 1, 1, L]."""
        scale = 1.0 / math.sqrt(premise.shape[-1] // self.heads)
        key, value = self.split(self.key(premise)), self.split(self.value(premise))  # [B, H, P, D]
        scores = (self.split(self.query(premise)) * scale) @ key.transpose(-1, -2) + premise_bias
        new_premise = self.rest(premise, scores.softmax(-1) @ value)

        own_query, own_key, own_value = (
            self.split(part(hypotheses)) for part in (self.query, self.key, self.value)
        )  # [B, K, H, L, D]
        own_query = own_query * scale
        own = own_query @ own_key.transpose(-1, -2) + own_bias  # [B, K, H, L, L]
        batch, count, heads, tokens, size = own_query.shape
        # All hypotheses ask the premise at once: [B, H, K * L, D].
        asked = own_query.transpose(1, 2).reshape(batch, heads, count * tokens, size)
        cross = asked @ key.transpose(-1, -2) + premise_bias
        cross = cross.reshape(batch, heads, count, tokens, -1).transpose(1, 2)  # [B, K, H, L, P]
        weights = torch.cat([cross, own], -1).softmax(-1)
        to_premise, to_own = weights[..., : key.shape[2]], weights[..., key.shape[2] :]
        from_premise = to_premise.transpose(1, 2).reshape(batch, heads, count * tokens, -1) @ value
        from_premise = from_premise.reshape(batch, heads, count, tokens, size).transpose(1, 2)
        attended = from_premise + to_own @ own_value
        return new_premise, self.rest(hypotheses, attended)


class Classifier(nn.Module):
    """Two logits per hypothesis: that it follows from the premise, and that it is contradicted by it."""

    def __init__(self, shape: Shape | None = None, dropout: float = 0.1) -> None:
        super().__init__()
        shape = shape or Shape()
        self.shape = shape
        self.words = nn.Embedding(shape.vocab, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.types = nn.Embedding(2, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.pool = nn.Linear(shape.width, shape.width)
        self.head = nn.Linear(shape.width, 2)
        self.dropout = nn.Dropout(dropout)

    def embed(self, tokens: Tensor, kind: int) -> Tensor:
        places = torch.arange(tokens.shape[-1], device=tokens.device)
        return self.dropout(self.norm(self.words(tokens) + self.positions(places) + self.types.weight[kind]))

    def forward(self, premise: Tensor, hypotheses: Tensor, premise_mask: Tensor, hypotheses_mask: Tensor) -> Tensor:
        """Token ids [B, P] and [B, K, L] with masks of the same shape (1 = a token); returns [B, K, 2]."""
        premise_bias = (1.0 - premise_mask.to(self.norm.weight.dtype))[:, None, None, :] * MASKED
        own_bias = (1.0 - hypotheses_mask.to(self.norm.weight.dtype))[:, :, None, None, :] * MASKED
        first, second = self.embed(premise, 0), self.embed(hypotheses, 1)
        for layer in self.layers:
            first, second = layer(first, second, premise_bias, own_bias)
        # The backbone was trained to speak through the mean of its tokens.
        shares = hypotheses_mask.to(second.dtype)[..., None]
        mean = (second * shares).sum(2) / shares.sum(2).clamp(min=1)
        return self.head(self.dropout(torch.tanh(self.pool(mean))))


def load_bert(model: Classifier, state: dict[str, Tensor]) -> None:
    """Take over a BERT checkpoint's weights, its pooler too; only the head stays new."""
    names = {
        "attention.self.query": "query",
        "attention.self.key": "key",
        "attention.self.value": "value",
        "attention.output.dense": "mixed",
        "attention.output.LayerNorm": "norm_1",
        "intermediate.dense": "wide",
        "output.dense": "narrow",
        "output.LayerNorm": "norm_2",
    }
    found = {
        "words.weight": state["embeddings.word_embeddings.weight"],
        "positions.weight": state["embeddings.position_embeddings.weight"],
        "types.weight": state["embeddings.token_type_embeddings.weight"],
        "norm.weight": state["embeddings.LayerNorm.weight"],
        "norm.bias": state["embeddings.LayerNorm.bias"],
        "pool.weight": state["pooler.dense.weight"],
        "pool.bias": state["pooler.dense.bias"],
    }
    for at in range(model.shape.layers):
        for theirs, ours in names.items():
            for part in ("weight", "bias"):
                found[f"layers.{at}.{ours}.{part}"] = state[f"encoder.layer.{at}.{theirs}.{part}"]
    missing, unexpected = model.load_state_dict(found, strict=False)
    if unexpected or set(missing) != {"head.weight", "head.bias"}:
        raise ValueError(f"the checkpoint does not fit: missing {missing}, unexpected {unexpected}")
