"""What the checkers of gradients are given: functions, wrong gradients of them, and adapters."""
