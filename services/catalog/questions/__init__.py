"""Public questions about a need or a flow, and what its author answers."""
