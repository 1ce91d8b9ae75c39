"""Files: states are saved whole or not at all, and loaded without trust in the file."""

from autograd_lite.saving.checkpoint import Checkpoint as Checkpoint
from autograd_lite.saving.checkpoint import Progress as Progress
from autograd_lite.saving.errors import LoadError as LoadError
from autograd_lite.saving.files import load as load
from autograd_lite.saving.files import save as save
