"""The heads of text encoders, by the name of the class in the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.engine.architecture.readers.fields import Fields

_LABELS: Final = 2  # a classifier's classes where the config names none

Head = Literal["pooler", "none", "masked", "pretraining", "classes", "tokens", "span", "choice"]

_HEADS: Final[tuple[tuple[str, Head], ...]] = (
    ("ForMaskedLM", "masked"),
    ("ForCausalLM", "masked"),
    ("LMHeadModel", "masked"),
    ("ForPreTraining", "pretraining"),
    ("ForSequenceClassification", "classes"),
    ("ForTokenClassification", "tokens"),
    ("ForQuestionAnswering", "span"),
    ("ForMultipleChoice", "choice"),
)


@dataclass(frozen=True, slots=True)
class Style:
    """What an encoder's code does that its config doesn't say.

    ``pools``: the bare model ends in a pooler; ``pools_class``: so does a classifier. ``wide_class``: a classifier is two
    matrices.
    ``types``: token types are embedded where the config is silent. ``offset``: position rows beyond what the config counts.
    """

    pools: bool = True
    pools_class: bool = True
    wide_class: bool = False
    types: int = 2
    positions: bool = True
    gated: bool = False
    bias: bool = True
    mlp_bias_in: bool = True
    mlp_bias_out: bool = True
    masked_bias: bool = True


def head_of(fields: Fields) -> Head:
    """Which head the class named in the config has."""
    names = fields.items("architectures")
    name = names[0] if names and isinstance(names[0], str) else ""
    return next((head for ending, head in _HEADS if name.endswith(ending)), "pooler")


def labels(fields: Fields) -> int:
    """Classes of a classifier."""
    named = fields.raw("id2label")
    return fields.size("num_labels", len(named) if isinstance(named, dict) and named else _LABELS)


def ends_of(fields: Fields, style: Style, hidden: int) -> tuple[Piece, ...]:
    """What follows the layers."""
    head, vocab = head_of(fields), fields.size("vocab_size")
    pooler = (square(hidden, "pooler", once=True),)
    masked = (
        square(hidden, "masked.dense"),
        Vector(name="masked.norm", params=2 * hidden),
        Vector(name="masked.bias", params=vocab if style.masked_bias else 0),
        *_untied(fields, hidden),
    )
    match head:
        case "pooler":
            return pooler if style.pools else ()
        case "masked":
            return masked
        case "pretraining":
            return (*pooler, *masked, Linear(name="next_sentence", rows_in=hidden, cols_out=2, runs="once"))
        case "classes" if style.wide_class:
            return (square(hidden, "classifier.dense", once=True), *classifier(fields, hidden))
        case "classes" | "choice":
            return (*(pooler if style.pools_class else ()), *classifier(fields, hidden))
        case _:
            return classifier(fields, hidden)


def deberta_ends(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    """What follows DeBERTa's layers."""
    match head_of(fields):
        case "masked":
            norm = Vector(name="masked.norm", params=2 * hidden)
            return (square(hidden, "masked.dense"), norm, Vector(name="masked.bias", params=fields.size("vocab_size")))
        case "classes":
            wide = fields.size("pooler_hidden_size", hidden)
            return (Linear(name="pooler", rows_in=wide, cols_out=wide, runs="once"), *classifier(fields, wide))
        case "tokens" | "span":
            return classifier(fields, hidden)
        case _:
            return ()


def _untied(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    if fields.flag("tie_word_embeddings", default=True):
        return ()
    return (Linear(name="masked.head", rows_in=hidden, cols_out=fields.size("vocab_size"), bias=False),)


def classifier(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    """One matrix to the classes."""
    classes = {"span": 2, "choice": 1}.get(head_of(fields), labels(fields))
    return (Linear(name="classifier", rows_in=hidden, cols_out=classes, runs="once"),)


def square(hidden: int, name: str, once: bool = False) -> Linear:
    """A matrix as wide as the stream."""
    return Linear(name=name, rows_in=hidden, cols_out=hidden, runs="once" if once else "token")
