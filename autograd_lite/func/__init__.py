"""Transforms of functions: gradients, products with derivatives, Jacobians, recomputing."""
