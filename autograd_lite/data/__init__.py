"""Data: batches of arrays, one-hot labels, and Fashion-MNIST."""

from autograd_lite.data.fashion import FASHION_MNIST_LABELS as FASHION_MNIST_LABELS
from autograd_lite.data.fashion import fashion_mnist as fashion_mnist
from autograd_lite.data.idx import read_idx as read_idx
from autograd_lite.data.labels import one_hot as one_hot
from autograd_lite.data.loader import DataLoader as DataLoader
from autograd_lite.data.loader import TensorDataset as TensorDataset
