"""Training: `fit`, a loop to read in a screenful, and what it calls."""

from autograd_lite.training.callback import Callback as Callback
from autograd_lite.training.history import History as History
from autograd_lite.training.logs import CSVLogger as CSVLogger
from autograd_lite.training.logs import TensorBoardLogger as TensorBoardLogger
from autograd_lite.training.loop import fit as fit
from autograd_lite.training.run import Run as Run
from autograd_lite.training.stopping import EarlyStopping as EarlyStopping
