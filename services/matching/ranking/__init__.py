"""Who fits whom and how well: pure functions over two sides, no I/O, no clock."""
