"""Who could answer: what matching says of a need or a flow while it is written."""
