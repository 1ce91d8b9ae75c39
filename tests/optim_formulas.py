"""The formulas of all optimizers, written out in plain NumPy from the documents and papers.

A formula is a function of the parameter w, the gradient g (clipped, with its sign, and decayed
unless the rule decays by itself), what is remembered s (0 at first), and by name the number t of
the step and the settings. It returns the new w. Nothing of the library is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Vector: TypeAlias = Any
Formula: TypeAlias = Callable[..., Vector]


def sgd(w: Vector, g: Vector, s: Any, *, lr: float, momentum: float, **_: Any) -> Vector:
    """Document 1 and 2: v <- mu v + (1 - mu) g, W <- W - lr v."""
    s["v"] = momentum * s["v"] + (1 - momentum) * g
    return w - lr * s["v"]


def adagrad(w: Vector, g: Vector, s: Any, *, t: int, lr: float, eps: float, **rest: Any) -> Vector:
    """Document 2's table: W <- W - lr / sqrt(G + eps) g."""
    s["G"] = s["G"] + g**2 + (rest["initial_accumulator_value"] if t == 1 else 0)
    return w - lr / np.sqrt(s["G"] + eps) * g


def rmsprop(
    w: Vector, g: Vector, s: Any, *, lr: float, alpha: float, eps: float, **rest: Any
) -> Vector:
    """Document 2's table, with Graves's centring and momentum.

    E[g^2] - E[g]^2 is written as E[(g - E[g])^2], over all gradients and the 0 at the beginning:
    the difference itself would lose digits.
    """
    s["E"] = alpha * s["E"] + (1 - alpha) * g**2
    s["all"] = [*(s["all"] or [np.zeros_like(g)]), g]
    n = len(s["all"]) - 1
    weights = [alpha**n] + [(1 - alpha) * alpha ** (n - i) for i in range(1, n + 1)]
    mean = sum(p * x for p, x in zip(weights, s["all"], strict=True))
    spread = sum(p * (x - mean) ** 2 for p, x in zip(weights, s["all"], strict=True))
    s["v"] = rest["momentum"] * s["v"] + g / np.sqrt((spread if rest["centered"] else s["E"]) + eps)
    return w - lr * s["v"]


def moments(g: Vector, s: Any, betas: tuple[float, float]) -> None:
    """The two averages of Adam's family."""
    beta1, beta2 = betas
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * g**2


