"""What a module shows of itself."""

from __future__ import annotations

from typing import Any

from .outline import as_html, as_text
from .summary import Summary, summarize


class Shown:
    """What every module shows of itself: as text, in a notebook, and run once on an input."""

    def summary(self, *inputs: Any, **settings: Any) -> Summary:
        """Run the module once on an input, and tell what each layer gives, holds and costs.

        It runs as in evaluation mode, without recording. Afterwards the module is as it was: its
        attributes, modes, buffers and random generators, and the library's own generator.

        Each layer has a line for what is its own, and not that of layers inside, so the columns add
        up. A parameter that layers share is counted at the first. A `Linear` and the activation
        behind it, which run as one op otherwise, are run one after another. Operations on numbers
        are counted by a rule for each kind of op, whatever module it runs in: 2 m n k for a product
        of matrices; `nn.flops.flops` lists them. Ops on plain arrays, without a tensor, are not
        seen.

        Args:
            *inputs: what the module is called with: arrays or tensors.
            **settings: the same, by name.

        Returns:
            The rows and the totals, which print as a table.

        Raises:
            TypeError: when a shape is given in place of an array.

        Example:
            >>> import numpy as np
            >>> from autograd_lite import nn
            >>> model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
            >>> model.summary(np.zeros((32, 784), np.float32))
            layer                  output     parameters   FLOPs  results
            -------------------------------------------------------------
            Sequential()           (32, 10)            -       -        -
              0: Linear(784, 256)  (32, 256)     200,960  12.9 M  32.8 kB
              1: ReLU()            (32, 256)           -  8.19 k  32.8 kB
              2: Linear(256, 10)   (32, 10)        2,570   164 k  1.28 kB
            -------------------------------------------------------------
            total                                203,530  13.0 M  66.8 kB
            parameters: 203,530 trainable, none frozen, 814 kB
        """
        module: Any = self
        return summarize(module, inputs, settings)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)
