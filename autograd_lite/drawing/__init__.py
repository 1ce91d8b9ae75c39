"""Pictures of recorded graphs."""

from autograd_lite.drawing.drawing import Drawing as Drawing
from autograd_lite.drawing.drawing import draw_graph as draw_graph
