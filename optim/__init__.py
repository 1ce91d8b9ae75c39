"""Optimizers: rules that update parameters from their gradients."""

if __name__ == "optim":
    # In a checkout `import optim` gives autograd_lite.optim itself, not a copy of every class.
    import sys

    import autograd_lite.optim as package  # and its modules, which the face below imports

    sys.modules.update(
        (name.removeprefix("autograd_lite."), module)
        for name, module in list(sys.modules.items())
        if name.startswith(package.__name__)
    )

from .adadelta import AdaDelta as AdaDelta
from .adagrad import AdaGrad as AdaGrad
from .adam import Adam as Adam
from .adam import AdamW as AdamW
from .adamax import Adamax as Adamax
from .average import ExponentialMovingAverage as ExponentialMovingAverage
from .clip import clip_grad_norm_ as clip_grad_norm_
from .clip import clip_grad_value_ as clip_grad_value_
from .lamb import LAMB as LAMB
from .lbfgs import LBFGS as LBFGS
from .lion import Lion as Lion
from .nadam import NAdam as NAdam
from .optimizer import Optimizer as Optimizer
from .radam import RAdam as RAdam
from .rmsprop import RMSProp as RMSProp
from .rprop import Rprop as Rprop
from .schedule import LRScheduler as LRScheduler
from .schedule_combined import ChainedScheduler as ChainedScheduler
from .schedule_combined import SequentialLR as SequentialLR
from .schedule_cosine import CosineAnnealingLR as CosineAnnealingLR
from .schedule_cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .schedule_cosine import OneCycleLR as OneCycleLR
from .schedule_decay import ExponentialLR as ExponentialLR
from .schedule_decay import LambdaLR as LambdaLR
from .schedule_decay import LinearLR as LinearLR
from .schedule_decay import MultiStepLR as MultiStepLR
from .schedule_decay import PolynomialLR as PolynomialLR
from .schedule_decay import StepLR as StepLR
from .schedule_plateau import ReduceLROnPlateau as ReduceLROnPlateau
from .sgd import SGD as SGD
