"""What a process tells of itself to whoever runs it: is it alive, how much, how fast, what led to what."""
