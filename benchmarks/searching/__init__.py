"""The search for wrong gradients in released libraries: who is searched, and where."""
