"""Neural networks: modules, layers, losses and initialisers."""

if __name__ == "nn":
    # In a checkout `import nn` gives autograd_lite.nn itself, not a copy of every class.
    import sys

    import autograd_lite.nn as package  # and its modules, which the face below imports

    sys.modules.update(
        (name.removeprefix("autograd_lite."), module)
        for name, module in list(sys.modules.items())
        if name.startswith(package.__name__)
    )

from . import functional as functional
from . import init as init
from .activation import ELU as ELU
from .activation import GELU as GELU
from .activation import SELU as SELU
from .activation import Hardtanh as Hardtanh
from .activation import LeakyReLU as LeakyReLU
from .activation import ReLU as ReLU
from .activation import Sigmoid as Sigmoid
from .activation import SiLU as SiLU
from .activation import Softplus as Softplus
from .activation import Tanh as Tanh
from .checks import check_finite as check_finite
from .container import Sequential as Sequential
from .conv import Conv1d as Conv1d
from .conv import Conv2d as Conv2d
from .conv import Conv3d as Conv3d
from .conv_transpose import ConvTranspose1d as ConvTranspose1d
from .conv_transpose import ConvTranspose2d as ConvTranspose2d
from .conv_transpose import ConvTranspose3d as ConvTranspose3d
from .dropout import Dropout as Dropout
from .embedding import Embedding as Embedding
from .linear import Bilinear as Bilinear
from .linear import Linear as Linear
from .loss import Loss as Loss
from .loss_binary import BCELoss as BCELoss
from .loss_binary import BCEWithLogitsLoss as BCEWithLogitsLoss
from .loss_classes import NLLLoss as NLLLoss
from .loss_classes import SoftmaxCrossEntropyLoss as SoftmaxCrossEntropyLoss
from .loss_probabilities import BrierLoss as BrierLoss
from .loss_probabilities import CrossEntropyLoss as CrossEntropyLoss
from .loss_probabilities import KLDivLoss as KLDivLoss
from .loss_regression import HuberLoss as HuberLoss
from .loss_regression import L1Loss as L1Loss
from .loss_regression import MSELoss as MSELoss
from .module import Module as Module
from .normalization import BatchNorm1d as BatchNorm1d
from .normalization import BatchNorm2d as BatchNorm2d
from .normalization import BatchNorm3d as BatchNorm3d
from .normalization import LayerNorm as LayerNorm
from .parameter import Parameter as Parameter
from .pool import AvgPool1d as AvgPool1d
from .pool import AvgPool2d as AvgPool2d
from .pool import AvgPool3d as AvgPool3d
from .pool import MaxPool1d as MaxPool1d
from .pool import MaxPool2d as MaxPool2d
from .pool import MaxPool3d as MaxPool3d
from .pool_adaptive import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from .pool_adaptive import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from .pool_adaptive import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from .pool_adaptive import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from .pool_adaptive import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from .pool_adaptive import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from .shape import Flatten as Flatten
from .shape import Identity as Identity
from .softmax import LogSoftmax as LogSoftmax
from .softmax import Softmax as Softmax
