"""Why an organisation got a demand: what became of its match, and when it was asked by which rule."""