def adam(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, betas: Any, eps: float, **_: Any
) -> Vector:
    """Document 2's table."""
    moments(g, s, betas)
    m_hat = s["m"] / (1 - betas[0] ** t)
    v_hat = s["v"] / (1 - betas[1] ** t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


def adamw(w: Vector, g: Vector, s: Any, **settings: Any) -> Vector:
    """Loshchilov and Hutter, algorithm 2, with the schedule multiplier in lr."""
    decay = settings["lr"] * settings["weight_decay"] * w
    return adam(w, g, s, **settings) - decay


def adamax(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, betas: Any, eps: float, **_: Any
) -> Vector:
    """Kingma and Ba, algorithm 2, with eps beside |g|."""
    s["m"] = betas[0] * s["m"] + (1 - betas[0]) * g
    s["u"] = np.maximum(betas[1] * s["u"], np.abs(g) + eps)
    return w - lr / (1 - betas[0] ** t) * s["m"] / s["u"]


def nadam(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, betas: Any, eps: float, **rest: Any
) -> Vector:
    """Dozat, algorithm 8, with the warming momentum."""

    def mu(i: int) -> float:
        decay: float = 0.96 ** (i * rest["momentum_decay"])
        return float(betas[0] * (1 - decay / 2))

    moments(g, s, betas)
    g_hat = g / (1 - math.prod(mu(i) for i in range(1, t + 1)))
    m_hat = s["m"] / (1 - math.prod(mu(i) for i in range(1, t + 2)))
    m_bar = (1 - mu(t)) * g_hat + mu(t + 1) * m_hat
    v_hat = s["v"] / (1 - betas[1] ** t)
    return w - lr * m_bar / (np.sqrt(v_hat) + eps)


def radam(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, betas: Any, eps: float, **_: Any
) -> Vector:
    """Liu and others, algorithm 2, switching at 5 as its authors' code."""
    moments(g, s, betas)
    m_hat = s["m"] / (1 - betas[0] ** t)
    rho_inf = 2 / (1 - betas[1]) - 1
    rho = rho_inf - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    if rho <= 5:
        return w - lr * m_hat
    adaptive = math.sqrt(1 - betas[1] ** t) / (np.sqrt(s["v"]) + eps)
    r = math.sqrt(((rho - 4) * (rho - 2) * rho_inf) / ((rho_inf - 4) * (rho_inf - 2) * rho))
    return w - lr * r * m_hat * adaptive


def adadelta(
    w: Vector, g: Vector, s: Any, *, lr: float, rho: float, eps: float, **_: Any
) -> Vector:
    """Zeiler, algorithm 1."""
    s["g2"] = rho * s["g2"] + (1 - rho) * g**2
    delta = -np.sqrt(s["d2"] + eps) / np.sqrt(s["g2"] + eps) * g
    s["d2"] = rho * s["d2"] + (1 - rho) * delta**2
    return w + lr * delta


def lion(
    w: Vector, g: Vector, s: Any, *, lr: float, betas: Any, weight_decay: float, **_: Any
) -> Vector:
    """Chen and others, algorithm 2."""
    c = betas[0] * s["m"] + (1 - betas[0]) * g
    s["m"] = betas[1] * s["m"] + (1 - betas[1]) * g
    return w - lr * (np.sign(c) + weight_decay * w)


def lamb(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, betas: Any, eps: float, **rest: Any
) -> Vector:
    """You and others, algorithm 2, with phi(z) = z."""
    moments(g, s, betas)
    r = (s["m"] / (1 - betas[0] ** t)) / (np.sqrt(s["v"] / (1 - betas[1] ** t)) + eps)
    u = r + rest["weight_decay"] * w
    norms = np.sqrt((w**2).sum()), np.sqrt((u**2).sum())
    trust = norms[0] / norms[1] if norms[0] > 0 and norms[1] > 0 else 1.0
    return w - lr * trust * u


def rprop(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, etas: Any, step_sizes: Any, **_: Any
) -> Vector:
    """Igel and Huesken, iRprop-, element by element."""
    if t == 1:
        s["size"], s["g"] = np.full(w.shape, lr), np.zeros(w.shape)
    w, g = w.copy(), g.copy()
    for i in range(w.size):
        if g[i] * s["g"][i] > 0:
            s["size"][i] = min(s["size"][i] * etas[1], step_sizes[1])
        elif g[i] * s["g"][i] < 0:
            s["size"][i] = max(s["size"][i] * etas[0], step_sizes[0])
            g[i] = 0
        w[i] -= np.sign(g[i]) * s["size"][i]
    s["g"] = g
    return w


def lbfgs(
    w: Vector, g: Vector, s: Any, *, t: int, lr: float, history_size: int, **_: Any
) -> Vector:
    """Nocedal and Wright, algorithms 7.4 and 7.5, with steps of a fixed length."""
    if t == 1:
        s["pairs"] = []
    else:
        y = g - s["g"]
        if s["step"] @ y > np.finfo(float).eps * (y @ y):
            s["pairs"] = [*s["pairs"], (s["step"], y)][-history_size:]
    q, alphas = g.copy(), []
    for step, y in reversed(s["pairs"]):
        alphas.append((step @ q) / (y @ step))
        q = q - alphas[-1] * y
    r = q
    if s["pairs"]:
        step, y = s["pairs"][-1]
        r = (step @ y) / (y @ y) * q
        length = lr
    else:
        length = lr * min(1.0, 1 / np.abs(g).sum())
    for (step, y), alpha in zip(s["pairs"], reversed(alphas), strict=True):
        r = r + (alpha - (y @ r) / (y @ step)) * step
    s["g"], s["step"] = g, -length * r
    return w + s["step"]
