"""Models as ONNX files, which other runtimes execute without this library or Python."""

from autograd_lite.onnx.export import to_onnx as to_onnx
