"""What each person wants to be told, where and how often: the matrix, the hours of their letters, and the one click."""
