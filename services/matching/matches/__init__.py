"""The stored result: who fits whom and why, its history, its events and its pages."""
